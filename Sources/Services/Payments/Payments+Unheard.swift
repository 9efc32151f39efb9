internal import Logging
internal import Storage
internal import Synchronization

/// A renewal without a request_id cannot be told from another one. So whoever renews a purchase is
/// told first of a renewal that was paid, and whose caller may not know.
struct UnheardRenewal: Error {
  let id: ULID
  let purchaseID: Int64
  /// When its time to be told of is over.
  let end: Instant

  var refusal: PaymentRefusal { .earlierRenewalPaid(purchaseID: purchaseID) }
}

extension Payments {
  /// - Throws: ``UnheardRenewal``.
  func checkIsHeard(
    _ purchaseID: Int64, at time: Instant, in transaction: any ReadTransaction
  ) throws {
    guard
      purchaseID != 0,
      let renewal = try transaction.unheardRenewal(of: purchaseID),
      let written = renewal.unheardUntil
    else { return }
    let end = hearings.withLock { min($0[renewal.id] ?? written, written) }
    if time < end { throw UnheardRenewal(id: renewal.id, purchaseID: purchaseID, end: end) }
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
  func noteTold(of renewal: UnheardRenewal) {
    let end = now().adding(seconds: Limits.toldRenewalSeconds)
    if end < renewal.end { note(renewal.id, isUnheardUntil: end) }
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
        try await uncancelled { [store] in
          try await store.write { try $0.shorten(id, to: end) }
        }
        hearings.withLock { if let noted = $0[id], noted >= time { $0[id] = nil } }
      } catch {
        log(.warning, "a renewal not noted as heard of", id, error)
        hearings.withLock { if $0.count > Limits.maxUnwrittenHearings { $0[id] = nil } }
      }
    }
  }
}

extension WriteTransaction {
  /// Ends a renewal's mark at `end`, or now; one that ends before stays as it is.
  fileprivate func shorten(_ id: ULID, to end: Instant?) throws {
    guard
      var intent = try paymentIntent(id), let present = intent.unheardUntil,
      end.map({ $0 < present }) ?? true
    else { return }
    intent.unheardUntil = end
    try update(intent)
  }
}

extension PaymentIntentRecord {
  /// Whether the same request again is another renewal.
  var isUnnamedRenewal: Bool { terms.renewedPurchaseID != 0 && origin.requestID.isEmpty }
}
