package import Storage

/// What payments and receipts have come to in this process, and what waits in the store.
package struct SellerCounts: Sendable {
  package var payments: [PaymentEvent: Int]
  package var mailsSent: Int
  package var mailsFailed: Int
  package var mailsGivenUp: Int
  /// nil while the store does not answer.
  package var waiting: Waiting?

  package struct Waiting: Sendable {
    /// Payments without an outcome, and refunds that are owed, a thousand at most.
    package var openPayments: Int
    package var outbox: OutboxCounts
  }
}

/// What can happen to a payment.
package enum PaymentEvent: String, CaseIterable, Sendable {
  /// Charged, and given what was paid for.
  case succeeded
  case declined
  /// The gateway charges nothing like it: price, currency or account are not what it takes.
  case refused
  /// The gateway was not reached, or had no time: nothing was charged.
  case unavailable
  /// No answer came in time; another of these comes later.
  case unresolved
  /// The gateway never had it.
  case void
  /// Charged, and given back.
  case refunded
}
