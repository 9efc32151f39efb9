internal import Storage

extension PurchaseRecord {
  /// Whether it is its buyer's current package at `time`. Where the clock was set back, a purchase
  /// that was made already counts, though its start is still to come.
  func isCurrent(at time: Instant) -> Bool {
    !isReplaced && time < endTime
  }
}

extension EntitlementSnapshot {
  func isCurrent(at time: Instant) -> Bool { record.isCurrent(at: time) }

  /// How many slots are held or committed at `time`; `transaction` is asked only once a hold has
  /// expired. It must be the one that the snapshot is of.
  func usedListings(at time: Instant, in transaction: any ReadTransaction) throws -> Int64 {
    try slots.used(at: time) ?? transaction.usedListings(of: record.id, slots, at: time)
  }
}

extension ReadTransaction {
  /// The user's current purchase at `time`, with its slots.
  func currentEntitlement(of userID: String, at time: Instant) throws -> EntitlementSnapshot? {
    guard let newest = try entitlement(of: userID), newest.isCurrent(at: time) else { return nil }
    return newest
  }

  /// How many slots of any purchase are held or committed at `time`.
  func usedListings(of purchaseID: Int64, at time: Instant) throws -> Int64 {
    let slots = try listingSlotCounts(of: purchaseID)
    return try slots.used(at: time) ?? usedListings(of: purchaseID, slots, at: time)
  }

  fileprivate func usedListings(
    of purchaseID: Int64, _ slots: ListingSlotCounts, at time: Instant
  ) throws -> Int64 {
    let expired = try expiredListingSlotCount(of: purchaseID, at: time)
    return slots.held + slots.committed - expired
  }
}

extension QuotaRecord {
  /// What is left when `used` are in use, never below 0.
  func remaining(after used: Int64) -> QuotaRecord {
    switch self {
    case .limit(let limit): .limit(max(0, limit - used))
    case .unlimited: .unlimited
    }
  }
}
