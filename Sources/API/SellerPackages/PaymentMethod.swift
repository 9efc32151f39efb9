/// How something was paid.
package struct PaymentMethod: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. In a purchase: nothing was to be paid.
  package static var unspecified: PaymentMethod { PaymentMethod(rawValue: 0) }
  /// With a credit card.
  package static var creditCard: PaymentMethod { PaymentMethod(rawValue: 1) }
  /// With PayPal.
  package static var paypal: PaymentMethod { PaymentMethod(rawValue: 2) }
}
