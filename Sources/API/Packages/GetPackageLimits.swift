/// Request of GetPackageLimits.
package struct GetPackageLimitsRequest: Message {
  package static var name: String { "packd.v1.GetPackageLimitsRequest" }

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

/// Response of GetPackageLimits.
package struct GetPackageLimitsResponse: Message {
  package static var name: String { "packd.v1.GetPackageLimitsResponse" }

  package var limits: [PackageLimit] = []

  package init() {}

  package init(limits: [PackageLimit]) {
    self.limits = limits
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &limits)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, limits)
  }
}
