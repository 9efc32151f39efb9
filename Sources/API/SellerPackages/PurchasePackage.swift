/// Request of PurchasePackage.
package struct PurchasePackageRequest: Message {
  package static var name: String { "packd.v1.PurchasePackageRequest" }

  package var packageID: Int64 = 0
  package var paymentMethod: PaymentDetails?
  package var quoteToken = ""
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): packageID = try reader.int64()
      case .length(2):
        var part: CreditCard?
        if case .creditCard(let value) = paymentMethod { (part, paymentMethod) = (value, nil) }
        try reader.message(into: &part)
        paymentMethod = part.map(PaymentDetails.creditCard)
      case .length(3):
        var part: PayPal?
        if case .paypal(let value) = paymentMethod { (part, paymentMethod) = (value, nil) }
        try reader.message(into: &part)
        paymentMethod = part.map(PaymentDetails.paypal)
      case .length(4): quoteToken = try reader.string()
      case .length(5): requestID = try reader.string()
      case .varint(6): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, packageID)
    switch paymentMethod {
    case .creditCard(let card): sink.message(2, card)
    case .paypal(let paypal): sink.message(3, paypal)
    case nil: break
    }
    sink.string(4, quoteToken)
    sink.string(5, requestID)
    sink.bool(6, validateOnly)
  }
}

/// Response of PurchasePackage.
package struct PurchasePackageResponse: Message {
  package static var name: String { "packd.v1.PurchasePackageResponse" }

  package var purchase: Purchase?
  package var message = ""

  package init() {}

  package init(purchase: Purchase?, message: String = "") {
    self.purchase = purchase
    self.message = message
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &purchase)
      case .length(2): message = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, purchase)
    sink.string(2, message)
  }
}
