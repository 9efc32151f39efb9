internal import Storage

extension SQLiteReads {
  final func paymentIntent(_ id: ULID) throws -> PaymentIntentRecord? {
    let intent = try first(Query.paymentIntent) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row throws(StorageError) in
      try row.paymentIntent()
    }
    guard let intent else { return nil }
    guard intent.id == id else { throw damaged("the index of payments leads to another one") }
    found(intent)
    return intent
  }

  final func openPaymentIntent(of userID: String) throws -> PaymentIntentRecord? {
    let intent = try first(Query.openPaymentIntent) { statement throws(StorageError) in
      try statement.bind(1, userID)
    } read: { row throws(StorageError) in
      try row.paymentIntent()
    }
    guard let intent else { return nil }
    guard intent.state.isOpen, ExactText(intent.userID) == ExactText(userID) else {
      throw damaged("the index of open payments leads to another one")
    }
    found(intent)
    return intent
  }

  final func unresolvedPaymentIntents(
    of userID: String?, after id: ULID?, limit: Int
  ) throws -> [PaymentIntentRecord] {
    let page =
      userID == nil ? Query.unresolvedPaymentIntents : Query.unresolvedPaymentIntentsOfUser
    let intents = try all(page) { statement throws(StorageError) in
      try statement.bind(1, Self.rows(limit))
      // Every id of 16 bytes is above the empty one.
      if let id { try statement.bind(2, id) } else { try statement.bind(2, [UInt8]()) }
      if let userID { try statement.bind(3, userID) }
    } read: { row throws(StorageError) in
      try row.paymentIntent()
    }
    guard intents.allSatisfy(\.state.isUnresolved) else {
      throw damaged("the index of unresolved payments leads to another one")
    }
    return intents
  }

  final func paymentIntentsDue(at time: Instant, limit: Int) throws -> [PaymentIntentRecord] {
    let intents = try all(Query.paymentIntentsDue) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.paymentIntent()
    }
    for intent in intents {
      guard let checkTime = intent.nextCheckTime, checkTime <= time else {
        throw damaged("the index of payments to check leads to another one")
      }
    }
    return intents
  }

  final func unheardRenewal(of purchaseID: Int64) throws -> PaymentIntentRecord? {
    let intent = try first(Query.unheardRenewal) { statement throws(StorageError) in
      try statement.bind(1, purchaseID)
    } read: { row throws(StorageError) in
      try row.paymentIntent()
    }
    guard let intent else { return nil }
    guard intent.unheardUntil != nil, intent.terms.renewedPurchaseID == purchaseID else {
      throw damaged("the index of unheard renewals leads to another payment")
    }
    return intent
  }

  final func sandboxCharge(_ intentID: ULID) throws -> SandboxChargeRecord? {
    try first(Query.sandboxCharge) { statement throws(StorageError) in
      try statement.bind(1, intentID)
    } read: { row throws(StorageError) in
      try row.sandboxCharge()
    }
  }

  // MARK: Receipts

  final func receipt(series: String, sequence: Int64) throws -> ReceiptRecord? {
    let receipt = try first(Query.receipt) { statement throws(StorageError) in
      try statement.bind(1, series)
      try statement.bind(2, sequence)
    } read: { row throws(StorageError) in
      try row.receipt()
    }
    guard let receipt else { return nil }
    guard receipt.sequence == sequence else {
      throw damaged("the index of receipts leads to another receipt")
    }
    return try checked(receipt, in: series)
  }

  final func lastReceiptSequence(series: String) throws -> Int64 {
    if let known = knownReceiptSequence(series: series) { return known }
    let last = try first(Query.lastReceipt) { statement throws(StorageError) in
      try statement.bind(1, series)
    } read: { row throws(StorageError) in
      try row.receipt()
    }
    let sequence = try last.map { try checked($0, in: series).sequence } ?? 0
    found(receiptSequence: sequence, series: series)
    return sequence
  }

  private func checked(_ receipt: ReceiptRecord, in series: String) throws -> ReceiptRecord {
    guard ExactText(receipt.series) == ExactText(series) else {
      throw damaged("the index of receipts leads to another receipt")
    }
    return receipt
  }

  // MARK: Outbox

  final func outboxMail(_ id: ULID) throws -> OutboxMailRecord? {
    let mail = try first(Query.outboxMail) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row throws(StorageError) in
      try row.outboxMail()
    }
    guard mail?.id == id || mail == nil else {
      throw damaged("the index of mails leads to another mail")
    }
    return mail
  }

  final func outboxMailsDue(at time: Instant, limit: Int) throws -> [OutboxMailRecord] {
    let mails = try all(Query.outboxMailsDue) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.outboxMail()
    }
    for mail in mails {
      guard let attemptTime = mail.nextAttemptTime, attemptTime <= time else {
        throw damaged("the index of mails to send leads to another mail")
      }
    }
    return mails
  }

  final func deadOutboxMails(limit: Int) throws -> [OutboxMailRecord] {
    let mails = try all(Query.deadOutboxMails) { statement throws(StorageError) in
      try statement.bind(1, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.outboxMail()
    }
    guard mails.allSatisfy({ $0.nextAttemptTime == nil }) else {
      throw damaged("the index of dead letters leads to another mail")
    }
    return mails
  }

  final func outboxCounts() throws -> OutboxCounts {
    let waiting = try first(Query.waitingOutboxMails) { _ in
    } read: { row in
      (count: row.int64(), oldest: row.optionalInstant())
    }
    let dead = try first(Query.deadOutboxMailCount) { _ in
    } read: { row in
      row.int64()
    }
    return OutboxCounts(
      waiting: waiting?.count ?? 0, dead: dead ?? 0, oldestCreateTime: waiting?.oldest)
  }
}
