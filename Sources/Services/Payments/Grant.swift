internal import API
internal import GRPC
internal import Storage

/// What a user gets once it is paid, or when nothing is to be paid.
struct Grant: Sendable {
  struct Payment: Sendable {
    let method: PaymentIntentRecord.Method
    let cardBrand: String
    let cardLastFour: String
    let transactionID: String
  }

  let userID: String
  /// Where the receipt is sent; empty for nowhere.
  let email: String
  let terms: PaymentIntentRecord.Terms
  let origin: PaymentIntentRecord.Origin
  let amount: MoneyRecord
  /// nil when nothing was to be paid.
  let payment: Payment?

  /// Of an intent whose charge has succeeded.
  init(_ intent: PaymentIntentRecord, transactionID: String) {
    userID = intent.userID
    email = intent.email
    terms = intent.terms
    origin = intent.origin
    amount = intent.amount
    payment = Payment(
      method: intent.method, cardBrand: intent.cardBrand, cardLastFour: intent.cardLastFour,
      transactionID: transactionID)
  }

  /// Of an order with nothing to pay or, to show what it would be, of one that would be paid.
  init(
    _ order: Order, _ terms: PaymentIntentRecord.Terms, _ amount: MoneyRecord,
    isPaid: Bool = false
  ) {
    userID = order.userID
    email = order.principal.email
    self.terms = terms
    origin = order.origin
    self.amount = amount
    payment =
      isPaid
      ? order.payment.instrument.map {
        Payment(
          method: $0.method, cardBrand: $0.brand, cardLastFour: $0.lastFour, transactionID: "")
      } : nil
  }

  /// Whether there is something to give, and all is as it was when the terms were set: the user's
  /// open intent sees to that, but for the listings that were begun meanwhile, and a package that
  /// was deleted.
  func isApplicable(at time: Instant, in transaction: any ReadTransaction) throws -> Bool {
    guard time < terms.endTime, try transaction.sellerPackage(terms.packageID) != nil else {
      return false
    }
    let newest = try transaction.entitlement(of: userID)
    if terms.renewedPurchaseID != 0 {
      guard let newest, newest.record.id == terms.renewedPurchaseID else { return false }
      let used = try newest.usedListings(at: time, in: transaction)
      return newest.record.endTime <= terms.startTime && terms.listingLimit.admits(used)
    }
    if terms.replacedPurchaseID != 0 {
      guard let newest, newest.record.id == terms.replacedPurchaseID else { return false }
      return !newest.record.isReplaced && terms.startTime <= newest.record.endTime
    }
    return newest.map { $0.record.endTime <= terms.startTime } ?? true
  }

  /// Writes the purchase, the receipt, the audit records, the mail and the replay record; returns
  /// the response.
  func write(
    at time: Instant, _ settings: SellerSettings, _ ids: ULIDSource,
    in transaction: any WriteTransaction
  ) throws -> [UInt8] {
    let sequence = try transaction.lastReceiptSequence(series: settings.receiptSeries) + 1
    let number = ReceiptNumber(series: settings.receiptSeries, sequence: sequence)
    let renewed = try renewedPurchase(in: transaction)
    if renewed == nil { try replace(at: time, in: transaction) }
    let id = try renewed?.id ?? transaction.nextPurchaseID()
    let purchase = purchase(id, renewing: renewed, receiptNumber: number.text, at: time)
    if let renewed {
      // With a smaller limit no hold may come back, whatever becomes of the clock.
      try deleteExpiredHolds(of: renewed.id, at: time, in: transaction)
      try transaction.update(purchase)
    } else {
      try transaction.insert(purchase)
    }
    try audit(purchase, before: renewed, at: time, in: transaction)
    let receipt = receipt(number, for: purchase.id, at: time)
    try transaction.insert(receipt)
    if settings.mailer != .none, !email.isEmpty {
      try transaction.insert(
        ReceiptMail.compose(
          receipt, to: email, from: settings.mailFrom, id: ids.next(at: time)))
    }
    let response = try response(purchase, at: time, in: transaction)
    try origin.keep(
      code: Status.Code.ok.rawValue, response: response, at: time, in: transaction)
    return response
  }

  private func deleteExpiredHolds(
    of purchaseID: Int64, at time: Instant, in transaction: any WriteTransaction
  ) throws {
    let limit = Limits.slotPurgeBatchRecords
    while try transaction.deleteListingSlots(of: purchaseID, expiredAt: time, limit: limit) > 0 {}
  }

  /// The response as it would be; writes nothing.
  func preview(at time: Instant, in transaction: any ReadTransaction) throws -> [UInt8] {
    let renewed = try renewedPurchase(in: transaction)
    let purchase = purchase(renewed?.id ?? 0, renewing: renewed, receiptNumber: "", at: time)
    return try response(purchase, at: time, in: transaction)
  }

  /// The response to what was written before; nil when the purchase has changed since.
  func response(at time: Instant, in transaction: any ReadTransaction) throws -> [UInt8]? {
    guard
      let newest = try transaction.entitlement(of: userID)?.record,
      newest.transactionID == payment?.transactionID
    else { return nil }
    return try response(newest, at: time, in: transaction)
  }

  private func renewedPurchase(in transaction: any ReadTransaction) throws -> PurchaseRecord? {
    guard terms.renewedPurchaseID != 0 else { return nil }
    guard let purchase = try transaction.purchase(terms.renewedPurchaseID) else {
      throw StorageError.purchaseMissing
    }
    return purchase
  }

  private func purchase(
    _ id: Int64, renewing renewed: PurchaseRecord?, receiptNumber: String, at time: Instant
  ) -> PurchaseRecord {
    let period = PurchaseRecord.Period(
      start: terms.startTime, end: terms.endTime, price: terms.price)
    var purchase =
      renewed
      ?? PurchaseRecord(
        id: id, userID: userID, packageID: terms.packageID, packageName: terms.packageName,
        startTime: terms.startTime, endTime: terms.endTime, isReplaced: false,
        listingLimit: terms.listingLimit, features: terms.features, periods: [],
        transactionID: "", amountCharged: amount, credit: terms.credit, paymentMethod: nil,
        receiptNumber: receiptNumber, revision: 0)
    purchase.endTime = terms.endTime
    purchase.listingLimit = terms.listingLimit
    purchase.features = terms.features
    purchase.periods = purchase.periods.filter { $0.end > time } + [period]
    purchase.transactionID = payment?.transactionID ?? ""
    purchase.amountCharged = amount
    purchase.paymentMethod = payment?.method
    purchase.receiptNumber = receiptNumber
    purchase.revision += 1
    return purchase
  }

  /// Ends what the purchase comes after, for good: what has ended by the clock would be current
  /// again if the clock were set back.
  private func replace(at time: Instant, in transaction: any WriteTransaction) throws {
    guard let current = try transaction.entitlement(of: userID)?.record, !current.isReplaced
    else { return }
    var next = current
    next.endTime = min(current.endTime, terms.startTime)
    next.isReplaced = true
    next.periods = []
    next.revision += 1
    try transaction.update(next)
    try audit(next, before: current, at: time, in: transaction)
  }

  private func audit(
    _ purchase: PurchaseRecord, before: PurchaseRecord?, at time: Instant,
    in transaction: any WriteTransaction
  ) throws {
    try AuditChain.append(
      AuditChain.Entry(
        partition: .user(userID), actor: origin.actor, method: origin.method,
        resource: purchase.resource, beforeETag: before?.etag ?? "", afterETag: purchase.etag,
        requestID: origin.requestID),
      at: time, in: transaction)
  }

  private func receipt(
    _ number: ReceiptNumber, for purchaseID: Int64, at time: Instant
  ) -> ReceiptRecord {
    ReceiptRecord(
      series: number.series, sequence: number.sequence, userID: userID, purchaseID: purchaseID,
      packageID: terms.packageID, packageName: terms.packageName, price: terms.price,
      credit: terms.credit, amountCharged: amount, startTime: terms.startTime,
      endTime: terms.endTime, paymentMethod: payment?.method,
      cardBrand: payment?.cardBrand ?? "", cardLastFour: payment?.cardLastFour ?? "",
      transactionID: payment?.transactionID ?? "", issueTime: time)
  }

  private func response(
    _ purchase: PurchaseRecord, at time: Instant, in transaction: any ReadTransaction
  ) throws -> [UInt8] {
    if terms.renewedPurchaseID == 0 {
      return PurchasePackageResponse(
        purchase: Purchase(purchase, listingsUsed: 0, at: time),
        message: "Package purchased successfully"
      ).encoded()
    }
    let used = try transaction.usedListings(of: purchase.id, at: time)
    return RenewPackageResponse(purchase: Purchase(purchase, listingsUsed: used, at: time))
      .encoded()
  }
}

extension QuotaRecord {
  /// Whether so many may be in use.
  func admits(_ used: Int64) -> Bool {
    switch self {
    case .limit(let limit): used <= limit
    case .unlimited: true
    }
  }
}
