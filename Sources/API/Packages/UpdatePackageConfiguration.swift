/// Request of UpdatePackageConfiguration.
package struct UpdatePackageConfigurationRequest: Message {
  package static var name: String { "packd.v1.UpdatePackageConfigurationRequest" }

  package var packageID = ""
  package var configuration: PackageConfiguration?
  package var updateMask: FieldMask?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(into: &configuration)
      case .length(3): try reader.message(into: &updateMask)
      case .length(4): requestID = try reader.string()
      case .varint(5): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.message(2, configuration)
    sink.message(3, updateMask)
    sink.string(4, requestID)
    sink.bool(5, validateOnly)
  }
}

/// Response of UpdatePackageConfiguration.
package struct UpdatePackageConfigurationResponse: Message {
  package static var name: String { "packd.v1.UpdatePackageConfigurationResponse" }

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
