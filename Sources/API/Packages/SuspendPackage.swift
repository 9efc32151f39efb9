/// Request of SuspendPackage.
package struct SuspendPackageRequest: Message {
  package static var name: String { "packd.v1.SuspendPackageRequest" }

  package var id = ""
  package var kind = SuspensionKind.unspecified
  package var reason = ""
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      case .varint(2): kind = try reader.enumeration()
      case .length(3): reason = try reader.string()
      case .length(4): requestID = try reader.string()
      case .varint(5): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
    sink.enumeration(2, kind)
    sink.string(3, reason)
    sink.string(4, requestID)
    sink.bool(5, validateOnly)
  }
}

/// Response of SuspendPackage.
package struct SuspendPackageResponse: Message {
  package static var name: String { "packd.v1.SuspendPackageResponse" }

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
