/// How a purchase or a renewal is to be paid.
package enum PaymentDetails: Sendable, Equatable {
  case creditCard(CreditCard)
  case paypal(PayPal)
}

/// A card to charge. Set by the client; held for the call only: no part of it is stored, logged or
/// echoed but its brand and last four digits.
package struct CreditCard: Message {
  package static var name: String { "packd.v1.CreditCard" }

  package var number = Secret()
  package var expiryMonth: Int32 = 0
  package var expiryYear: Int32 = 0
  package var cvv = Secret()
  package var holderName = Secret()

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): number = try reader.secret()
      case .varint(2): expiryMonth = try reader.int32()
      case .varint(3): expiryYear = try reader.int32()
      case .length(4): cvv = try reader.secret()
      case .length(5): holderName = try reader.secret()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.secret(1, number)
    sink.int32(2, expiryMonth)
    sink.int32(3, expiryYear)
    sink.secret(4, cvv)
    sink.secret(5, holderName)
  }
}

/// A PayPal payment. Set by the client; held for the call only, never stored, logged or echoed.
package struct PayPal: Message {
  package static var name: String { "packd.v1.PayPal" }

  package var approvalToken = Secret()

  package init() {}

  package init(approvalToken: Secret) {
    self.approvalToken = approvalToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): approvalToken = try reader.secret()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.secret(1, approvalToken)
  }
}
