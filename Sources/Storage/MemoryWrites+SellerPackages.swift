extension MemoryWrites {
  func nextSellerPackageID() throws -> Int64 {
    guard tables.sellers.lastPackageID < .max else { throw StorageError.full }
    setLastSellerPackageID(tables.sellers.lastPackageID + 1)
    return tables.sellers.lastPackageID
  }

  func insert(_ package: SellerPackageRecord) throws {
    let sellers = tables.sellers
    guard sellers.packages[package.id] == nil else { throw StorageError.sellerPackageIDTaken }
    guard sellers.packageIDsByName[ExactText(package.name)] == nil else {
      throw StorageError.sellerPackageNameTaken
    }
    if package.id > sellers.lastPackageID { setLastSellerPackageID(package.id) }
    put(package.id, package)
  }

  func update(_ package: SellerPackageRecord) throws {
    let sellers = tables.sellers
    guard sellers.packages[package.id] != nil else { throw StorageError.sellerPackageMissing }
    let holder = sellers.packageIDsByName[ExactText(package.name)]
    guard holder == nil || holder == package.id else { throw StorageError.sellerPackageNameTaken }
    put(package.id, package)
  }

  func deleteSellerPackage(_ id: Int64) throws {
    guard tables.sellers.packages[id] != nil else { throw StorageError.sellerPackageMissing }
    put(id, nil as SellerPackageRecord?)
  }

  // MARK: Purchases

  func nextPurchaseID() throws -> Int64 {
    let all = MemorySellers.PurchaseList(userID: nil, packageID: nil)
    let last = max(tables.sellers.purchaseIDs[all]?.last ?? 0, lastPurchaseID)
    guard last < .max else { throw StorageError.full }
    lastPurchaseID = last + 1
    return last + 1
  }

  func insert(_ purchase: PurchaseRecord) throws {
    guard tables.sellers.purchases[purchase.id] == nil else { throw StorageError.purchaseIDTaken }
    put(purchase.id, purchase)
    renewEntitlement(by: purchase.id)
  }

  func update(_ purchase: PurchaseRecord) throws {
    guard let old = tables.sellers.purchases[purchase.id] else {
      throw StorageError.purchaseMissing
    }
    put(purchase.id, purchase.keepingIdentity(of: old))
    renewEntitlement(by: purchase.id)
  }

  // MARK: Slots

  func insert(_ slot: ListingSlotRecord) throws {
    let sellers = tables.sellers
    let key = MemorySellers.SlotKey(slot)
    guard sellers.slots[key] == nil else { throw StorageError.listingSlotTaken }
    guard sellers.purchases[slot.purchaseID] != nil else { throw StorageError.purchaseMissing }
    put(key, slot)
    renewEntitlement(by: slot.purchaseID)
  }

  func update(_ slot: ListingSlotRecord) throws {
    let key = MemorySellers.SlotKey(slot)
    guard tables.sellers.slots[key] != nil else { throw StorageError.listingSlotMissing }
    put(key, slot)
    renewEntitlement(by: slot.purchaseID)
  }

  func deleteListingSlot(_ listingID: String, of purchaseID: Int64) throws {
    let key = MemorySellers.SlotKey(purchaseID: purchaseID, listingID: ExactText(listingID))
    guard tables.sellers.slots[key] != nil else { throw StorageError.listingSlotMissing }
    put(key, nil)
    renewEntitlement(by: purchaseID)
  }

  func deleteListingSlots(
    of purchaseID: Int64?, expiredAt time: Instant, limit: Int
  ) throws -> Int {
    let sellers = tables.sellers
    let holds =
      if let purchaseID { sellers.expiriesByPurchase[purchaseID] } else { sellers.expiries }
    let expired = (holds?.elements(limit: limit) ?? []).prefix { $0.time <= time }
    for expiry in expired { put(expiry.key, nil) }
    for purchaseID in Set(expired.map(\.key.purchaseID)) { renewEntitlement(by: purchaseID) }
    return expired.count
  }

  // MARK: Payments

  func insert(_ intent: PaymentIntentRecord) throws {
    guard tables.payments.intents[intent.id] == nil else {
      throw StorageError.paymentIntentIDTaken
    }
    try checkOpenIntent(intent)
    put(intent.id, intent)
  }

  func update(_ intent: PaymentIntentRecord) throws {
    guard let old = tables.payments.intents[intent.id] else {
      throw StorageError.paymentIntentMissing
    }
    let intent = intent.keepingIdentity(of: old)
    try checkOpenIntent(intent)
    put(intent.id, intent)
  }

  func put(_ charge: SandboxChargeRecord) throws {
    let old = tables.payments.putCharge(charge.intentID, charge)
    undo.append { _ = $0.payments.putCharge(charge.intentID, old) }
  }

  // MARK: Receipts

  func insert(_ receipt: ReceiptRecord) throws {
    let key = MemoryPayments.ReceiptKey(
      series: ExactText(receipt.series), sequence: receipt.sequence)
    guard tables.payments.receipts[key] == nil else { throw StorageError.receiptNumberTaken }
    let old = tables.payments.putReceipt(key, receipt)
    undo.append { _ = $0.payments.putReceipt(key, old) }
  }

  func insert(_ mail: OutboxMailRecord) throws {
    guard tables.payments.mails[mail.id] == nil else { throw StorageError.outboxMailIDTaken }
    put(mail.id, mail)
  }

  func update(_ mail: OutboxMailRecord) throws {
    guard tables.payments.mails[mail.id] != nil else { throw StorageError.outboxMailMissing }
    put(mail.id, mail)
  }

  func deleteOutboxMail(_ id: ULID) throws {
    guard tables.payments.mails[id] != nil else { throw StorageError.outboxMailMissing }
    put(id, nil as OutboxMailRecord?)
  }

  // MARK: What undoes it

  private func checkOpenIntent(_ intent: PaymentIntentRecord) throws {
    guard intent.state.isOpen else { return }
    let holder = tables.payments.openIntentIDsByUser[ExactText(intent.userID)]
    guard holder == nil || holder == intent.id else { throw StorageError.openPaymentIntentTaken }
  }

  private func setLastSellerPackageID(_ id: Int64) {
    let old = tables.sellers.lastPackageID
    tables.sellers.lastPackageID = id
    undo.append { $0.sellers.lastPackageID = old }
  }

  /// Makes a new snapshot if the purchase is its user's newest.
  private func renewEntitlement(by purchaseID: Int64) {
    let sellers = tables.sellers
    guard let purchase = sellers.purchases[purchaseID] else { return }
    let userID = ExactText(purchase.userID)
    let list = MemorySellers.PurchaseList(userID: userID, packageID: nil)
    guard sellers.purchaseIDs[list]?.last == purchaseID else { return }
    let snapshot = EntitlementSnapshot(purchase, slots: sellers.slotCounts(of: purchaseID))
    let old = sellers.putEntitlement(userID, snapshot)
    changedUserIDs.insert(userID)
    undo.append { _ = $0.sellers.putEntitlement(userID, old) }
  }

  private func put(_ id: Int64, _ package: SellerPackageRecord?) {
    let old = tables.sellers.putPackage(id, package)
    undo.append { _ = $0.sellers.putPackage(id, old) }
  }

  private func put(_ id: Int64, _ purchase: PurchaseRecord) {
    let old = tables.sellers.putPurchase(id, purchase)
    undo.append { _ = $0.sellers.putPurchase(id, old) }
  }

  private func put(_ key: MemorySellers.SlotKey, _ slot: ListingSlotRecord?) {
    let old = tables.sellers.putSlot(key, slot)
    undo.append { _ = $0.sellers.putSlot(key, old) }
  }

  private func put(_ id: ULID, _ intent: PaymentIntentRecord) {
    let old = tables.payments.putIntent(id, intent)
    undo.append { _ = $0.payments.putIntent(id, old) }
  }

  private func put(_ id: ULID, _ mail: OutboxMailRecord?) {
    let old = tables.payments.putMail(id, mail)
    undo.append { _ = $0.payments.putMail(id, old) }
  }
}
