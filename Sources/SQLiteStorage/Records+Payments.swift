internal import Storage

/// How records of payments and receipts are laid out in their rows; as in `Records`.
extension RowWriter {
  mutating func write(_ intent: PaymentIntentRecord) throws(StorageError) {
    let terms = intent.terms
    try add(intent.id)
    try add(intent.userID)
    try add(intent.email)
    try add(Int64(intent.state.rawValue))
    try add(intent.amount)
    try add(Int64(intent.method.rawValue))
    try add(intent.cardBrand)
    try add(intent.cardLastFour)
    try add(terms.packageID)
    try add(terms.packageName)
    try add(terms.listingLimit)
    try add(TextList.text(terms.features))
    try add(terms.price)
    try add(terms.credit)
    try add(terms.startTime.nanosecondsSinceEpoch)
    try add(terms.endTime.nanosecondsSinceEpoch)
    try add(terms.renewedPurchaseID)
    try add(terms.replacedPurchaseID)
    try add(intent.origin.actor)
    try add(intent.origin.method)
    try add(intent.origin.requestID)
    try add(intent.origin.requestHash)
    try add(intent.transactionID)
    try add(intent.declineCode)
    try add(intent.createTime.nanosecondsSinceEpoch)
    try add(Int64(intent.checkCount))
    try add(intent.lastCheckTime?.nanosecondsSinceEpoch)
    try add(intent.nextCheckTime?.nanosecondsSinceEpoch)
    try add(intent.gateway)
    try add(Int64(intent.refundFailures))
    try add(toAddedColumn: intent.unheardUntil?.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(_ charge: SandboxChargeRecord) throws(StorageError) {
    try add(charge.intentID)
    try add(Int64(charge.outcome.rawValue))
    try add(charge.amount)
    try add(charge.transactionID)
    try add(charge.declineCode)
    try add(charge.visibleTime.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(_ receipt: ReceiptRecord) throws(StorageError) {
    try add(receipt.series)
    try add(receipt.sequence)
    try add(receipt.userID)
    try add(receipt.purchaseID)
    try add(receipt.packageID)
    try add(receipt.packageName)
    try add(receipt.price)
    try add(receipt.credit)
    try add(receipt.amountCharged)
    try add(receipt.startTime.nanosecondsSinceEpoch)
    try add(receipt.endTime.nanosecondsSinceEpoch)
    try add((receipt.paymentMethod?.rawValue).map(Int64.init))
    try add(receipt.cardBrand)
    try add(receipt.cardLastFour)
    try add(receipt.transactionID)
    try add(receipt.issueTime.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(_ mail: OutboxMailRecord) throws(StorageError) {
    try add(mail.id)
    try add(mail.messageID)
    try add(mail.recipient)
    try add(mail.subject)
    try add(mail.body)
    try add(mail.createTime.nanosecondsSinceEpoch)
    try add(Int64(mail.attempts))
    try add(mail.nextAttemptTime?.nanosecondsSinceEpoch)
    try add(mail.lastError)
    try write()
  }
}

extension RowReader {
  mutating func paymentIntent() throws(StorageError) -> PaymentIntentRecord {
    let id = ulid()
    let userID = text()
    let email = text()
    let state = PaymentIntentRecord.State(rawValue: int32())
    let amount = money()
    let method = PaymentIntentRecord.Method(rawValue: int32())
    let card = (brand: text(), lastFour: text())
    let package = (id: int64(), name: text())
    let listingLimit = quota()
    let features = texts()
    let (price, credit) = (money(), money())
    let times = (start: instant(), end: instant())
    let purchases = (renewed: int64(), replaced: int64())
    let origin = PaymentIntentRecord.Origin(
      actor: text(), method: text(), requestID: text(), requestHash: blob())
    let transactionID = text()
    let declineCode = text()
    let createTime = instant()
    let checkCount = int32()
    let lastCheckTime = optionalInstant()
    let nextCheckTime = optionalInstant()
    let gateway = text()
    let refundFailures = addedInt64() ?? 0
    let unheardUntil = addedInt64().map(Instant.init(nanosecondsSinceEpoch:))
    try verify()
    guard let id, let state, let method, let features else {
      throw .damaged(path: path, reason: "a payment has a state or list that nobody wrote")
    }
    let terms = PaymentIntentRecord.Terms(
      packageID: package.id, packageName: package.name, listingLimit: listingLimit,
      features: features, price: price, credit: credit, startTime: times.start,
      endTime: times.end, renewedPurchaseID: purchases.renewed,
      replacedPurchaseID: purchases.replaced)
    return PaymentIntentRecord(
      id: id, userID: userID, email: email, state: state, amount: amount, method: method,
      cardBrand: card.brand, cardLastFour: card.lastFour, terms: terms, origin: origin,
      transactionID: transactionID, declineCode: declineCode, createTime: createTime,
      checkCount: checkCount, lastCheckTime: lastCheckTime, nextCheckTime: nextCheckTime,
      gateway: gateway, refundFailures: Int32(truncatingIfNeeded: refundFailures),
      unheardUntil: unheardUntil)
  }

  mutating func sandboxCharge() throws(StorageError) -> SandboxChargeRecord {
    let id = ulid()
    let outcome = SandboxChargeRecord.Outcome(rawValue: int32())
    let amount = money()
    let texts = (transactionID: text(), declineCode: text())
    let visibleTime = instant()
    try verify()
    guard let id, let outcome else {
      throw .damaged(path: path, reason: "a charge has an outcome that nobody wrote")
    }
    return SandboxChargeRecord(
      intentID: id, outcome: outcome, amount: amount, transactionID: texts.transactionID,
      declineCode: texts.declineCode, visibleTime: visibleTime)
  }

  mutating func receipt() throws(StorageError) -> ReceiptRecord {
    let series = text()
    let sequence = int64()
    let userID = text()
    let purchaseID = int64()
    let package = (id: int64(), name: text())
    let (price, credit, amountCharged) = (money(), money(), money())
    let times = (start: instant(), end: instant())
    let paymentMethod = optionalMethod()
    let card = (brand: text(), lastFour: text())
    let transactionID = text()
    let issueTime = instant()
    try verify()
    guard let paymentMethod else {
      throw .damaged(path: path, reason: "a receipt has a method that nobody wrote")
    }
    return ReceiptRecord(
      series: series, sequence: sequence, userID: userID, purchaseID: purchaseID,
      packageID: package.id, packageName: package.name, price: price, credit: credit,
      amountCharged: amountCharged, startTime: times.start, endTime: times.end,
      paymentMethod: paymentMethod, cardBrand: card.brand, cardLastFour: card.lastFour,
      transactionID: transactionID, issueTime: issueTime)
  }

  mutating func outboxMail() throws(StorageError) -> OutboxMailRecord {
    let id = ulid()
    let texts = (messageID: text(), recipient: text(), subject: text(), body: text())
    let createTime = instant()
    let attempts = int32()
    let nextAttemptTime = optionalInstant()
    let lastError = text()
    try verify()
    guard let id else { throw .damaged(path: path, reason: "an id is not of 16 bytes") }
    return OutboxMailRecord(
      id: id, messageID: texts.messageID, recipient: texts.recipient, subject: texts.subject,
      body: texts.body, createTime: createTime, attempts: attempts,
      nextAttemptTime: nextAttemptTime, lastError: lastError)
  }
}
