/// Request of ListResources.
package struct ListResourcesRequest: Message {
  package static var name: String { "packd.v1.ListResourcesRequest" }

  package var packageID = ""
  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var kind = ResourceKind.unspecified

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .varint(2): pageSize = try reader.int32()
      case .length(3): pageToken = try reader.string()
      case .varint(4): kind = try reader.enumeration()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.int32(2, pageSize)
    sink.string(3, pageToken)
    sink.enumeration(4, kind)
  }
}

/// Response of ListResources.
package struct ListResourcesResponse: Message {
  package static var name: String { "packd.v1.ListResourcesResponse" }

  package var resources: [PackageResource] = []
  package var nextPageToken = ""

  package init() {}

  package init(resources: [PackageResource], nextPageToken: String = "") {
    self.resources = resources
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &resources)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, resources)
    sink.string(2, nextPageToken)
  }
}
