/// Request of UndeletePackage.
package struct UndeletePackageRequest: Message {
  package static var name: String { "packd.v1.UndeletePackageRequest" }

  package var id = ""
  package var etag = ""
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      case .length(2): etag = try reader.string()
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
    sink.string(2, etag)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of UndeletePackage.
package struct UndeletePackageResponse: Message {
  package static var name: String { "packd.v1.UndeletePackageResponse" }

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
