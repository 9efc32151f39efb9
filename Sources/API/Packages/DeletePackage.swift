/// Request of DeletePackage.
package struct DeletePackageRequest: Message {
  package static var name: String { "packd.v1.DeletePackageRequest" }

  package var id = ""
  package var etag = ""
  package var force = false
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      case .length(2): etag = try reader.string()
      case .varint(3): force = try reader.bool()
      case .length(4): requestID = try reader.string()
      case .varint(5): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
    sink.string(2, etag)
    sink.bool(3, force)
    sink.string(4, requestID)
    sink.bool(5, validateOnly)
  }
}

/// Response of DeletePackage.
package struct DeletePackageResponse: Message {
  package static var name: String { "packd.v1.DeletePackageResponse" }

  package var hostingPackage: HostingPackage?

  package init() {}

  package init(hostingPackage: HostingPackage?) {
    self.hostingPackage = hostingPackage
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &hostingPackage)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, hostingPackage)
  }
}
