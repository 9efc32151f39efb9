/// Request of ListMyPackages.
package struct ListMyPackagesRequest: Message {
  package static var name: String { "packd.v1.ListMyPackagesRequest" }

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

/// Response of ListMyPackages.
package struct ListMyPackagesResponse: Message {
  package static var name: String { "packd.v1.ListMyPackagesResponse" }

  package var purchases: [Purchase] = []
  package var nextPageToken = ""

  package init() {}

  package init(purchases: [Purchase], nextPageToken: String = "") {
    self.purchases = purchases
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &purchases)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, purchases)
    sink.string(2, nextPageToken)
  }
}
