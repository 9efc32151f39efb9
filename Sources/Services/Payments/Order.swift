internal import API
internal import Storage

/// What a caller asks to buy, and how it is to be paid.
struct Order: Sendable {
  /// Decides what the caller gets; it may run more than once, writes nothing, and throws a refusal.
  typealias Decision =
    @Sendable (any ReadTransaction, Instant) throws -> PaymentIntentRecord.Terms

  let principal: Principal
  let method: String
  /// nil for a request without request_id.
  let replay: Replay?
  /// Run all checks, and answer as if done.
  let isDry: Bool
  /// The package to buy; 0 when a purchase is renewed.
  let packageID: Int64
  let payment: PaymentCheck
  /// What is wrong with the request, beyond how it is to be paid. An answer that was given before
  /// is given again nevertheless: a quote's token was right once.
  let violations: Violations
  let decide: Decision

  var userID: String { principal.sub }

  /// - Parameter amount: nil where it is not known, as of a package that cannot be bought.
  /// - Throws: a refusal with all that is wrong with the request.
  func check(paying amount: MinorUnits?) throws {
    let ofPayment = payment.violations(paying: amount)
    guard !ofPayment.isEmpty else { return try violations.check() }
    var all = violations
    for violation in ofPayment.all { all.add(violation.field, violation.description) }
    throw PaymentRefusal.invalid(all)
  }

  var hasFaults: Bool { !violations.isEmpty || !payment.violations.isEmpty }

  var origin: PaymentIntentRecord.Origin {
    PaymentIntentRecord.Origin(
      actor: principal.identity, method: method, requestID: replay?.key.requestID ?? "",
      requestHash: replay?.requestHash ?? [])
  }
}

/// The caller's earlier payment has not come to its end.
struct OpenPayment: Error {
  let intent: PaymentIntentRecord
  let refusal: any Error & Sendable

  /// - Parameters:
  ///   - packageID: what the caller asks for now; 0 for a renewal.
  ///   - replay: by which a retry of the earlier request is known.
  init(_ intent: PaymentIntentRecord, asking packageID: Int64, _ replay: Replay? = nil) {
    self.intent = intent
    let origin = intent.origin
    if let replay, replay.key == intent.replayKey {
      refusal =
        replay.requestHash == origin.requestHash
        ? PaymentRefusal.unresolved(intentID: intent.id.text)
        : Refusal.idempotencyMismatch
    } else if intent.terms.packageID == packageID {
      refusal = PaymentRefusal.purchaseUnderWay(resource: "sellerPackages/\(packageID)")
    } else {
      let areRenewals = intent.terms.renewedPurchaseID != 0 && packageID == 0
      refusal = PaymentRefusal.otherUnderWay(mayRetry: replay != nil || !areRenewals)
    }
  }
}

extension PaymentIntentRecord {
  /// nil for a request without request_id.
  var replayKey: ReplayKey? { origin.replayKey }
}

extension PaymentIntentRecord.Origin {
  fileprivate var replayKey: ReplayKey? {
    requestID.isEmpty
      ? nil : ReplayKey(caller: actor, method: method, requestID: requestID)
  }

  /// Keeps the final answer to the request, for good: what was paid is not paid again.
  func keep(
    code: Int32, message: String = "", details: [UInt8] = [], response: [UInt8] = [],
    at time: Instant, in transaction: any WriteTransaction
  ) throws {
    guard let key = replayKey, try transaction.replay(key) == nil else { return }
    try transaction.insert(
      ReplayRecord(
        key: key, requestHash: requestHash, statusCode: code, statusMessage: message,
        statusDetails: details, response: response, createTime: time, expireTime: nil))
  }
}
