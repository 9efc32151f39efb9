internal import API
internal import Storage

/// What follows when a package comes to use more than its plan version allows: those who watch
/// are told, once each time that the limit is crossed; and where the plan says so, the package is
/// suspended, until somebody lifts that. Use that is over the limit already and grows, or that
/// somebody has let be by lifting the suspension, crosses nothing.
///
/// Bandwidth counts by calendar month, UTC, and only in the month that it is: what comes late into
/// another has no consequence. Nor has what a deleted package uses.
struct OveruseRule {
  /// The actor in the audit records, and who a suspension is from.
  static let actor = "packd"

  let time: Instant
  private(set) var hasChanges = false
  /// As this rule has left them.
  private var packages: [ULID: HostingPackageRecord] = [:]
  private var plans: [PlanVersion: PlanRecord] = [:]

  private struct PlanVersion: Hashable {
    let id: Int64
    let version: Int32
  }

  init(time: Instant) {
    self.time = time
  }

  /// - Parameters:
  ///   - before: bytes of the scan that was there, 0 without one.
  ///   - after: bytes of the one that has replaced it.
  mutating func noteDisk(
    of package: HostingPackageRecord, before: Int64, after: Int64,
    in transaction: any WriteTransaction
  ) throws {
    guard let plan = try plan(of: package, in: transaction) else { return }
    if let excess = Self.crossing("disk_space_mb", plan.diskSpaceMB, from: before, to: after) {
      try act(plan.diskSpaceOveruse, on: package, excess, in: transaction)
    }
  }

  /// - Parameters:
  ///   - added: what was added to this month.
  ///   - sum: what the month holds with it.
  mutating func noteBandwidth(
    of package: HostingPackageRecord, added: BandwidthRecord, sum: BandwidthRecord,
    in transaction: any WriteTransaction
  ) throws {
    guard let plan = try plan(of: package, in: transaction) else { return }
    // No sum is less than what was added to it.
    let inBefore = sum.inBytes - added.inBytes
    let outBefore = sum.outBytes - added.outBytes
    let before = Self.sum(inBefore, outBefore)
    let after = Self.sum(sum.inBytes, sum.outBytes)
    if let excess = Self.crossing("bandwidth_mb", plan.bandwidthMB, from: before, to: after) {
      try act(plan.bandwidthOveruse, on: package, excess, in: transaction)
    }
  }

  /// What is over the limit now and was not before.
  static func crossing(
    _ name: String, _ limit: QuotaRecord, from before: Int64, to after: Int64
  ) -> PackageRefusal.Excess? {
    guard
      case .limit(let limit) = limit, PackageUse.megabytes(before) <= limit,
      case let used = PackageUse.megabytes(after), used > limit
    else { return nil }
    return PackageRefusal.Excess(limitName: name, limit: limit, used: used)
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  private mutating func plan(
    of package: HostingPackageRecord, in transaction: any WriteTransaction
  ) throws -> PlanRecord? {
    guard package.deleteTime == nil else { return nil }
    let key = PlanVersion(id: package.planID, version: package.planVersion)
    if let known = plans[key] { return known }
    let plan = try transaction.plan(id: key.id, version: key.version)
    plans[key] = plan
    return plan
  }

  private mutating func act(
    _ policy: PlanRecord.Overuse, on package: HostingPackageRecord,
    _ excess: PackageRefusal.Excess, in transaction: any WriteTransaction
  ) throws {
    hasChanges = true
    var package = packages[package.id] ?? package
    try PackageChangeLog.append(.limitExceeded, package, at: time, in: transaction)
    guard policy == .suspend, !package.suspensions.contains(where: { $0.kind == .overuse }) else {
      return
    }
    let before = package.etag
    package.suspensions.append(
      SuspensionRecord(
        kind: .overuse, reason: "used \(excess.used) of \(excess.limit) \(excess.limitName)",
        createTime: time, suspendedBy: Self.actor))
    package.updateTime = time
    package.revision += 1
    packages[package.id] = package
    try transaction.update(package)
    try PackageChangeLog.append(.suspended, package, at: time, in: transaction)
    try AuditChain.append(
      AuditChain.Entry(
        partition: package.accountID, actor: Self.actor, method: PackageMethod.ingestUsage.path,
        resource: package.resource, beforeETag: before, afterETag: package.etag, requestID: ""),
      at: time, in: transaction)
  }
}
