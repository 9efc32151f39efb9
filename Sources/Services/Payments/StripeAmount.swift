extension MinorUnits {
  /// As Stripe counts it, which in a few currencies is not as ISO 4217 does
  /// (docs.stripe.com/currencies).
  ///
  /// nil where Stripe has no such amount.
  var stripeCount: Int64? {
    switch currencyCode {
    case "MGA":
      // It has no decimals there.
      guard count % 100 == 0 else { return nil }
      return count / 100
    case "ISK", "UGX":
      // It has two decimals there, which are always 0.
      let (scaled, overflow) = count.multipliedReportingOverflow(by: 100)
      return overflow ? nil : scaled
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
      // The last of its three decimals is always 0.
      return count % 10 == 0 ? count : nil
    default: return count
    }
  }
}
