/// Request of UpdatePackage.
package struct UpdatePackageRequest: Message {
  package static var name: String { "packd.v1.UpdatePackageRequest" }

  package var hostingPackage: HostingPackage?
  package var updateMask: FieldMask?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &hostingPackage)
      case .length(2): try reader.message(into: &updateMask)
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, hostingPackage)
    sink.message(2, updateMask)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of UpdatePackage.
package struct UpdatePackageResponse: Message {
  package static var name: String { "packd.v1.UpdatePackageResponse" }

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
