/// Request of ListPackageTypes.
package struct ListPackageTypesRequest: Message {
  package static var name: String { "packd.v1.ListPackageTypesRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
  }
}

/// Response of ListPackageTypes.
package struct ListPackageTypesResponse: Message {
  package static var name: String { "packd.v1.ListPackageTypesResponse" }

  package var packageTypes: [Plan] = []
  package var nextPageToken = ""

  package init() {}

  package init(packageTypes: [Plan], nextPageToken: String = "") {
    self.packageTypes = packageTypes
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &packageTypes)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, packageTypes)
    sink.string(2, nextPageToken)
  }
}
