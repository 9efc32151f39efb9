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
