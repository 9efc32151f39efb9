/// A payment from before the gateway is asked until its outcome is known: what is charged, and
/// what the user gets for it. Kept for good. Of a card it has the brand and the last four digits.
package struct PaymentIntentRecord: Hashable, Sendable {
  package enum Method: Int32, Sendable, CaseIterable {
    case creditCard = 1
    case payPal = 2
  }

  package enum State: Int32, Sendable, CaseIterable {
    /// Written, and the gateway was or will be asked.
    case pending = 1
    /// The gateway's answer was lost: it has to be asked for the outcome.
    case unknown = 2
    /// Paid, and given what was paid for.
    case succeeded = 3
    /// The buyer's means of payment, or who stands behind it, does not pay.
    case declined = 4
    /// The gateway never had it, or gave the money back.
    case void = 5
    /// The gateway never charges it, whoever pays: what it was asked for is nothing that it does.
    case refused = 6
    /// Charged, and nothing was given for it: the money is to be given back.
    case refundOwed = 7

    /// Whether its user can begin no other.
    package var isOpen: Bool { self == .pending || self == .unknown }
    package var isUnresolved: Bool { isOpen || self == .refundOwed }
  }

  /// What a success is to write, decided before the charge.
  package struct Terms: Hashable, Sendable {
    package var packageID: Int64
    package var packageName: String
    package var listingLimit: QuotaRecord
    package var features: [String]
    package var price: MoneyRecord
    package var credit: MoneyRecord
    /// The time that is paid for.
    package var startTime: Instant
    package var endTime: Instant
    /// The purchase to renew; 0 for a new one.
    package var renewedPurchaseID: Int64
    /// The user's purchase that a new one takes the place of; 0 for none.
    package var replacedPurchaseID: Int64

    package init(
      packageID: Int64, packageName: String, listingLimit: QuotaRecord, features: [String],
      price: MoneyRecord, credit: MoneyRecord, startTime: Instant, endTime: Instant,
      renewedPurchaseID: Int64, replacedPurchaseID: Int64
    ) {
      self.packageID = packageID
      self.packageName = packageName
      self.listingLimit = listingLimit
      self.features = features
      self.price = price
      self.credit = credit
      self.startTime = startTime
      self.endTime = endTime
      self.renewedPurchaseID = renewedPurchaseID
      self.replacedPurchaseID = replacedPurchaseID
    }
  }

  /// Which request the answer is kept for, so that a success that is found later is replayed.
  package struct Origin: Hashable, Sendable {
    package var actor: String
    package var method: String
    /// Empty: no replay.
    package var requestID: String
    package var requestHash: [UInt8]

    package init(actor: String, method: String, requestID: String, requestHash: [UInt8]) {
      self.actor = actor
      self.method = method
      self.requestID = requestID
      self.requestHash = requestHash
    }
  }

  /// The idempotency key at the gateway as well.
  package var id: ULID
  package var userID: String
  /// Where the receipt is sent; empty for nowhere.
  package var email: String
  package var state: State
  package var amount: MoneyRecord
  package var method: Method
  /// "visa"; empty without a card.
  package var cardBrand: String
  package var cardLastFour: String
  package var terms: Terms
  package var origin: Origin
  /// "tr_…"; empty until it is known.
  package var transactionID: String
  /// Of the gateway; empty unless declined or refused.
  package var declineCode: String
  package var createTime: Instant
  /// How often the gateway was asked for the outcome, or to give the money back.
  package var checkCount: Int32
  package var lastCheckTime: Instant?
  /// When to ask, or to give the money back; nil when there is nothing to look after.
  package var nextCheckTime: Instant?
  /// How often the gateway said that it did not give the money back.
  package var refundFailures: Int32
  /// Who was asked to charge, and no other can tell what came of it: "sandbox".
  package var gateway: String
  /// Of a renewal without request_id that was paid: until when whoever renews that purchase again
  /// is told of it first; nil once its own caller was, or a later one was paid.
  package var unheardUntil: Instant?

  package init(
    id: ULID, userID: String, email: String, state: State, amount: MoneyRecord, method: Method,
    cardBrand: String, cardLastFour: String, terms: Terms, origin: Origin, transactionID: String,
    declineCode: String, createTime: Instant, checkCount: Int32, lastCheckTime: Instant?,
    nextCheckTime: Instant?, gateway: String = "sandbox", refundFailures: Int32 = 0,
    unheardUntil: Instant? = nil
  ) {
    self.id = id
    self.userID = userID
    self.email = email
    self.state = state
    self.amount = amount
    self.method = method
    self.cardBrand = cardBrand
    self.cardLastFour = cardLastFour
    self.terms = terms
    self.origin = origin
    self.transactionID = transactionID
    self.declineCode = declineCode
    self.createTime = createTime
    self.checkCount = checkCount
    self.lastCheckTime = lastCheckTime
    self.nextCheckTime = nextCheckTime
    self.gateway = gateway
    self.refundFailures = refundFailures
    self.unheardUntil = unheardUntil
  }
}

/// What the built-in sandbox gateway did: it stands for a system of its own, and shares nothing
/// with the other tables but the file.
package struct SandboxChargeRecord: Hashable, Sendable {
  package enum Outcome: Int32, Sendable, CaseIterable {
    case succeeded = 1
    case declined = 2
    case refunded = 3
  }

  package var intentID: ULID
  package var outcome: Outcome
  package var amount: MoneyRecord
  package var transactionID: String
  package var declineCode: String
  /// From when on a lookup finds it.
  package var visibleTime: Instant

  package init(
    intentID: ULID, outcome: Outcome, amount: MoneyRecord, transactionID: String,
    declineCode: String, visibleTime: Instant
  ) {
    self.intentID = intentID
    self.outcome = outcome
    self.amount = amount
    self.transactionID = transactionID
    self.declineCode = declineCode
    self.visibleTime = visibleTime
  }
}

package protocol PaymentReads {
  func paymentIntent(_ id: ULID) throws -> PaymentIntentRecord?
  /// The user's open intent: there is one at most.
  func openPaymentIntent(of userID: String) throws -> PaymentIntentRecord?
  /// Up to `limit` unresolved intents of one user or, with nil, of all, by id, all after `id`.
  func unresolvedPaymentIntents(
    of userID: String?, after id: ULID?, limit: Int
  ) throws -> [PaymentIntentRecord]
  /// Up to `limit` intents whose `nextCheckTime` is not after `time`, the longest due first.
  func paymentIntentsDue(at time: Instant, limit: Int) throws -> [PaymentIntentRecord]
  /// The newest renewal of the purchase, by its id, that has `unheardUntil`.
  func unheardRenewal(of purchaseID: Int64) throws -> PaymentIntentRecord?
  func sandboxCharge(_ intentID: ULID) throws -> SandboxChargeRecord?
}

package protocol PaymentWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id, or for a user who has an
  ///   open intent when this one is open too, in this order.
  func insert(_ intent: PaymentIntentRecord) throws
  /// Replaces the intent of that id. All but state, transaction id, decline code, the fields about
  /// checks, `refundFailures` and `unheardUntil` stays as it is.
  /// - Throws: ``StorageError/missing(table:)``, or `duplicate` as above.
  func update(_ intent: PaymentIntentRecord) throws
  /// Adds the charge, or replaces that of the same intent.
  func put(_ charge: SandboxChargeRecord) throws
}

extension PaymentIntentRecord {
  /// What was stored, with the fields of this record that an update changes.
  package func keepingIdentity(of stored: PaymentIntentRecord) -> PaymentIntentRecord {
    var record = stored
    record.state = state
    record.transactionID = transactionID
    record.declineCode = declineCode
    record.checkCount = checkCount
    record.lastCheckTime = lastCheckTime
    record.nextCheckTime = nextCheckTime
    record.refundFailures = refundFailures
    record.unheardUntil = unheardUntil
    return record
  }
}
