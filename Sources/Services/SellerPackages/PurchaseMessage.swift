internal import API
internal import Storage

extension Purchase {
  /// The purchase as clients see it.
  ///
  /// - Parameters:
  ///   - listingsUsed: see ``ReadTransaction/usedListings(of:at:)``.
  ///   - time: now.
  init(_ record: PurchaseRecord, listingsUsed: Int64, at time: Instant) {
    self.init()
    id = record.id
    userID = record.userID
    packageID = record.packageID
    packageName = record.packageName
    startTime = Timestamp(record.startTime)
    endTime = Timestamp(record.endTime)
    isActive = record.isCurrent(at: time)
    listingLimit = Quota(record.listingLimit)
    self.listingsUsed = listingsUsed
    features = record.features
    transactionID = record.transactionID
    amountCharged = Money(record.amountCharged)
    credit = Money(record.credit)
    paymentMethod = PaymentMethod(record.paymentMethod)
    receiptNumber = record.receiptNumber
    etag = record.etag
  }
}

extension PurchaseRecord {
  /// Made of id and revision alone, as a plan's is.
  var etag: String {
    ETag.text(ETag.mixed(UInt64(bitPattern: id)) &+ UInt64(bitPattern: revision))
  }

  /// What audit records and error details call it.
  var resource: String { "purchases/\(id)" }
}

extension SellerPackageStatus {
  /// What is left of a purchase that is current at `time`.
  init(_ record: PurchaseRecord, listingsUsed: Int64, at time: Instant) {
    self.init()
    purchaseID = record.id
    packageID = record.packageID
    packageName = record.packageName
    startTime = Timestamp(record.startTime)
    endTime = Timestamp(record.endTime)
    daysLeft = DaysLeft(until: record.endTime, at: time).count
    listingLimit = Quota(record.listingLimit)
    self.listingsUsed = listingsUsed
    listingsRemaining = Quota(record.listingLimit.remaining(after: listingsUsed))
    features = record.features
  }
}

extension Receipt {
  init(_ record: ReceiptRecord) {
    self.init()
    number = ReceiptNumber(series: record.series, sequence: record.sequence).text
    userID = record.userID
    purchaseID = record.purchaseID
    packageID = record.packageID
    packageName = record.packageName
    price = Money(record.price)
    credit = Money(record.credit)
    amountCharged = Money(record.amountCharged)
    startTime = Timestamp(record.startTime)
    endTime = Timestamp(record.endTime)
    paymentMethod = PaymentMethod(record.paymentMethod)
    cardBrand = record.cardBrand
    cardLastFour = record.cardLastFour
    transactionID = record.transactionID
    issueTime = Timestamp(record.issueTime)
  }
}

extension UnresolvedPayment {
  /// An intent that is unresolved.
  init(_ record: PaymentIntentRecord) {
    self.init()
    intentID = record.id.text
    userID = record.userID
    packageID = record.terms.packageID
    status = PaymentStatus(record.state)
    amount = Money(record.amount)
    paymentMethod = PaymentMethod(record.method)
    cardBrand = record.cardBrand
    cardLastFour = record.cardLastFour
    createTime = Timestamp(record.createTime)
    checkCount = record.checkCount
    lastCheckTime = record.lastCheckTime.map { Timestamp($0) }
    nextCheckTime = record.nextCheckTime.map { Timestamp($0) }
  }
}

extension PaymentMethod {
  init(_ method: PaymentIntentRecord.Method?) {
    switch method {
    case .creditCard: self = .creditCard
    case .payPal: self = .paypal
    case nil: self = .unspecified
    }
  }
}

extension PaymentStatus {
  /// Of a state that is unresolved; there is no other in a list of those that are.
  fileprivate init(_ state: PaymentIntentRecord.State) {
    switch state {
    case .pending: self = .pending
    case .unknown: self = .unknown
    case .refundOwed: self = .refundOwed
    case .succeeded, .declined, .refused, .void: self = .unspecified
    }
  }
}
