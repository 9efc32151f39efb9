internal import Storage

/// How records of seller packages are laid out in their rows; as in `Records`.
extension RowWriter {
  mutating func write(_ package: SellerPackageRecord) throws(StorageError) {
    try add(package.id)
    try add(package.name)
    try add(package.description)
    try add(package.price)
    try add(Int64(package.durationDays))
    try add(package.listingLimit)
    try add(TextList.text(package.features))
    try add(package.isActive ? 1 : 0 as Int64)
    try add(package.createTime.nanosecondsSinceEpoch)
    try add(package.updateTime.nanosecondsSinceEpoch)
    try add(package.revision)
    try write()
  }

  mutating func write(_ purchase: PurchaseRecord) throws(StorageError) {
    try add(purchase.id)
    try add(purchase.userID)
    try add(purchase.packageID)
    try add(purchase.packageName)
    try add(purchase.startTime.nanosecondsSinceEpoch)
    try add(purchase.endTime.nanosecondsSinceEpoch)
    try add(purchase.isReplaced ? 1 : 0 as Int64)
    try add(purchase.listingLimit)
    try add(TextList.text(purchase.features))
    try add(TextList.text(purchase.periods.flatMap(\.texts)))
    try add(purchase.transactionID)
    try add(purchase.amountCharged)
    try add(purchase.credit)
    try add((purchase.paymentMethod?.rawValue).map(Int64.init))
    try add(purchase.receiptNumber)
    try add(purchase.revision)
    try write()
  }

  mutating func write(_ slot: ListingSlotRecord) throws(StorageError) {
    try add(slot.purchaseID)
    try add(slot.listingID)
    try add(slot.createTime.nanosecondsSinceEpoch)
    try add(slot.expireTime?.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(_ slots: PurchaseSlots) throws(StorageError) {
    try add(slots.purchaseID)
    try add(slots.userID)
    try add(slots.counts.held)
    try add(slots.counts.committed)
    try write()
  }

  mutating func add(_ money: MoneyRecord) throws(StorageError) {
    try add(money.currencyCode)
    try add(money.units)
    try add(Int64(money.nanos))
  }
}

/// How many slots a purchase has, and whose it is.
struct PurchaseSlots {
  var purchaseID: Int64
  var userID: String
  var counts: ListingSlotCounts
}

extension PurchaseRecord.Period {
  fileprivate var texts: [String] {
    [
      "\(start.nanosecondsSinceEpoch)", "\(end.nanosecondsSinceEpoch)", price.currencyCode,
      "\(price.units)", "\(price.nanos)",
    ]
  }

  fileprivate init?(_ texts: ArraySlice<String>) {
    let at = texts.startIndex
    guard let start = Int64(texts[at]), let end = Int64(texts[at + 1]),
      let units = Int64(texts[at + 3]), let nanos = Int32(texts[at + 4])
    else { return nil }
    self.init(
      start: Instant(nanosecondsSinceEpoch: start), end: Instant(nanosecondsSinceEpoch: end),
      price: MoneyRecord(currencyCode: texts[at + 2], units: units, nanos: nanos))
  }
}

extension RowReader {
  mutating func sellerPackage() throws(StorageError) -> SellerPackageRecord {
    let id = int64()
    let name = text()
    let description = text()
    let price = money()
    let durationDays = int32()
    let listingLimit = quota()
    let features = texts()
    let isActive = int64() != 0
    let times = (instant(), instant())
    let revision = int64()
    try verify()
    guard let features else {
      throw .damaged(path: path, reason: "a seller package has a list that nobody wrote")
    }
    return SellerPackageRecord(
      id: id, name: name, description: description, price: price, durationDays: durationDays,
      listingLimit: listingLimit, features: features, isActive: isActive, createTime: times.0,
      updateTime: times.1, revision: revision)
  }

  mutating func purchase() throws(StorageError) -> PurchaseRecord {
    let id = int64()
    let userID = text()
    let packageID = int64()
    let packageName = text()
    let times = (instant(), instant())
    let isReplaced = int64() != 0
    let listingLimit = quota()
    let features = texts()
    let periods = list(of: 5) { PurchaseRecord.Period($0) }
    let transactionID = text()
    let amountCharged = money()
    let credit = money()
    let paymentMethod = optionalMethod()
    let receiptNumber = text()
    let revision = int64()
    try verify()
    guard let features, let periods, let paymentMethod else {
      throw .damaged(path: path, reason: "a purchase has a list that nobody wrote")
    }
    return PurchaseRecord(
      id: id, userID: userID, packageID: packageID, packageName: packageName,
      startTime: times.0, endTime: times.1, isReplaced: isReplaced, listingLimit: listingLimit,
      features: features, periods: periods, transactionID: transactionID,
      amountCharged: amountCharged, credit: credit, paymentMethod: paymentMethod,
      receiptNumber: receiptNumber, revision: revision)
  }

  mutating func listingSlot() throws(StorageError) -> ListingSlotRecord {
    let slot = ListingSlotRecord(
      purchaseID: int64(), listingID: text(), createTime: instant(),
      expireTime: optionalInstant())
    try verify()
    return slot
  }

  /// What a row says of a purchase's slots: all but when the first of them expires.
  mutating func purchaseSlots() throws(StorageError) -> PurchaseSlots {
    let slots = PurchaseSlots(
      purchaseID: int64(), userID: text(),
      counts: ListingSlotCounts(held: int64(), committed: int64(), firstExpiry: nil))
    try verify()
    return slots
  }

  mutating func money() -> MoneyRecord {
    MoneyRecord(currencyCode: text(), units: int64(), nanos: int32())
  }

  /// - Returns: `nil` for a method that nobody wrote, and within that `nil` for NULL, which is
  ///   none.
  mutating func optionalMethod() -> PaymentIntentRecord.Method?? {
    guard let number = optionalInt64() else { return .some(nil) }
    let method = PaymentIntentRecord.Method(rawValue: Int32(truncatingIfNeeded: number))
    return method.map { .some($0) }
  }
}
