internal import API
internal import Storage

/// Whose slots a request is about: a Service's choice, or the caller themself.
struct ListingUser: Sendable {
  let id: String

  /// Checks the request's fields, then who may ask.
  ///
  /// - Throws: ``Refusal/invalidFields(_:)``, ``Refusal/permissionDenied``.
  init(_ userID: String, _ principal: Principal, _ violations: Violations) throws {
    var violations = violations
    if !Authenticator.isIdentity(userID) {
      violations.add(
        "user_id", "must be 1 to \(Limits.maxIdentityBytes) bytes of printable characters")
    }
    try violations.check()
    guard Self.admits(principal, userID) else { throw Refusal.permissionDenied }
    id = userID
  }

  static func admits(_ principal: Principal, _ userID: String) -> Bool {
    principal.roles.contains(.service) || ExactText(principal.sub) == ExactText(userID)
  }
}

extension Violations {
  mutating func checkListingID(_ id: String) {
    let isValid =
      !id.isEmpty && id.hasAtMost(Limits.maxListingIDCharacters)
      && id.unicodeScalars.allSatisfy(\.isPrintable)
    if !isValid {
      add("listing_id", "must be 1 to \(Limits.maxListingIDCharacters) printable characters")
    }
  }

  /// How many nanoseconds a slot is to be held, or 0 with a violation.
  mutating func checkTTL(_ ttl: DurationMessage?) -> Int64 {
    let (least, most) = (Limits.minHoldSeconds, Limits.maxHoldSeconds)
    guard
      let ttl, (0..<1_000_000_000).contains(ttl.nanos), (least...most).contains(ttl.seconds),
      ttl.seconds < most || ttl.nanos == 0
    else {
      add("ttl", "is required, and must be from \(least) second to \(most / 3600) hours")
      return 0
    }
    return ttl.seconds * 1_000_000_000 + Int64(ttl.nanos)
  }
}

/// The slots of a user's newest purchase, in a write transaction at a time.
///
/// The rows that are there are the truth, those of expired holds among them until they are
/// deleted: a slot is given only while there are fewer rows than the limit. So the limit is kept
/// whatever the clock does: one that is set back makes no slot that was given away live again.
struct ListingSlots {
  let purchase: PurchaseRecord
  let transaction: any WriteTransaction
  let time: Instant

  /// - Throws: ``SellerPackageRefusal/noActivePackage(userID:)``.
  init(
    ofCurrentPackageOf userID: String, in transaction: any WriteTransaction, at time: Instant
  ) throws {
    guard let current = try transaction.currentEntitlement(of: userID, at: time) else {
      throw SellerPackageRefusal.noActivePackage(userID: userID)
    }
    purchase = current.record
    self.transaction = transaction
    self.time = time
  }

  /// What there is of the listing, be it a hold that has expired.
  func find(_ listingID: String) throws -> ListingSlotRecord? {
    try transaction.listingSlot(listingID, of: purchase.id)
  }

  /// Takes a free slot.
  ///
  /// - Parameter expired: what is left of the listing's own hold that has expired.
  /// - Throws: ``SellerPackageRefusal/listingLimitReached(userID:limit:)``.
  func take(
    _ listingID: String, until expireTime: Instant, replacing expired: ListingSlotRecord?
  ) throws -> ListingSlotRecord {
    // First: it may be none of those that are freed.
    if expired != nil { try transaction.deleteListingSlot(listingID, of: purchase.id) }
    try freeExpired()
    if case .limit(let limit) = purchase.listingLimit {
      let counts = try transaction.listingSlotCounts(of: purchase.id)
      guard counts.held + counts.committed < limit else {
        throw SellerPackageRefusal.listingLimitReached(userID: purchase.userID, limit: limit)
      }
    }
    let slot = ListingSlotRecord(
      purchaseID: purchase.id, listingID: listingID, createTime: time, expireTime: expireTime)
    try transaction.insert(slot)
    return slot
  }

  /// Deletes the first holds that have expired, as many as one call may: more than it adds.
  private func freeExpired() throws {
    let counts = try transaction.listingSlotCounts(of: purchase.id)
    guard counts.used(at: time) == nil else { return }
    _ = try transaction.deleteListingSlots(
      of: purchase.id, expiredAt: time, limit: Limits.maxExpiredSlotsPerCall)
  }
}

extension ListingSlotRecord {
  func isExpired(at time: Instant) -> Bool {
    expireTime.map { $0 <= time } ?? false
  }

  /// Changes with every write.
  var etag: String {
    let time = UInt64(bitPattern: expireTime?.nanosecondsSinceEpoch ?? .max)
    let created = UInt64(bitPattern: createTime.nanosecondsSinceEpoch)
    return ETag.text(ETag.mixed(ETag.mixed(UInt64(bitPattern: purchaseID)) ^ created) ^ time)
  }

  /// "users/10/listings/7".
  func resource(of userID: String) -> String { "users/\(userID)/listings/\(listingID)" }
}

extension ListingSlot {
  init(_ slot: ListingSlotRecord, of userID: String) {
    self.init(
      userID: userID, listingID: slot.listingID,
      state: slot.expireTime == nil ? .committed : .held, createTime: Timestamp(slot.createTime),
      expireTime: slot.expireTime.map { Timestamp($0) })
  }
}
