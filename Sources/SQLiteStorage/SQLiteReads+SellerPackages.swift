internal import Storage

extension SQLiteReads {
  final func sellerPackage(_ id: Int64) throws -> SellerPackageRecord? {
    try first(Query.sellerPackage) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row throws(StorageError) in
      try row.sellerPackage()
    }
  }

  final func sellerPackage(named name: String) throws -> SellerPackageRecord? {
    let found = try first(Query.sellerPackageByName) { statement throws(StorageError) in
      try statement.bind(1, name)
    } read: { row throws(StorageError) in
      try row.sellerPackage()
    }
    if let found, ExactText(found.name) != ExactText(name) {
      throw damaged("the index of names leads to another seller package")
    }
    return found
  }

  final func sellerPackages(
    after id: Int64, activeOnly: Bool, limit: Int
  ) throws -> [SellerPackageRecord] {
    let page = activeOnly ? Query.activeSellerPackages : Query.sellerPackages
    let found = try all(page) { statement throws(StorageError) in
      try statement.bind(1, id)
      try statement.bind(2, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.sellerPackage()
    }
    guard !activeOnly || found.allSatisfy(\.isActive) else {
      throw damaged("the index of active seller packages leads to another one")
    }
    return found
  }

  // MARK: Purchases

  final func purchase(_ id: Int64) throws -> PurchaseRecord? {
    try first(Query.purchase) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row throws(StorageError) in
      try row.purchase()
    }
  }

  final func entitlement(of userID: String) throws -> EntitlementSnapshot? {
    if let known = knownEntitlement(of: userID) { return known }
    let query = PurchaseQuery(userID: userID, limit: 1)
    guard let newest = try purchases(query).first else { return nil }
    guard let slots = try storedSlots(of: newest.id) else {
      throw damaged("the slots of a purchase are not counted")
    }
    let entitlement = EntitlementSnapshot(newest, slots: slots.counts)
    found(entitlement)
    return entitlement
  }

  final func purchases(_ query: PurchaseQuery) throws -> [PurchaseRecord] {
    let found = try all(Query.purchasePage(query)) { statement throws(StorageError) in
      try statement.bind(1, Self.rows(query.limit))
      if let userID = query.userID { try statement.bind(2, userID) }
      if let packageID = query.packageID { try statement.bind(3, packageID) }
      if let before = query.before { try statement.bind(4, before) }
    } read: { row throws(StorageError) in
      try row.purchase()
    }
    guard found.allSatisfy({ $0.isFound(by: query) }) else {
      throw damaged("the index of purchases leads to another purchase")
    }
    return found
  }

  final func hasCurrentPurchase(ofPackage packageID: Int64, at time: Instant) throws -> Bool {
    let found = try first(Query.currentPurchase) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, time.nanosecondsSinceEpoch)
    } read: { row throws(StorageError) in
      try row.purchase()
    }
    guard let found else { return false }
    guard found.packageID == packageID, !found.isReplaced, found.endTime > time else {
      throw damaged("the index of current purchases leads to another purchase")
    }
    return true
  }

  // MARK: Slots

  final func listingSlot(_ listingID: String, of purchaseID: Int64) throws -> ListingSlotRecord? {
    let slot = try first(Query.listingSlot) { statement throws(StorageError) in
      try statement.bind(1, purchaseID)
      try statement.bind(2, listingID)
    } read: { row throws(StorageError) in
      try row.listingSlot()
    }
    if let slot { found(slot) }
    return slot
  }

  final func listingSlotCounts(of purchaseID: Int64) throws -> ListingSlotCounts {
    try slots(of: purchaseID)?.counts ?? .none
  }

  final func expiredListingSlotCount(of purchaseID: Int64, at time: Instant) throws -> Int64 {
    if knownSlots(of: purchaseID)?.counts.used(at: time) != nil { return 0 }
    let count = try first(Query.expiredListingSlotCount) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, purchaseID)
    } read: { row in
      row.int64()
    }
    return count ?? 0
  }

  // MARK: What writes need, too

  /// - Returns: `nil` when the purchase is not there.
  final func slots(of purchaseID: Int64) throws(StorageError) -> PurchaseSlots? {
    if let known = knownSlots(of: purchaseID) { return known }
    return try storedSlots(of: purchaseID)
  }

  /// When the first of the purchase's holds expires.
  final func firstExpiry(of purchaseID: Int64) throws(StorageError) -> Instant? {
    let slot = try first(Query.firstListingSlot) { statement throws(StorageError) in
      try statement.bind(1, purchaseID)
    } read: { row throws(StorageError) in
      try row.listingSlot()
    }
    guard let slot else { return nil }
    guard slot.purchaseID == purchaseID, let expireTime = slot.expireTime else {
      throw damaged("the index of holds leads to another slot")
    }
    return expireTime
  }

  private func storedSlots(of purchaseID: Int64) throws(StorageError) -> PurchaseSlots? {
    let stored = try first(Query.listingSlotCounts) { statement throws(StorageError) in
      try statement.bind(1, purchaseID)
    } read: { row throws(StorageError) in
      try row.purchaseSlots()
    }
    guard var stored else { return nil }
    if stored.counts.held > 0 { stored.counts.firstExpiry = try firstExpiry(of: purchaseID) }
    guard (stored.counts.held > 0) == (stored.counts.firstExpiry != nil) else {
      throw damaged("the slots of a purchase are not counted right")
    }
    return stored
  }
}

extension PurchaseRecord {
  fileprivate func isFound(by query: PurchaseQuery) -> Bool {
    if let userID = query.userID, ExactText(self.userID) != ExactText(userID) { return false }
    return packageID == query.packageID ?? packageID
  }
}
