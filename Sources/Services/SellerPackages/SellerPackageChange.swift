internal import API
internal import Storage

/// A user's change to another package, or to a first one: what it costs and gives.
struct SellerPackageChange {
  let package: SellerPackageRecord
  /// What it replaces.
  let current: PurchaseRecord?
  let price: MinorUnits
  let credit: MinorUnits
  let startTime: Instant
  let endTime: Instant

  /// - Parameter quote: what it is to be made at, or not at all; nil for what it costs now.
  /// - Throws: a ``SellerPackageRefusal``.
  init(
    to packageID: Int64, of userID: String, quoted quote: QuoteSigner.Reading? = nil,
    at time: Instant, in transaction: any ReadTransaction
  ) throws {
    package = try transaction.packageOnSale(packageID)
    let entitlement = try transaction.currentEntitlement(of: userID, at: time)
    current = entitlement?.record
    guard current?.packageID != packageID else {
      throw SellerPackageRefusal.alreadyActive(resource: package.resource)
    }
    guard let price = MinorUnits(package.price) else { throw Pricing.Unpayable() }
    self.price = price
    switch quote {
    case .quote(let quote):
      try quote.check(package, current, at: time)
      credit = MinorUnits(currencyCode: price.currencyCode, count: quote.credit)
      startTime = quote.startTime
      endTime = quote.endTime
    case .ofAnotherSigner:
      // Of a process that is gone, as are its quotes.
      throw SellerPackageRefusal.quoteExpired
    case nil:
      // Where the clock was set back, what is current began later than now.
      startTime = max(time, current?.startTime ?? time)
      endTime = Pricing.end(of: package.durationDays, from: startTime)
      let periods = current?.periods ?? []
      try periods.checkCurrency(of: package, at: startTime)
      credit = try Pricing.credit(for: periods, at: startTime, upTo: price)
    }
    if let entitlement {
      let used = try entitlement.usedListings(at: time, in: transaction)
      try package.checkRoom(for: used)
    }
  }

  func terms() -> PaymentIntentRecord.Terms {
    PaymentIntentRecord.Terms(
      packageID: package.id, packageName: package.name, listingLimit: package.listingLimit,
      features: package.features, price: price.money, credit: credit.money,
      startTime: startTime, endTime: endTime, renewedPurchaseID: 0,
      replacedPurchaseID: current?.id ?? 0)
  }

  /// - Parameter time: when it expires, if what it rests on lasts so long.
  func quote(until time: Instant) -> Quote {
    Quote(
      packageID: package.id, packageRevision: package.revision,
      currentPurchaseID: current?.id ?? 0, currentRevision: current?.revision ?? 0,
      price: price.count, credit: credit.count, startTime: startTime, endTime: endTime,
      expireTime: min(time, current?.endTime ?? time))
  }

  func message(_ quote: Quote, _ token: String) -> PackageChangeQuote {
    let due = MinorUnits(currencyCode: price.currencyCode, count: price.count - credit.count)
    var message = PackageChangeQuote()
    message.packageID = package.id
    message.currentPackageID = current?.packageID ?? 0
    message.price = Money(price.money)
    message.credit = Money(credit.money)
    message.amountDue = Money(due.money)
    message.startTime = Timestamp(startTime)
    message.endTime = Timestamp(endTime)
    message.expireTime = Timestamp(quote.expireTime)
    message.quoteToken = token
    return message
  }
}

/// More time for a user's purchase, at its package's present terms.
enum SellerPackageRenewal {
  /// - Throws: a ``SellerPackageRefusal``.
  static func terms(
    of purchaseID: Int64, of userID: String, at time: Instant,
    in transaction: any ReadTransaction
  ) throws -> PaymentIntentRecord.Terms {
    guard
      let purchase = try transaction.purchase(purchaseID),
      purchase.userID.utf8.elementsEqual(userID.utf8)
    else { throw SellerPackageRefusal.purchaseNotFound(id: purchaseID) }
    // One that another came after is over for good, also when the other has ended too.
    guard
      let newest = try transaction.entitlement(of: userID), newest.record.id == purchaseID,
      !purchase.isReplaced
    else { throw SellerPackageRefusal.purchaseNotCurrent(id: purchaseID) }
    let package = try transaction.packageOnSale(purchase.packageID)
    try purchase.periods.checkCurrency(of: package, at: time)
    let (start, end) = Pricing.renewal(
      of: purchase.endTime, days: package.durationDays, at: time)
    guard end <= time.adding(seconds: Limits.maxRenewedDays * Instant.secondsPerDay) else {
      throw SellerPackageRefusal.renewedTooFar(days: Limits.maxRenewedDays)
    }
    try package.checkRoom(for: newest.usedListings(at: time, in: transaction))
    guard let price = MinorUnits(package.price) else { throw Pricing.Unpayable() }
    return PaymentIntentRecord.Terms(
      packageID: package.id, packageName: package.name, listingLimit: package.listingLimit,
      features: package.features, price: price.money,
      credit: MinorUnits(currencyCode: price.currencyCode, count: 0).money,
      startTime: start, endTime: end, renewedPurchaseID: purchaseID, replacedPurchaseID: 0)
  }
}

extension ReadTransaction {
  /// - Throws: ``SellerPackageRefusal/packageNotFound(id:)``, also for one that is not on sale.
  fileprivate func packageOnSale(_ id: Int64) throws -> SellerPackageRecord {
    guard let package = try sellerPackage(id), package.isActive else {
      throw SellerPackageRefusal.packageNotFound(id: id)
    }
    return package
  }
}

extension [PurchaseRecord.Period] {
  /// - Throws: ``SellerPackageRefusal/otherCurrency(current:new:)`` when any that is not over yet
  ///   was paid in another.
  fileprivate func checkCurrency(of package: SellerPackageRecord, at time: Instant) throws {
    let new = package.price.currencyCode
    for period in self where period.end > time && period.price.currencyCode != new {
      guard period.price.units == 0, period.price.nanos == 0 else {
        throw SellerPackageRefusal.otherCurrency(current: period.price.currencyCode, new: new)
      }
    }
  }
}

extension SellerPackageRecord {
  /// - Throws: ``SellerPackageRefusal/listingsExceedLimit(used:limit:)``.
  fileprivate func checkRoom(for used: Int64) throws {
    guard case .limit(let limit) = listingLimit, used > limit else { return }
    throw SellerPackageRefusal.listingsExceedLimit(used: used, limit: limit)
  }
}

extension Quote {
  /// - Throws: ``SellerPackageRefusal/quoteExpired``, or `quoteChanged` when it was given for
  ///   another state of the package or of the user's current purchase.
  fileprivate func check(
    _ package: SellerPackageRecord, _ current: PurchaseRecord?, at time: Instant
  ) throws {
    guard time < expireTime else { throw SellerPackageRefusal.quoteExpired }
    let holds =
      packageRevision == package.revision && currentPurchaseID == current?.id ?? 0
      && currentRevision == current?.revision ?? 0
    guard holds else { throw SellerPackageRefusal.quoteChanged }
  }
}
