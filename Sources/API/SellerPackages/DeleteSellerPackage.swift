/// Request of DeleteSellerPackage.
package struct DeleteSellerPackageRequest: Message {
  package static var name: String { "packd.v1.DeleteSellerPackageRequest" }

  package var id: Int64 = 0
  package var etag = ""
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): id = try reader.int64()
      case .length(2): etag = try reader.string()
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, id)
    sink.string(2, etag)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of DeleteSellerPackage.
package struct DeleteSellerPackageResponse: Message {
  package static var name: String { "packd.v1.DeleteSellerPackageResponse" }

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      try reader.skip(tag)
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {}
}
