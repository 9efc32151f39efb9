internal import Logging
internal import Storage
internal import Synchronization

/// A renewal without a request_id cannot be told from another one. So whoever renews a purchase is
/// told first of a renewal that was paid, and whose caller may not know.
struct UnheardRenewal: Error {
  let id: ULID
  let purchaseID: Int64

  var refusal: PaymentRefusal { .earlierRenewalPaid(purchaseID: purchaseID) }
}

extension Payments {
  /// - Throws: ``UnheardRenewal``.
  func checkIsHeard(
    _ purchaseID: Int64, at time: Instant, in transaction: any ReadTransaction
  ) throws {
    guard
      purchaseID != 0,
      let renewal = try transaction.unheardRenewal(of: purchaseID), let end = renewal.unheardUntil,
      time < hearings.withLock({ min($0[renewal.id] ?? end, end) })
    else { return }
    throw UnheardRenewal(id: renewal.id, purchaseID: purchaseID)
  }

  /// Marks a renewal that is paid until its caller is answered, which may never be. Of those before
  /// it nobody is told any more, whatever the clock says later.
  func markUnheard(
    _ intent: inout PaymentIntentRecord, at time: Instant, in transaction: any WriteTransaction
  ) throws {
    let purchaseID = intent.terms.renewedPurchaseID
    guard purchaseID != 0 else { return }
    if var earlier = try transaction.unheardRenewal(of: purchaseID) {
      earlier.unheardUntil = nil
      try transaction.update(earlier)
    }
    if intent.isUnnamedRenewal {
      intent.unheardUntil = time.adding(seconds: Limits.unheardRenewalSeconds)
    }
  }

  /// The renewal's own caller is being answered.
  func noteHeard(of id: ULID) { note(id, isUnheardUntil: nil) }

  /// Another caller is being told of it, and so is, for a moment still, whoever asked at the same
  /// time.
  func noteTold(of id: ULID) {
    note(id, isUnheardUntil: now().adding(seconds: Limits.toldRenewalSeconds))
  }

  /// An answer does not wait for the store: what follows it is noted here at once. Where the store
  /// does not take it, the next process tells of the renewal once more.
  ///
  /// - Parameter end: nil when nobody is to be told any more.
  private func note(_ id: ULID, isUnheardUntil end: Instant?) {
    let time = end ?? Instant(nanosecondsSinceEpoch: .min)
    hearings.withLock { $0[id] = min($0[id] ?? time, time) }
    work.begin { [self] in
      do {
        try await uncancelled { [self] in
          try await patiently { [self] in try await shorten(id, to: end) }
        }
        hearings.withLock { if $0[id] == time { $0[id] = nil } }
      } catch {
        log(.warning, "a renewal not noted as heard of", id, error)
      }
    }
  }

  /// Ends a renewal's mark at `end`, or now; one that ends before stays as it is.
  private func shorten(_ id: ULID, to end: Instant?) async throws {
    try await store.write { transaction in
      guard
        var intent = try transaction.paymentIntent(id), let present = intent.unheardUntil,
        end.map({ $0 < present }) ?? true
      else { return }
      intent.unheardUntil = end
      try transaction.update(intent)
    }
  }
}

extension PaymentIntentRecord {
  /// Whether the same request again is another renewal.
  var isUnnamedRenewal: Bool { terms.renewedPurchaseID != 0 && origin.requestID.isEmpty }
}
