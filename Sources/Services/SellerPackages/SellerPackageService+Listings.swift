internal import API
internal import Storage

extension ReserveListingRequest: MutatingRequest {
  var validateOnly: Bool { false }
}
extension CommitListingRequest: MutatingRequest {
  var validateOnly: Bool { false }
}
extension ReleaseListingRequest: MutatingRequest {
  var validateOnly: Bool { false }
}

extension SellerPackageService {
  func reserveListing(
    _ request: ReserveListingRequest, _ caller: Caller
  ) async throws -> Answer<ReserveListingResponse> {
    var violations = Violations()
    violations.checkListingID(request.listingID)
    let ttl = violations.checkTTL(request.ttl)
    request.checkRequestID(&violations)
    let user = try ListingUser(request.userID, caller.principal, violations).id
    return try await mutations.run(request, by: caller) { transaction, time in
      let slots = try ListingSlots(ofCurrentPackageOf: user, in: transaction, at: time)
      let expireTime = time.adding(nanoseconds: ttl)
      let found = try slots.find(request.listingID)
      let known = found.flatMap { $0.isExpired(at: time) ? nil : $0 }
      var slot =
        try known ?? slots.take(request.listingID, until: expireTime, replacing: found)
      if known?.expireTime != nil {
        slot.expireTime = expireTime
        try transaction.update(slot)
      }
      return Effect(
        response: ReserveListingResponse(slot: ListingSlot(slot, of: user)),
        partition: .user(user), resource: slot.resource(of: user),
        beforeETag: known?.etag ?? "", afterETag: slot.etag, isChange: slot != known)
    }
  }

  func commitListing(
    _ request: CommitListingRequest, _ caller: Caller
  ) async throws -> Answer<CommitListingResponse> {
    var violations = Violations()
    violations.checkListingID(request.listingID)
    request.checkRequestID(&violations)
    let user = try ListingUser(request.userID, caller.principal, violations).id
    return try await mutations.run(request, by: caller) { transaction, time in
      let slots = try ListingSlots(ofCurrentPackageOf: user, in: transaction, at: time)
      guard let known = try slots.find(request.listingID), !known.isExpired(at: time) else {
        throw SellerPackageRefusal.slotNotFound(listingID: request.listingID)
      }
      var slot = known
      slot.expireTime = nil
      if slot != known { try transaction.update(slot) }
      return Effect(
        response: CommitListingResponse(slot: ListingSlot(slot, of: user)),
        partition: .user(user), resource: slot.resource(of: user),
        beforeETag: known.etag, afterETag: slot.etag, isChange: slot != known)
    }
  }

  /// Also of a package that has ended: it may be renewed, and is not to have lost a slot then.
  func releaseListing(
    _ request: ReleaseListingRequest, _ caller: Caller
  ) async throws -> Answer<ReleaseListingResponse> {
    var violations = Violations()
    violations.checkListingID(request.listingID)
    request.checkRequestID(&violations)
    let user = try ListingUser(request.userID, caller.principal, violations).id
    return try await mutations.run(request, by: caller) { transaction, _ in
      let purchase = try transaction.entitlement(of: user)?.record.id
      let slot = try purchase.flatMap {
        try transaction.listingSlot(request.listingID, of: $0)
      }
      if let slot {
        try transaction.deleteListingSlot(slot.listingID, of: slot.purchaseID)
      }
      return Effect(
        response: ReleaseListingResponse(), partition: .user(user),
        resource: "users/\(user)/listings/\(request.listingID)", beforeETag: slot?.etag ?? "",
        afterETag: "", isChange: slot != nil)
    }
  }

  /// Deletes holds that have expired, of users who ask for no more slots: they count no longer, but
  /// take up room. Returns how many.
  func purgeExpiredHolds() async throws -> Int {
    let time = now()
    let limit = Limits.slotPurgeBatchRecords
    return try await Purge.inBatches(of: limit) {
      try await store.write {
        try $0.deleteListingSlots(of: nil, expiredAt: time, limit: limit)
      }
    }
  }
}
