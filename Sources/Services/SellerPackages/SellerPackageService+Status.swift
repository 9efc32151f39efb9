internal import API
internal import Storage

extension SellerPackageService {
  /// GetPackageStatus without waiting, when the store knows the caller's newest purchase, and it
  /// has ended, or the answer was given before and still holds.
  func cachedPackageStatus(
    _ request: GetPackageStatusRequest, _ principal: Principal
  ) -> Answer<GetPackageStatusResponse>? {
    guard let newest = store.cachedEntitlement(of: principal.sub) else { return nil }
    let time = now()
    guard newest.isCurrent(at: time) else { return .noActivePackage }
    return newest.response(.packageStatus, at: time).map { Answer(encoded: $0, isReplay: false) }
  }

  func getPackageStatus(
    _ request: GetPackageStatusRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageStatusResponse> {
    let userID = caller.principal.sub
    let time = now()
    let current = try await store.read { transaction in
      try transaction.currentEntitlement(of: userID, at: time).map {
        (snapshot: $0, used: try $0.usedListings(at: time, in: transaction))
      }
    }
    guard let (snapshot, used) = current else { return .noActivePackage }
    let status = SellerPackageStatus(snapshot.record, listingsUsed: used, at: time)
    let bytes = GetPackageStatusResponse(hasActivePackage: true, details: status).encoded()
    if let validity = snapshot.statusValidity(at: time) {
      snapshot.keep(bytes, as: .packageStatus, from: validity.from, until: validity.until)
    }
    return Answer(encoded: bytes, isReplay: false)
  }
}

extension EntitlementSnapshot {
  /// Around `time`, when it is current: how long a status that is made of it stays as it is, if
  /// nothing of it changes. nil once a hold has expired: when the next one does is known to nobody.
  fileprivate func statusValidity(at time: Instant) -> (from: Instant, until: Instant)? {
    guard slots.used(at: time) != nil else { return nil }
    let days = DaysLeft(until: record.endTime, at: time)
    return (days.from, min(days.until, slots.firstExpiry ?? days.until))
  }
}

extension Answer<GetPackageStatusResponse> {
  /// Every field is as it is by default, so that there is nothing to encode.
  fileprivate static var noActivePackage: Self { Answer(encoded: [], isReplay: false) }
}
