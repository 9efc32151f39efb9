/// Request of GetPackage.
package struct GetPackageRequest: Message {
  package static var name: String { "packd.v1.GetPackageRequest" }

  package var id = ""

  package init() {}

  package init(id: String) {
    self.id = id
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
  }
}

/// Response of GetPackage.
package struct GetPackageResponse: Message {
  package static var name: String { "packd.v1.GetPackageResponse" }

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
