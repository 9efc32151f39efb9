/// Request of CreateSellerPackage.
package struct CreateSellerPackageRequest: Message {
  package static var name: String { "packd.v1.CreateSellerPackageRequest" }

  package var sellerPackage: SellerPackage?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &sellerPackage)
      case .length(2): requestID = try reader.string()
      case .varint(3): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, sellerPackage)
    sink.string(2, requestID)
    sink.bool(3, validateOnly)
  }
}

/// Response of CreateSellerPackage.
package struct CreateSellerPackageResponse: Message {
  package static var name: String { "packd.v1.CreateSellerPackageResponse" }

  package var sellerPackage: SellerPackage?

  package init() {}

  package init(sellerPackage: SellerPackage?) {
    self.sellerPackage = sellerPackage
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &sellerPackage)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, sellerPackage)
  }
}
