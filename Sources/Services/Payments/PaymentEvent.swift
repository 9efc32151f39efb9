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
