internal import API
internal import Storage

/// What follows when a package comes to use more than its plan version allows: those who watch
/// are told, once each time that the limit is crossed; and where the plan says so, the package is
/// suspended, until somebody lifts that. Use that is over the limit already and grows, or that
/// somebody has let be by lifting the suspension, crosses nothing.
///
/// Bandwidth counts by calendar month, UTC, and only in the month that it is and in the next, which
/// has begun for a sender whose clock is ahead: what comes late into another has no consequence.
/// Nor has what a deleted package uses, until it is brought back.
struct OveruseRule {
  /// The actor in the audit records, and who a suspension is from.
  static let actor = "packd"

  let time: Instant
  /// In the course of what: for the audit records.
  let method: PackageMethod
  private(set) var hasChanges = false
  /// As this rule has left them.
  private var packages: [ULID: HostingPackageRecord] = [:]
  private var plans: [PlanVersion: PlanRecord] = [:]

  private struct PlanVersion: Hashable {
    let id: Int64
    let version: Int32
  }

  init(time: Instant, method: PackageMethod) {
    self.time = time
    self.method = method
  }

  /// Whether a delta into this month can have consequences.
  func looks(at month: CalendarMonth) -> Bool {
    let now = CalendarMonth(of: time)
    return month == now || month == now.next
  }

  /// The package as this rule has left it.
  func result(for package: HostingPackageRecord) -> HostingPackageRecord {
    packages[package.id] ?? package
  }

  /// As if all that the package uses had come now: what came while it was deleted had no
  /// consequence, and crosses nothing any more.
  mutating func noteReturn(
    of package: HostingPackageRecord, in transaction: any WriteTransaction
  ) throws {
    let scan = try transaction.diskScan(of: package.id)
    try noteDisk(of: package, before: 0, after: scan?.totalBytes ?? 0, in: transaction)
    let month = CalendarMonth(of: time)
    let months = try transaction.bandwidth(
      of: package.id, .month, from: month.start, until: month.next.next.start, limit: 2)
    for sum in months {
      try noteBandwidth(of: package, added: sum, sum: sum, in: transaction)
    }
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
  ///   - added: what was added to a month that the rule looks at.
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
    var package = result(for: package)
    try PackageChangeLog.append(.limitExceeded, package, at: time, in: transaction)
    let before = package.etag
    let reason = "used \(excess.used) of \(excess.limit) \(excess.limitName)"
    guard policy == .suspend, package.suspend(.overuse, reason, by: Self.actor, at: time) else {
      return
    }
    try package.write(.suspended, at: time, in: transaction)
    packages[package.id] = package
    try AuditChain.append(
      AuditChain.Entry(
        partition: .account(package.accountID), actor: Self.actor,
        method: method.path, resource: package.resource,
        beforeETag: before, afterETag: package.etag, requestID: ""),
      at: time, in: transaction)
  }
}
