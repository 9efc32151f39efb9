/// Request of UpdateSellerPackage.
package struct UpdateSellerPackageRequest: Message {
  package static var name: String { "packd.v1.UpdateSellerPackageRequest" }

  package var sellerPackage: SellerPackage?
  package var updateMask: FieldMask?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &sellerPackage)
      case .length(2): try reader.message(into: &updateMask)
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, sellerPackage)
    sink.message(2, updateMask)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of UpdateSellerPackage.
package struct UpdateSellerPackageResponse: Message {
  package static var name: String { "packd.v1.UpdateSellerPackageResponse" }

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
