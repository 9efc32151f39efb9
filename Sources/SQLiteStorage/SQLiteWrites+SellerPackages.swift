internal import Storage

extension SQLiteWrites {
  func nextSellerPackageID() throws -> Int64 {
    let last = try lastID(in: .sellerPackage)
    guard last < .max else { throw StorageError.full }
    try setLastID(last + 1, in: .sellerPackage)
    return last + 1
  }

  func insert(_ package: SellerPackageRecord) throws {
    try write(Query.insertSellerPackage) { row throws(StorageError) in try row.write(package) }
    if package.id > (try lastID(in: .sellerPackage)) {
      try setLastID(package.id, in: .sellerPackage)
    }
  }

  func update(_ package: SellerPackageRecord) throws {
    try write(Query.updateSellerPackage) { row throws(StorageError) in try row.write(package) }
    guard connection.changes > 0 else { throw StorageError.sellerPackageMissing }
  }

  func deleteSellerPackage(_ id: Int64) throws {
    try delete(Query.deleteSellerPackage) { statement throws(StorageError) in
      try statement.bind(1, id)
    }
    guard connection.changes > 0 else { throw StorageError.sellerPackageMissing }
  }

  // MARK: Purchases

  func nextPurchaseID() throws -> Int64 {
    let last = try lastPurchaseID()
    guard last < .max else { throw StorageError.full }
    known.lastPurchaseID = last + 1
    return last + 1
  }

  func insert(_ purchase: PurchaseRecord) throws {
    let last = try lastPurchaseID()
    try write(Query.insertPurchase) { row throws(StorageError) in try row.write(purchase) }
    let slots = PurchaseSlots(purchaseID: purchase.id, userID: purchase.userID, counts: .none)
    try write(Query.insertListingSlotCounts) { row throws(StorageError) in try row.write(slots) }
    known.lastPurchaseID = max(last, purchase.id)
    // An id that was given out is the newest when it is used at once.
    if purchase.id >= last {
      note(.written(Entitlement(purchase: purchase, slots: .none)), of: purchase.userID)
    } else {
      note(.unknown, of: purchase.userID)
    }
  }

  func update(_ purchase: PurchaseRecord) throws {
    let current = known.entitlement?.record
    let stored = current?.id == purchase.id ? current : try self.purchase(purchase.id)
    guard let stored else { throw StorageError.purchaseMissing }
    let purchase = purchase.keepingIdentity(of: stored)
    try write(Query.updatePurchase) { row throws(StorageError) in try row.write(purchase) }
    guard connection.changes == 1 else { throw damaged("a purchase is there and is not there") }
    guard let newest = knownEntitlement(of: purchase.userID) else {
      note(.unknown, of: purchase.userID)
      return
    }
    guard newest.record.id == purchase.id else { return }
    note(
      .written(Entitlement(purchase: purchase, slots: newest.slots)), of: purchase.userID)
  }

  private func lastPurchaseID() throws(StorageError) -> Int64 {
    if let last = known.lastPurchaseID ?? group.lastPurchaseID { return last }
    let last = try first(Query.lastPurchaseID) { _ in
    } read: { row in
      row.optionalInt64() ?? 0
    }
    // Ids begin at 1.
    let known = max(0, last ?? 0)
    self.known.lastPurchaseID = known
    return known
  }

  // MARK: Slots

  func insert(_ slot: ListingSlotRecord) throws {
    guard var slots = try slots(of: slot.purchaseID) else { throw StorageError.purchaseMissing }
    try write(Query.insertListingSlot) { row throws(StorageError) in try row.write(slot) }
    slots.counts.add(slot)
    try setSlots(slots)
    known.slot = slot
  }

  func update(_ slot: ListingSlotRecord) throws {
    guard let old = try storedSlot(slot.listingID, of: slot.purchaseID) else {
      throw StorageError.listingSlotMissing
    }
    var slots = try countedSlots(of: slot.purchaseID)
    try write(Query.updateListingSlot) { row throws(StorageError) in try row.write(slot) }
    guard connection.changes == 1 else { throw damaged("a slot is there and is not there") }
    known.slot = slot
    slots.counts.remove(old)
    slots.counts.add(slot)
    if slots.counts.firstExpiry == nil { try findFirstExpiry(&slots) }
    try setSlots(slots)
  }

  func deleteListingSlot(_ listingID: String, of purchaseID: Int64) throws {
    guard let old = try storedSlot(listingID, of: purchaseID) else {
      throw StorageError.listingSlotMissing
    }
    var slots = try countedSlots(of: purchaseID)
    try deleteSlot(old)
    slots.counts.remove(old)
    if slots.counts.firstExpiry == nil { try findFirstExpiry(&slots) }
    try setSlots(slots)
  }

  func deleteListingSlots(
    of purchaseID: Int64?, expiredAt time: Instant, limit: Int
  ) throws -> Int {
    if let purchaseID, knownSlots(of: purchaseID)?.counts.used(at: time) != nil { return 0 }
    let expired = try expiredSlots(of: purchaseID, at: time, limit: limit)
    for (purchaseID, gone) in Dictionary(grouping: expired, by: \.purchaseID) {
      var slots = try countedSlots(of: purchaseID)
      for slot in gone {
        try deleteSlot(slot)
        slots.counts.remove(slot)
      }
      try findFirstExpiry(&slots)
      try setSlots(slots)
    }
    return expired.count
  }

  private func expiredSlots(
    of purchaseID: Int64?, at time: Instant, limit: Int
  ) throws(StorageError) -> [ListingSlotRecord] {
    let query =
      purchaseID == nil ? Query.expiredListingSlots : .expiredListingSlotsOfPurchase
    let slots = try all(query) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
      if let purchaseID { try statement.bind(3, purchaseID) }
    } read: { row throws(StorageError) in
      try row.listingSlot()
    }
    for slot in slots {
      guard let expireTime = slot.expireTime, expireTime <= time,
        slot.purchaseID == purchaseID ?? slot.purchaseID
      else { throw damaged("the index of holds leads to another slot") }
    }
    return slots
  }

  private func storedSlot(
    _ listingID: String, of purchaseID: Int64
  ) throws -> ListingSlotRecord? {
    if let slot = known.slot, slot.purchaseID == purchaseID,
      ExactText(slot.listingID) == ExactText(listingID)
    {
      return slot
    }
    return try listingSlot(listingID, of: purchaseID)
  }

  private func deleteSlot(_ slot: ListingSlotRecord) throws(StorageError) {
    try delete(Query.deleteListingSlot) { statement throws(StorageError) in
      try statement.bind(1, slot.purchaseID)
      try statement.bind(2, slot.listingID)
    }
    guard connection.changes == 1 else { throw damaged("a slot is there and is not there") }
    known.slot = nil
  }

  /// Of a purchase that has slots, and so is there. To be asked before they are changed.
  private func countedSlots(of purchaseID: Int64) throws(StorageError) -> PurchaseSlots {
    guard let slots = try slots(of: purchaseID) else {
      throw damaged("the slots of a purchase are not counted")
    }
    return slots
  }

  private func findFirstExpiry(_ slots: inout PurchaseSlots) throws(StorageError) {
    slots.counts.firstExpiry =
      slots.counts.held > 0 ? try firstExpiry(of: slots.purchaseID) : nil
  }

  private func setSlots(_ slots: PurchaseSlots) throws(StorageError) {
    guard slots.counts.held >= 0, slots.counts.committed >= 0 else {
      throw damaged("the slots of a purchase are not counted right")
    }
    try write(Query.updateListingSlotCounts) { row throws(StorageError) in try row.write(slots) }
    guard connection.changes == 1 else {
      throw damaged("the slots of a purchase are not counted")
    }
    guard let newest = knownEntitlement(of: slots.userID) else {
      note(.unknown, of: slots.userID)
      return
    }
    if newest.record.id == slots.purchaseID { note(.slots(slots.counts), of: slots.userID) }
  }

  // MARK: Entitlements

  /// Notes what becomes of a user's entitlement. For new slots, it is the one known last.
  private func note(_ change: EntitlementChange, of userID: String) {
    let key = ExactText(userID)
    let before = known.entitlement
    changedEntitlements[key] = changedEntitlements[key]?.followed(by: change) ?? change
    switch change {
    case .written(let entitlement): known.entitlement = EntitlementSnapshot(entitlement)
    case .slots(let slots):
      known.entitlement = before.map { EntitlementSnapshot($0.record, slots: slots) }
    case .unknown: known.entitlement = nil
    }
  }
}

extension ListingSlotCounts {
  /// Counts a slot that was inserted.
  fileprivate mutating func add(_ slot: ListingSlotRecord) {
    guard let expireTime = slot.expireTime else {
      committed += 1
      return
    }
    // Without a first expiry while there are holds, it is still to be found.
    if held == 0 {
      firstExpiry = expireTime
    } else if let first = firstExpiry {
      firstExpiry = min(first, expireTime)
    }
    held += 1
  }

  /// Counts a slot that was deleted. When it may have been the first to expire, `firstExpiry` is
  /// nil, and has to be found if there are holds.
  fileprivate mutating func remove(_ slot: ListingSlotRecord) {
    guard let expireTime = slot.expireTime else {
      committed -= 1
      return
    }
    held -= 1
    if held <= 0 || expireTime == firstExpiry { firstExpiry = nil }
  }
}
