/// What an operator decides about seller packages, their payments and receipts.
package struct SellerSettings: Sendable {
  /// Who charges.
  package enum Gateway: Sendable, Equatable {
    case sandbox
    /// Stripe, or what speaks as it does. `url` is "https://api.stripe.com".
    case stripe(url: String, keyPath: String)
  }

  /// Where receipts go.
  package enum Mailer: Sendable, Equatable {
    /// Nowhere: receipts are there to be asked for.
    case none
    /// One .eml file each.
    case directory(path: String)
    /// "smtp://host:port".
    case smtp(url: String)
  }

  package var gateway = Gateway.sandbox
  package var mailer = Mailer.none
  /// In the From field of receipts.
  package var mailFrom = "packd@localhost"
  /// How long a gateway may take to answer.
  package var gatewayTimeoutSeconds: Int64 = 10
  /// How long a quote can be used.
  package var quoteSeconds: Int64 = 600
  /// The series that this daemon numbers its receipts in.
  package var receiptSeries = "A"

  package init() {}
}
