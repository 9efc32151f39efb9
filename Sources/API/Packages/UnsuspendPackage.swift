/// Request of UnsuspendPackage.
package struct UnsuspendPackageRequest: Message {
  package static var name: String { "packd.v1.UnsuspendPackageRequest" }

  /// What to lift; one must be set.
  package enum Lift: Sendable, Equatable {
    /// The suspension of this kind.
    case kind(SuspensionKind)
    /// Every suspension. Only true is valid.
    case all(Bool)
  }

  package var id = ""
  package var lift: Lift?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      case .varint(2): lift = .kind(try reader.enumeration())
      case .varint(3): lift = .all(try reader.bool())
      case .length(4): requestID = try reader.string()
      case .varint(5): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
    switch lift {
    case .kind(let kind): sink.enumeration(2, always: kind)
    case .all(let all): sink.bool(3, always: all)
    case nil: break
    }
    sink.string(4, requestID)
    sink.bool(5, validateOnly)
  }
}

/// Response of UnsuspendPackage.
package struct UnsuspendPackageResponse: Message {
  package static var name: String { "packd.v1.UnsuspendPackageResponse" }

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
