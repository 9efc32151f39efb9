internal import Synchronization

/// A seller package that a user bought.
package struct PurchaseRecord: Hashable, Sendable {
  /// Time that was paid for, or credited, at a price.
  package struct Period: Hashable, Sendable {
    package var start: Instant
    package var end: Instant
    /// The package's price for all of it, whatever was credited.
    package var price: MoneyRecord

    package init(start: Instant, end: Instant, price: MoneyRecord) {
      self.start = start
      self.end = end
      self.price = price
    }
  }

  package var id: Int64
  package var userID: String
  package var packageID: Int64
  package var packageName: String
  package var startTime: Instant
  /// When it ends or ended; when it was replaced, that moment.
  package var endTime: Instant
  /// Whether another purchase of its user came after it: at its end or before.
  package var isReplaced: Bool
  package var listingLimit: QuotaRecord
  package var features: [String]
  /// In order, the last one up to `endTime`; those that have ended may be left out.
  package var periods: [Period]
  /// As in the last charge.
  package var transactionID: String
  package var amountCharged: MoneyRecord
  package var credit: MoneyRecord
  /// nil when nothing was to be paid.
  package var paymentMethod: PaymentIntentRecord.Method?
  package var receiptNumber: String
  /// From 1, counted up with every write.
  package var revision: Int64

  package init(
    id: Int64, userID: String, packageID: Int64, packageName: String, startTime: Instant,
    endTime: Instant, isReplaced: Bool, listingLimit: QuotaRecord, features: [String],
    periods: [Period], transactionID: String, amountCharged: MoneyRecord, credit: MoneyRecord,
    paymentMethod: PaymentIntentRecord.Method?, receiptNumber: String, revision: Int64
  ) {
    self.id = id
    self.userID = userID
    self.packageID = packageID
    self.packageName = packageName
    self.startTime = startTime
    self.endTime = endTime
    self.isReplaced = isReplaced
    self.listingLimit = listingLimit
    self.features = features
    self.periods = periods
    self.transactionID = transactionID
    self.amountCharged = amountCharged
    self.credit = credit
    self.paymentMethod = paymentMethod
    self.receiptNumber = receiptNumber
    self.revision = revision
  }
}

/// A user's newest purchase and its slots, as a commit left them, to be handed around as one
/// reference with the answers that were made of it. A store replaces it with every commit that
/// changes the purchase or its slots. Of a purchase that has ended it says so itself: whoever
/// asks compares `record.endTime`.
package final class EntitlementSnapshot: Sendable {
  package let record: PurchaseRecord
  package let slots: ListingSlotCounts
  private let answers = Mutex<[Answer: TimedAnswer]>([:])

  package init(_ record: PurchaseRecord, slots: ListingSlotCounts) {
    self.record = record
    self.slots = slots
  }

  /// Which response was encoded.
  package enum Answer: Hashable, Sendable {
    case packageStatus
    /// CheckEntitlement of a feature that is there, or of none; its answer is the same.
    case entitled
  }

  /// The encoded response that was kept, if it still holds at `time`.
  package func response(_ answer: Answer, at time: Instant) -> [UInt8]? {
    answers.withLock { answers in
      guard let kept = answers[answer], kept.from <= time, time < kept.until else { return nil }
      return kept.bytes
    }
  }

  /// Keeps a response that was made of this snapshot alone, to be given from `from` until before
  /// `until`.
  package func keep(_ bytes: [UInt8], as answer: Answer, from: Instant, until: Instant) {
    answers.withLock { $0[answer] = TimedAnswer(bytes: bytes, from: from, until: until) }
  }

  private struct TimedAnswer {
    let bytes: [UInt8]
    let from: Instant
    let until: Instant
  }
}

/// One page of purchases, newest first.
package struct PurchaseQuery: Hashable, Sendable {
  /// Only this user's; nil for all.
  package var userID: String?
  /// Only of this package; nil for all.
  package var packageID: Int64?
  /// Only those with a smaller id.
  package var before: Int64?
  package var limit: Int

  package init(
    userID: String? = nil, packageID: Int64? = nil, before: Int64? = nil, limit: Int
  ) {
    self.userID = userID
    self.packageID = packageID
    self.before = before
    self.limit = limit
  }
}

package protocol PurchaseReads {
  func purchase(_ id: Int64) throws -> PurchaseRecord?
  /// The user's newest purchase with its slots; nil when there was never one. What was bought
  /// before is replaced or has ended.
  func entitlement(of userID: String) throws -> EntitlementSnapshot?
  /// Up to `query.limit` purchases by id, descending.
  func purchases(_ query: PurchaseQuery) throws -> [PurchaseRecord]
  /// Whether the package has a purchase that is not replaced and ends after `time`.
  func hasCurrentPurchase(ofPackage packageID: Int64, at time: Instant) throws -> Bool
}

package protocol PurchaseWrites {
  /// A fresh id, from 1, above every id that a purchase ever had and that this transaction was
  /// given; one that it does not use may be given to a later transaction.
  /// - Throws: ``StorageError/full`` when the ids are used up.
  func nextPurchaseID() throws -> Int64
  /// Adds the user's newest purchase: its id is above those of all others.
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id.
  func insert(_ purchase: PurchaseRecord) throws
  /// Replaces the purchase of that id. Id, user, package and start stay as they are.
  /// - Throws: ``StorageError/missing(table:)``.
  func update(_ purchase: PurchaseRecord) throws
}

extension PurchaseRecord {
  /// The record with the fields that an update leaves as they are.
  package func keepingIdentity(of stored: PurchaseRecord) -> PurchaseRecord {
    var record = self
    record.userID = stored.userID
    record.packageID = stored.packageID
    record.startTime = stored.startTime
    return record
  }
}
