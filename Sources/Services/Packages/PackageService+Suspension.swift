internal import API
internal import Storage

extension SuspendPackageRequest: MutatingRequest {}
extension UnsuspendPackageRequest: MutatingRequest {}

extension PackageService {
  func suspendPackage(
    _ request: SuspendPackageRequest, _ caller: Caller
  ) async throws -> Answer<SuspendPackageResponse> {
    var violations = Violations()
    violations.checkPackageID("id", request.id)
    let kind = violations.suspensionKind("kind", request.kind)
    violations.checkText(
      "reason", request.reason, 0...Limits.maxSuspensionReasonCharacters, hasLines: true)
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .suspendPackage)
    return try await change(request.id, request, by: caller, with: access) {
      transaction, time in
      let current = try access.livePackage(request.id, in: transaction)
      var next = current
      let isNew = next.suspend(kind, request.reason, by: caller.principal.sub, at: time)
      if isNew { try next.write(.suspended, at: time, in: transaction) }
      return Effect(
        SuspendPackageResponse(hostingPackage: HostingPackage(next)), current, next,
        isChange: isNew)
    }
  }

  func unsuspendPackage(
    _ request: UnsuspendPackageRequest, _ caller: Caller
  ) async throws -> Answer<UnsuspendPackageResponse> {
    var violations = Violations()
    violations.checkPackageID("id", request.id)
    var lifted: Set<SuspensionRecord.Kind> = []
    switch request.lift {
    case nil: violations.add("lift", "is required: set kind or all")
    case .kind(let kind): lifted = [violations.suspensionKind("kind", kind)]
    case .all(let all):
      if !all { violations.add("all", "must be true, or kind be set") }
      lifted = Set(SuspensionRecord.Kind.allCases)
    }
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .unsuspendPackage)
    return try await change(request.id, request, by: caller, with: access) {
      [lifted] transaction, time in
      let current = try access.livePackage(request.id, in: transaction)
      var next = current
      next.suspensions.removeAll { lifted.contains($0.kind) }
      let isLifted = next.suspensions.count < current.suspensions.count
      if isLifted { try next.write(.unsuspended, at: time, in: transaction) }
      return Effect(
        UnsuspendPackageResponse(hostingPackage: HostingPackage(next)), current, next,
        isChange: isLifted)
    }
  }
}

extension HostingPackageRecord {
  /// Adds a suspension unless one of its kind stands, which keeps its time and reason; returns
  /// whether it did.
  mutating func suspend(
    _ kind: SuspensionRecord.Kind, _ reason: String, by user: String, at time: Instant
  ) -> Bool {
    guard !suspensions.contains(where: { $0.kind == kind }) else { return false }
    suspensions.append(
      SuspensionRecord(kind: kind, reason: reason, createTime: time, suspendedBy: user))
    return true
  }
}

extension Violations {
  fileprivate mutating func suspensionKind(
    _ field: String, _ kind: SuspensionKind
  ) -> SuspensionRecord.Kind {
    if let kind = SuspensionRecord.Kind(rawValue: kind.rawValue) { return kind }
    add(field, "must be one of the kinds")
    return .admin
  }
}
