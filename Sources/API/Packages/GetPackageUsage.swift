/// Request of GetPackageUsage.
package struct GetPackageUsageRequest: Message {
  package static var name: String { "packd.v1.GetPackageUsageRequest" }

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

/// Response of GetPackageUsage.
package struct GetPackageUsageResponse: Message {
  package static var name: String { "packd.v1.GetPackageUsageResponse" }

  package var usage: PackageUsage?

  package init() {}

  package init(usage: PackageUsage?) {
    self.usage = usage
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &usage)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, usage)
  }
}
