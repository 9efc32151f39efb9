/// How far a payment is.
package struct PaymentStatus: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: PaymentStatus { PaymentStatus(rawValue: 0) }
  /// Begun; the gateway has not answered yet.
  package static var pending: PaymentStatus { PaymentStatus(rawValue: 1) }
  /// The gateway's answer was lost; it is asked again until it is known.
  package static var unknown: PaymentStatus { PaymentStatus(rawValue: 2) }
  /// Charged, and nothing was given for it: the money is being given back.
  package static var refundOwed: PaymentStatus { PaymentStatus(rawValue: 3) }
}
