internal import Services
internal import Storage

extension MetricsText {
  /// What payments and receipts have come to; what waits is left out while the store is away.
  mutating func add(_ counts: SellerCounts, at time: Instant) {
    family("packd_payments_total", .counter, "What has come of payments.")
    for event in PaymentEvent.allCases {
      sample("packd_payments_total", counts.payments[event] ?? 0, [("outcome", event.rawValue)])
    }
    family("packd_mails_total", .counter, "Tries to mail a receipt.")
    let tries = [
      ("sent", counts.mailsSent), ("failed", counts.mailsFailed),
      ("given_up", counts.mailsGivenUp),
    ]
    for (outcome, count) in tries { sample("packd_mails_total", count, [("outcome", outcome)]) }
    guard let waiting = counts.waiting else { return }
    family("packd_payments_open", .gauge, "Payments without an outcome, and refunds that are owed.")
    sample("packd_payments_open", waiting.openPayments)
    family("packd_outbox_mails", .gauge, "Receipts that wait to be mailed, or were given up.")
    sample("packd_outbox_mails", waiting.outbox.waiting, [("state", "waiting")])
    sample("packd_outbox_mails", waiting.outbox.dead, [("state", "dead")])
    family("packd_outbox_age_seconds", .gauge, "How long the oldest receipt waits.")
    let oldest = waiting.outbox.oldestCreateTime ?? time
    let age = max(0, time.nanosecondsSinceEpoch - oldest.nanosecondsSinceEpoch) / 1_000_000_000
    sample("packd_outbox_age_seconds", age)
  }
}
