internal import Logging
internal import Storage

/// A renewal without a request_id cannot be told from another one. So whoever renews a purchase is
/// told first of a renewal that was paid, and whose caller may not know.
extension Payments {
  /// - Throws: ``PaymentRefusal/earlierRenewalPaid(purchaseID:)``.
  static func checkIsHeard(
    _ purchaseID: Int64, at time: Instant, in transaction: any ReadTransaction
  ) throws {
    guard
      purchaseID != 0,
      let end = try transaction.unheardRenewal(of: purchaseID)?.unheardUntil, time < end
    else { return }
    throw PaymentRefusal.earlierRenewalPaid(purchaseID: purchaseID)
  }

  /// The answer goes to the renewal's own caller.
  func noteHeard(_ id: ULID) async {
    await noteHearing { transaction in
      guard var intent = try transaction.paymentIntent(id) else { return }
      intent.unheardUntil = nil
      try transaction.update(intent)
    }
  }

  /// The next to ask is told, and so is, for a moment still, whoever asked at the same time.
  func noteTold(of purchaseID: Int64) async {
    await noteHearing { [now] transaction in
      let end = now().adding(seconds: Limits.toldRenewalSeconds)
      guard
        var intent = try transaction.unheardRenewal(of: purchaseID),
        let present = intent.unheardUntil, end < present
      else { return }
      intent.unheardUntil = end
      try transaction.update(intent)
    }
  }

  /// Where this fails, somebody is told once more.
  private func noteHearing(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Void
  ) async {
    do {
      try await uncancelled { [store] in try await store.write(body) }
    } catch {
      logger.warning(
        "a renewal not noted as heard of", metadata: ["error": "\(Self.reason(error))"])
    }
  }
}

extension PaymentIntentRecord {
  /// Whether the same request again is another renewal.
  var isUnnamedRenewal: Bool { terms.renewedPurchaseID != 0 && origin.requestID.isEmpty }
}
