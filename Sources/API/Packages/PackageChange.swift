/// Something that happened to a package. Set by the server.
package struct PackageChange: Message {
  package static var name: String { "packd.v1.PackageChange" }

  package var kind = PackageChangeKind.unspecified
  package var hostingPackage: HostingPackage?
  package var changeTime: Timestamp?

  package init() {}

  package init(kind: PackageChangeKind, hostingPackage: HostingPackage?, changeTime: Timestamp?) {
    self.kind = kind
    self.hostingPackage = hostingPackage
    self.changeTime = changeTime
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): kind = try reader.enumeration()
      case .length(2): try reader.message(into: &hostingPackage)
      case .length(3): try reader.message(into: &changeTime)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, kind)
    sink.message(2, hostingPackage)
    sink.message(3, changeTime)
  }
}
