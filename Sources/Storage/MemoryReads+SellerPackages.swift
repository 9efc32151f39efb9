extension MemoryReads {
  func sellerPackage(_ id: Int64) throws -> SellerPackageRecord? {
    tables.sellers.packages[id]
  }

  func sellerPackage(named name: String) throws -> SellerPackageRecord? {
    let sellers = tables.sellers
    return sellers.packageIDsByName[ExactText(name)].flatMap { sellers.packages[$0] }
  }

  func sellerPackages(
    after id: Int64, activeOnly: Bool, limit: Int
  ) throws -> [SellerPackageRecord] {
    let sellers = tables.sellers
    let all = activeOnly ? sellers.activePackageIDs : sellers.packageIDs
    return all.elements(after: id, limit: limit).compactMap { sellers.packages[$0] }
  }

  // MARK: Purchases

  func purchase(_ id: Int64) throws -> PurchaseRecord? {
    tables.sellers.purchases[id]
  }

  func entitlement(of userID: String) throws -> EntitlementSnapshot? {
    tables.sellers.entitlements[ExactText(userID)]
  }

  func purchases(_ query: PurchaseQuery) throws -> [PurchaseRecord] {
    let sellers = tables.sellers
    let list = MemorySellers.PurchaseList(
      userID: query.userID.map { ExactText($0) }, packageID: query.packageID)
    let ids = sellers.purchaseIDs[list]?.elements(before: query.before, limit: query.limit) ?? []
    return ids.compactMap { sellers.purchases[$0] }
  }

  func hasCurrentPurchase(ofPackage packageID: Int64, at time: Instant) throws -> Bool {
    guard let last = tables.sellers.purchaseEnds[packageID]?.last else { return false }
    return last.time > time
  }

  // MARK: Slots

  func listingSlot(_ listingID: String, of purchaseID: Int64) throws -> ListingSlotRecord? {
    let key = MemorySellers.SlotKey(purchaseID: purchaseID, listingID: ExactText(listingID))
    return tables.sellers.slots[key]
  }

  func listingSlotCounts(of purchaseID: Int64) throws -> ListingSlotCounts {
    tables.sellers.slotCounts(of: purchaseID)
  }

  func expiredListingSlotCount(of purchaseID: Int64, at time: Instant) throws -> Int64 {
    let holds = tables.sellers.expiriesByPurchase[purchaseID]?.elements(limit: .max) ?? []
    return Int64(holds.prefix { $0.time <= time }.count)
  }

  // MARK: Payments

  func paymentIntent(_ id: ULID) throws -> PaymentIntentRecord? {
    tables.payments.intents[id]
  }

  func openPaymentIntent(of userID: String) throws -> PaymentIntentRecord? {
    let payments = tables.payments
    return payments.openIntentIDsByUser[ExactText(userID)].flatMap { payments.intents[$0] }
  }

  func unresolvedPaymentIntents(
    of userID: String?, after id: ULID?, limit: Int
  ) throws -> [PaymentIntentRecord] {
    let payments = tables.payments
    guard let userID else {
      return payments.unresolvedIntentIDs.elements(after: id, limit: limit)
        .compactMap { payments.intents[$0] }
    }
    let found = payments.unresolvedIntentIDs.elements(after: id, limit: .max)
      .compactMap { payments.intents[$0] }
      .filter { ExactText($0.userID) == ExactText(userID) }
    return Array(found.prefix(max(0, limit)))
  }

  func paymentIntentsDue(at time: Instant, limit: Int) throws -> [PaymentIntentRecord] {
    let due = tables.payments.dueIntents.elements(limit: limit).prefix { $0.time <= time }
    return due.compactMap { tables.payments.intents[$0.id] }
  }

  func unheardRenewal(of purchaseID: Int64) throws -> PaymentIntentRecord? {
    let payments = tables.payments
    return payments.unheardRenewals[purchaseID]?.last.flatMap { payments.intents[$0] }
  }

  func sandboxCharge(_ intentID: ULID) throws -> SandboxChargeRecord? {
    tables.payments.charges[intentID]
  }

  // MARK: Receipts

  func receipt(series: String, sequence: Int64) throws -> ReceiptRecord? {
    let key = MemoryPayments.ReceiptKey(series: ExactText(series), sequence: sequence)
    return tables.payments.receipts[key]
  }

  func lastReceiptSequence(series: String) throws -> Int64 {
    tables.payments.receiptSequences[ExactText(series)]?.last ?? 0
  }

  func outboxMail(_ id: ULID) throws -> OutboxMailRecord? {
    tables.payments.mails[id]
  }

  func outboxMailsDue(at time: Instant, limit: Int) throws -> [OutboxMailRecord] {
    let due = tables.payments.dueMails.elements(limit: limit).prefix { $0.time <= time }
    return due.compactMap { tables.payments.mails[$0.id] }
  }

  func deadOutboxMails(limit: Int) throws -> [OutboxMailRecord] {
    let dead = tables.payments.mails.values.lazy.filter { $0.nextAttemptTime == nil }
    return Array(dead.prefix(max(0, limit)))
  }

  func outboxCounts() throws -> OutboxCounts {
    let payments = tables.payments
    let waiting = payments.waitingMails.count
    return OutboxCounts(
      waiting: Int64(waiting), dead: Int64(payments.mails.count - waiting),
      oldestCreateTime: payments.waitingMails.elements(limit: 1).first?.time)
  }
}
