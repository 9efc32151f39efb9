extension MinorUnits {
  /// As Stripe counts it, which in a few currencies is not as ISO 4217 does
  /// (docs.stripe.com/currencies).
  ///
  /// - Throws: ``PaymentGatewayError/refused(reason:)`` where Stripe has no such amount.
  func stripeCount() throws(PaymentGatewayError) -> Int64 {
    switch currencyCode {
    case "MGA":
      // It has no decimals there.
      guard count % 100 == 0 else { throw unpayable }
      return count / 100
    case "ISK", "UGX":
      // It has two decimals there, which are always 0.
      let (scaled, overflow) = count.multipliedReportingOverflow(by: 100)
      guard !overflow else { throw unpayable }
      return scaled
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
      // The last of its three decimals is always 0.
      guard count % 10 == 0 else { throw unpayable }
      return count
    default: return count
    }
  }

  private var unpayable: PaymentGatewayError {
    .refused(reason: "Stripe cannot charge \(text)")
  }
}
