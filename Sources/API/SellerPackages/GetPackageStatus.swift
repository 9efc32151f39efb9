/// Request of GetPackageStatus.
package struct GetPackageStatusRequest: Message {
  package static var name: String { "packd.v1.GetPackageStatusRequest" }

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      try reader.skip(tag)
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {}
}

/// Response of GetPackageStatus.
package struct GetPackageStatusResponse: Message {
  package static var name: String { "packd.v1.GetPackageStatusResponse" }

  package var hasActivePackage = false
  package var details: SellerPackageStatus?

  package init() {}

  package init(hasActivePackage: Bool, details: SellerPackageStatus?) {
    self.hasActivePackage = hasActivePackage
    self.details = details
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): hasActivePackage = try reader.bool()
      case .length(2): try reader.message(into: &details)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.bool(1, hasActivePackage)
    sink.message(2, details)
  }
}
