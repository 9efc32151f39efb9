internal import API
internal import Storage

extension SellerPackageService {
  /// The answer that was kept, to who has the feature, if it still holds.
  func cachedEntitlement(
    _ request: CheckEntitlementRequest, _ principal: Principal
  ) -> Answer<CheckEntitlementResponse>? {
    guard
      ListingUser.admits(principal, request.userID),
      let entitlement = store.cachedEntitlement(of: request.userID),
      entitlement.record.grants(request.feature),
      let bytes = entitlement.response(.entitled, at: now())
    else { return nil }
    return Answer(encoded: bytes, isReplay: false)
  }

  func checkEntitlement(
    _ request: CheckEntitlementRequest, _ caller: Caller
  ) async throws -> Answer<CheckEntitlementResponse> {
    var violations = Violations()
    if !request.feature.hasAtMost(Limits.maxPlanFeatureCharacters) {
      violations.add("feature", "must be at most \(Limits.maxPlanFeatureCharacters) characters")
    }
    let user = try ListingUser(request.userID, caller.principal, violations).id
    let time = now()
    if let snapshot = store.cachedEntitlement(of: user), let used = snapshot.slots.used(at: time) {
      let answer = Answer(
        CheckEntitlementResponse(snapshot.record, request.feature, used: used, at: time))
      let until = min(
        snapshot.record.endTime, snapshot.slots.firstExpiry ?? snapshot.record.endTime)
      if snapshot.record.isCurrent(at: time), snapshot.record.grants(request.feature) {
        snapshot.keep(answer.bytes, as: .entitled, from: time, until: until)
      }
      return answer
    }
    return try await store.read { transaction in
      guard let snapshot = try transaction.entitlement(of: user) else {
        return Answer(CheckEntitlementResponse(isEntitled: false, entitlement: nil))
      }
      let used = try snapshot.usedListings(at: time, in: transaction)
      return Answer(
        CheckEntitlementResponse(snapshot.record, request.feature, used: used, at: time))
    }
  }
}

extension PurchaseRecord {
  /// Whether the feature is one of the package's, byte by byte; "" is that of having any.
  func grants(_ feature: String) -> Bool {
    feature.isEmpty || features.contains { ExactText($0) == ExactText(feature) }
  }
}

extension CheckEntitlementResponse {
  init(_ purchase: PurchaseRecord, _ feature: String, used: Int64, at time: Instant) {
    guard purchase.isCurrent(at: time) else {
      self.init(isEntitled: false, entitlement: nil)
      return
    }
    var entitlement = Entitlement()
    entitlement.userID = purchase.userID
    entitlement.purchaseID = purchase.id
    entitlement.packageID = purchase.packageID
    entitlement.endTime = Timestamp(purchase.endTime)
    entitlement.listingsRemaining = Quota(purchase.listingLimit.remaining(after: used))
    entitlement.features = purchase.features
    self.init(isEntitled: purchase.grants(feature), entitlement: entitlement)
  }
}
