/// Request of RenewPackage.
package struct RenewPackageRequest: Message {
  package static var name: String { "packd.v1.RenewPackageRequest" }

  package var purchaseID: Int64 = 0
  package var paymentMethod: PaymentDetails?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): purchaseID = try reader.int64()
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
      case .length(4): requestID = try reader.string()
      case .varint(5): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, purchaseID)
    switch paymentMethod {
    case .creditCard(let card): sink.message(2, card)
    case .paypal(let paypal): sink.message(3, paypal)
    case nil: break
    }
    sink.string(4, requestID)
    sink.bool(5, validateOnly)
  }
}

/// Response of RenewPackage.
package struct RenewPackageResponse: Message {
  package static var name: String { "packd.v1.RenewPackageResponse" }

  package var purchase: Purchase?

  package init() {}

  package init(purchase: Purchase?) {
    self.purchase = purchase
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &purchase)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, purchase)
  }
}
