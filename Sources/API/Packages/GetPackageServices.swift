/// Request of GetPackageServices.
package struct GetPackageServicesRequest: Message {
  package static var name: String { "packd.v1.GetPackageServicesRequest" }

  package var packageID = ""

  package init() {}

  package init(packageID: String) {
    self.packageID = packageID
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
  }
}

/// Response of GetPackageServices.
package struct GetPackageServicesResponse: Message {
  package static var name: String { "packd.v1.GetPackageServicesResponse" }

  package var services: PackageServices?

  package init() {}

  package init(services: PackageServices?) {
    self.services = services
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &services)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, services)
  }
}
