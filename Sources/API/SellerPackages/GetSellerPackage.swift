/// Request of GetSellerPackage.
package struct GetSellerPackageRequest: Message {
  package static var name: String { "packd.v1.GetSellerPackageRequest" }

  package var id: Int64 = 0

  package init() {}

  package init(id: Int64) {
    self.id = id
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): id = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, id)
  }
}

/// Response of GetSellerPackage.
package struct GetSellerPackageResponse: Message {
  package static var name: String { "packd.v1.GetSellerPackageResponse" }

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
