internal import Storage

extension SQLiteWrites {
  func insert(_ intent: PaymentIntentRecord) throws {
    do throws(StorageError) {
      try write(Query.insertPaymentIntent) { row throws(StorageError) in try row.write(intent) }
    } catch {
      // Which of two constraints SQLite looks at first is its own matter.
      if error == .openPaymentIntentTaken, try paymentIntent(intent.id) != nil {
        throw StorageError.paymentIntentIDTaken
      }
      throw error
    }
    known.intent = intent
  }

  func update(_ intent: PaymentIntentRecord) throws {
    let current = known.intent
    let stored = current?.id == intent.id ? current : try paymentIntent(intent.id)
    guard let stored else { throw StorageError.paymentIntentMissing }
    let intent = intent.keepingIdentity(of: stored)
    try write(Query.updatePaymentIntent) { row throws(StorageError) in try row.write(intent) }
    guard connection.changes == 1 else { throw damaged("a payment is there and is not there") }
    known.intent = intent
  }

  func put(_ charge: SandboxChargeRecord) throws {
    try write(Query.putSandboxCharge) { row throws(StorageError) in try row.write(charge) }
  }

  // MARK: Receipts

  func insert(_ receipt: ReceiptRecord) throws {
    let last = try lastReceiptSequence(series: receipt.series)
    try write(Query.insertReceipt) { row throws(StorageError) in try row.write(receipt) }
    known.receiptSequences[ExactText(receipt.series)] = max(last, receipt.sequence)
  }

  func insert(_ mail: OutboxMailRecord) throws {
    try write(Query.insertOutboxMail) { row throws(StorageError) in try row.write(mail) }
  }

  func update(_ mail: OutboxMailRecord) throws {
    try write(Query.updateOutboxMail) { row throws(StorageError) in try row.write(mail) }
    guard connection.changes > 0 else { throw StorageError.outboxMailMissing }
  }

  func deleteOutboxMail(_ id: ULID) throws {
    try delete(Query.deleteOutboxMail) { statement throws(StorageError) in
      try statement.bind(1, id)
    }
    guard connection.changes > 0 else { throw StorageError.outboxMailMissing }
  }
}
