internal import API
internal import Storage

extension SellerPackageService {
  /// GetPackageStatus without waiting, when the store knows the caller's newest purchase, and none
  /// of its holds has expired.
  func cachedPackageStatus(
    _ request: GetPackageStatusRequest, _ principal: Principal
  ) -> Answer<GetPackageStatusResponse>? {
    guard let newest = store.cachedEntitlement(of: principal.sub) else { return nil }
    let time = now()
    guard newest.isCurrent(at: time) else { return .noActivePackage }
    return newest.statusResponse(at: time).map { Answer(encoded: $0, isReplay: false) }
  }

  func getPackageStatus(
    _ request: GetPackageStatusRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageStatusResponse> {
    let userID = caller.principal.sub
    let time = now()
    return try await store.read { transaction in
      guard let current = try transaction.currentEntitlement(of: userID, at: time) else {
        return .noActivePackage
      }
      let used = try current.usedListings(at: time, in: transaction)
      return Answer(GetPackageStatusResponse(current.record, listingsUsed: used, at: time))
    }
  }
}

extension EntitlementSnapshot {
  /// The encoded answer of a purchase that is current: kept from one call to the next until
  /// something of it changes, or a day less is left. nil once a hold has expired: how many have,
  /// and when the next one does, only the store can tell.
  fileprivate func statusResponse(at time: Instant) -> [UInt8]? {
    if let kept = response(.packageStatus, at: time) { return kept }
    guard let used = slots.used(at: time) else { return nil }
    let bytes = GetPackageStatusResponse(record, listingsUsed: used, at: time).encoded()
    let days = DaysLeft(until: record.endTime, at: time)
    keep(
      bytes, as: .packageStatus, from: days.from,
      until: min(days.until, slots.firstExpiry ?? days.until))
    return bytes
  }
}

extension GetPackageStatusResponse {
  fileprivate init(_ current: PurchaseRecord, listingsUsed: Int64, at time: Instant) {
    self.init(
      hasActivePackage: true,
      details: SellerPackageStatus(current, listingsUsed: listingsUsed, at: time))
  }
}

extension Answer<GetPackageStatusResponse> {
  /// Every field is as it is by default, so that there is nothing to encode.
  fileprivate static var noActivePackage: Self { Answer(encoded: [], isReplay: false) }
}
