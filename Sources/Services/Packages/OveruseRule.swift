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
    try note(.diskSpace, of: package, from: before, to: after, in: transaction)
  }

  /// - Parameters:
  ///   - added: what was added to this month.
  ///   - sum: what the month holds with it.
  mutating func noteBandwidth(
    of package: HostingPackageRecord, added: BandwidthRecord, sum: BandwidthRecord,
    in transaction: any WriteTransaction
  ) throws {
    var before = sum
    // No sum is less than what was added to it.
    before.inBytes -= added.inBytes
    before.outBytes -= added.outBytes
    try note(
      .bandwidth, of: package, from: PackageUse.bytes(before), to: PackageUse.bytes(sum),
      in: transaction)
  }

  private mutating func note(
    _ quantity: LimitedQuantity, of package: HostingPackageRecord, from before: Int64,
    to after: Int64, in transaction: any WriteTransaction
  ) throws {
    guard
      let plan = try plan(of: package, in: transaction),
      case .limit(let limit) = quantity.limit(in: plan), PackageUse.megabytes(before) <= limit,
      case let used = PackageUse.megabytes(after), used > limit
    else { return }
    let excess = PackageRefusal.Excess(limitName: quantity.limitName, limit: limit, used: used)
    try act(quantity.overuse(in: plan) ?? .notify, on: package, excess, in: transaction)
  }

  private mutating func plan(
    of package: HostingPackageRecord, in transaction: any WriteTransaction
  ) throws -> PlanRecord? {
    guard package.deleteTime == nil else { return nil }
    let key = PlanVersion(id: package.planID, version: package.planVersion)
    if let known = plans[key] { return known }
    let plan = try package.plan(in: transaction)
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
        partition: AuditChain.partition(ofAccount: package.accountID), actor: Self.actor,
        method: PackageMethod.ingestUsage.path,
        resource: package.resource, beforeETag: before, afterETag: package.etag, requestID: ""),
      at: time, in: transaction)
  }
}
