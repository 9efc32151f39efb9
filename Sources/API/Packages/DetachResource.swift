/// Request of DetachResource.
package struct DetachResourceRequest: Message {
  package static var name: String { "packd.v1.DetachResourceRequest" }

  package var packageID = ""
  package var resourceID = ""
  package var etag = ""
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): resourceID = try reader.string()
      case .length(3): etag = try reader.string()
      case .length(4): requestID = try reader.string()
      case .varint(5): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.string(2, resourceID)
    sink.string(3, etag)
    sink.string(4, requestID)
    sink.bool(5, validateOnly)
  }
}

/// Response of DetachResource.
package struct DetachResourceResponse: Message {
  package static var name: String { "packd.v1.DetachResourceResponse" }

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      try reader.skip(tag)
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {}
}
