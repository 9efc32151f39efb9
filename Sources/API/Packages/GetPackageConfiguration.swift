/// Request of GetPackageConfiguration.
package struct GetPackageConfigurationRequest: Message {
  package static var name: String { "packd.v1.GetPackageConfigurationRequest" }

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

/// Response of GetPackageConfiguration.
package struct GetPackageConfigurationResponse: Message {
  package static var name: String { "packd.v1.GetPackageConfigurationResponse" }

  package var configuration: PackageConfiguration?

  package init() {}

  package init(configuration: PackageConfiguration?) {
    self.configuration = configuration
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &configuration)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, configuration)
  }
}
