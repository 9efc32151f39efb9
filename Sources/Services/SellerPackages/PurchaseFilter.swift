internal import API
internal import Storage

/// Which purchases a ListPurchases request asks for, checked.
struct PurchaseFilter: Sendable {
  /// nil: of all.
  let userID: String?
  /// nil: of all.
  let packageID: Int64?
  private let activeOnly: Bool
  private let from: Instant?
  private let until: Instant?

  init(_ request: ListPurchasesRequest, _ violations: inout Violations) {
    violations.checkUserFilter("user_id", request.userID)
    userID = request.userID.isEmpty ? nil : request.userID
    if request.packageID < 0 { violations.add("package_id", "must not be negative") }
    packageID = request.packageID == 0 ? nil : request.packageID
    activeOnly = request.activeOnly
    from = request.startTimeFrom.flatMap { violations.instant("start_time_from", $0) }
    until = request.startTimeUntil.flatMap { violations.instant("start_time_until", $0) }
    // As they were sent: beyond what an ``Instant`` holds, two times become one.
    if from != nil, until != nil, let first = request.startTimeFrom,
      let end = request.startTimeUntil, (first.seconds, first.nanos) >= (end.seconds, end.nanos)
    {
      violations.add("start_time_until", "must be after start_time_from")
    }
  }

  /// What the store does not filter by itself.
  func admits(_ purchase: PurchaseRecord, at time: Instant) -> Bool {
    if activeOnly && !purchase.isCurrent(at: time) { return false }
    if let from, purchase.startTime < from { return false }
    if let until, purchase.startTime >= until { return false }
    return true
  }

  /// What a page token of the list is bound to.
  var tokenQuery: PageToken.Query {
    PageToken.Query(
      SellerPackageMethod.listPurchases.path, userID ?? "", String(packageID ?? 0),
      String(activeOnly), Self.text(from), Self.text(until))
  }

  private static func text(_ time: Instant?) -> String {
    time.map { String($0.nanosecondsSinceEpoch) } ?? ""
  }
}

extension Violations {
  /// An id of a user is what a token's `sub` may be; empty: all users.
  mutating func checkUserFilter(_ field: String, _ userID: String) {
    if !userID.isEmpty, !Authenticator.isIdentity(userID) {
      add(field, "must be at most \(Limits.maxIdentityBytes) bytes of printable characters")
    }
  }

  /// The point in time; nil for one that is none. One that ``Instant`` has no room for comes as
  /// the nearest that there is.
  fileprivate mutating func instant(_ field: String, _ timestamp: Timestamp) -> Instant? {
    guard
      Limits.timestampSeconds.contains(timestamp.seconds),
      (0...999_999_999).contains(timestamp.nanos)
    else {
      add(field, "must be a time of the years 1 to 9999, with nanos from 0 to 999,999,999")
      return nil
    }
    return Instant(secondsSinceEpoch: timestamp.seconds, nanoseconds: Int64(timestamp.nanos))
  }
}
