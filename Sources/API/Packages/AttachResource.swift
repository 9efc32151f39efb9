/// Request of AttachResource.
package struct AttachResourceRequest: Message {
  package static var name: String { "packd.v1.AttachResourceRequest" }

  package var packageID = ""
  package var resource: PackageResource?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(into: &resource)
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.message(2, resource)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of AttachResource.
package struct AttachResourceResponse: Message {
  package static var name: String { "packd.v1.AttachResourceResponse" }

  package var resource: PackageResource?

  package init() {}

  package init(resource: PackageResource?) {
    self.resource = resource
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &resource)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, resource)
  }
}
