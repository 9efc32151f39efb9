/// Proof of a charge. Never changed.
package struct ReceiptRecord: Hashable, Sendable {
  package var series: String
  /// From 1, without gaps within its series.
  package var sequence: Int64
  package var userID: String
  package var purchaseID: Int64
  package var packageID: Int64
  package var packageName: String
  package var price: MoneyRecord
  package var credit: MoneyRecord
  package var amountCharged: MoneyRecord
  /// The time that was paid for.
  package var startTime: Instant
  package var endTime: Instant
  /// nil when nothing was to be paid.
  package var paymentMethod: PaymentIntentRecord.Method?
  package var cardBrand: String
  package var cardLastFour: String
  package var transactionID: String
  package var issueTime: Instant

  package init(
    series: String, sequence: Int64, userID: String, purchaseID: Int64, packageID: Int64,
    packageName: String, price: MoneyRecord, credit: MoneyRecord, amountCharged: MoneyRecord,
    startTime: Instant, endTime: Instant, paymentMethod: PaymentIntentRecord.Method?,
    cardBrand: String, cardLastFour: String, transactionID: String, issueTime: Instant
  ) {
    self.series = series
    self.sequence = sequence
    self.userID = userID
    self.purchaseID = purchaseID
    self.packageID = packageID
    self.packageName = packageName
    self.price = price
    self.credit = credit
    self.amountCharged = amountCharged
    self.startTime = startTime
    self.endTime = endTime
    self.paymentMethod = paymentMethod
    self.cardBrand = cardBrand
    self.cardLastFour = cardLastFour
    self.transactionID = transactionID
    self.issueTime = issueTime
  }
}

/// A mail that is to be sent, or that could not be.
package struct OutboxMailRecord: Hashable, Sendable {
  package var id: ULID
  /// Without angle brackets; the same in every try.
  package var messageID: String
  package var recipient: String
  package var subject: String
  /// Plain text.
  package var body: String
  package var createTime: Instant
  /// Tries so far.
  package var attempts: Int32
  /// When to try next; nil once that was given up.
  package var nextAttemptTime: Instant?
  /// What the last try came to; empty before.
  package var lastError: String

  package init(
    id: ULID, messageID: String, recipient: String, subject: String, body: String,
    createTime: Instant, attempts: Int32, nextAttemptTime: Instant?, lastError: String
  ) {
    self.id = id
    self.messageID = messageID
    self.recipient = recipient
    self.subject = subject
    self.body = body
    self.createTime = createTime
    self.attempts = attempts
    self.nextAttemptTime = nextAttemptTime
    self.lastError = lastError
  }
}

/// How full the outbox is.
package struct OutboxCounts: Hashable, Sendable {
  package var waiting: Int64
  /// Mails that were given up.
  package var dead: Int64
  /// When the oldest of the waiting ones was made.
  package var oldestCreateTime: Instant?

  package init(waiting: Int64, dead: Int64, oldestCreateTime: Instant?) {
    self.waiting = waiting
    self.dead = dead
    self.oldestCreateTime = oldestCreateTime
  }
}

package protocol ReceiptReads {
  func receipt(series: String, sequence: Int64) throws -> ReceiptRecord?
  /// The number of the series' last receipt; 0 without one.
  func lastReceiptSequence(series: String) throws -> Int64
  func outboxMail(_ id: ULID) throws -> OutboxMailRecord?
  /// Up to `limit` mails whose `nextAttemptTime` is not after `time`, the longest due first.
  func outboxMailsDue(at time: Instant, limit: Int) throws -> [OutboxMailRecord]
  /// Up to `limit` mails that were given up, in no order.
  func deadOutboxMails(limit: Int) throws -> [OutboxMailRecord]
  func outboxCounts() throws -> OutboxCounts
}

package protocol ReceiptWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken number.
  func insert(_ receipt: ReceiptRecord) throws
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id.
  func insert(_ mail: OutboxMailRecord) throws
  /// Replaces the mail of that id.
  /// - Throws: ``StorageError/missing(table:)``.
  func update(_ mail: OutboxMailRecord) throws
  /// A mail that was sent is removed.
  /// - Throws: ``StorageError/missing(table:)``.
  func deleteOutboxMail(_ id: ULID) throws
}
