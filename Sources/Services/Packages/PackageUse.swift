internal import API
internal import Storage

/// What a plan limits, in the order of ``LimitKind``.
enum LimitedQuantity: CaseIterable, Sendable {
  case diskSpace
  case bandwidth
  case emailAccounts
  case databases

  /// As the plan's field: "disk_space_mb".
  var limitName: String {
    switch self {
    case .diskSpace: "disk_space_mb"
    case .bandwidth: "bandwidth_mb"
    case .emailAccounts: "email_accounts"
    case .databases: "databases"
    }
  }

  var kind: LimitKind {
    switch self {
    case .diskSpace: .diskSpace
    case .bandwidth: .bandwidth
    case .emailAccounts: .emailAccounts
    case .databases: .databases
    }
  }

  var unit: LimitUnit {
    switch self {
    case .diskSpace, .bandwidth: .megabyte
    case .emailAccounts, .databases: .count
    }
  }

  func limit(in plan: PlanRecord) -> QuotaRecord {
    switch self {
    case .diskSpace: plan.diskSpaceMB
    case .bandwidth: plan.bandwidthMB
    case .emailAccounts: plan.emailAccounts
    case .databases: plan.databases
    }
  }

  /// What follows from overuse; nil for what cannot be overused, since attaching ends at the limit.
  func overuse(in plan: PlanRecord) -> PlanRecord.Overuse? {
    switch self {
    case .diskSpace: plan.diskSpaceOveruse
    case .bandwidth: plan.bandwidthOveruse
    case .emailAccounts, .databases: nil
    }
  }
}

/// What a package uses, as far as plans limit it: the one place that derives these figures.
struct PackageUse: Equatable, Sendable {
  /// As the last full scan saw it; nil before the first.
  var scan: DiskScanRecord?
  /// The traffic of the calendar month; nil without any.
  var month: BandwidthRecord?
  var mailboxes: Int
  var databases: Int

  /// What the package uses in the month that `time` lies in.
  static func read(
    of packageID: ULID, at time: Instant, in transaction: any ReadTransaction
  ) throws -> PackageUse {
    let month = CalendarMonth(of: time)
    return PackageUse(
      scan: try transaction.diskScan(of: packageID),
      month: try transaction.bandwidth(
        of: packageID, .month, from: month.start, until: month.next.start, limit: 1
      ).first,
      mailboxes: try transaction.packageResourceCount(of: packageID, kind: .mailbox),
      databases: try transaction.packageResourceCount(of: packageID, kind: .database))
  }

  /// In the unit of the plan's field.
  func used(_ quantity: LimitedQuantity) -> Int64 {
    switch quantity {
    case .diskSpace: Self.megabytes(scan?.totalBytes ?? 0)
    case .bandwidth: Self.megabytes(month.map(Self.bytes) ?? 0)
    case .emailAccounts: Int64(mailboxes)
    case .databases: Int64(databases)
    }
  }

  /// When it was so; nil for what was not measured yet, and for what is counted at any time.
  func measured(_ quantity: LimitedQuantity) -> Instant? {
    switch quantity {
    case .diskSpace: scan?.scanTime
    case .bandwidth: month?.asOf
    case .emailAccounts, .databases: nil
    }
  }

  /// The limits of the plan version that the use exceeds, in the order of ``LimitedQuantity``.
  func excesses(
    over plan: PlanRecord, of quantities: [LimitedQuantity] = LimitedQuantity.allCases
  ) -> [PackageRefusal.Excess] {
    quantities.compactMap { quantity in
      let used = used(quantity)
      guard case .limit(let limit) = quantity.limit(in: plan), used > limit else { return nil }
      return PackageRefusal.Excess(limitName: quantity.limitName, limit: limit, used: used)
    }
  }

  /// Those for which the plan's policy is `overuse`.
  func excesses(
    over plan: PlanRecord, thatLeadTo overuse: PlanRecord.Overuse
  ) -> [PackageRefusal.Excess] {
    excesses(
      over: plan, of: LimitedQuantity.allCases.filter { $0.overuse(in: plan) == overuse })
  }

  /// In and out, which is what a plan limits.
  static func bytes(_ traffic: BandwidthRecord) -> Int64 {
    let (sum, overflow) = traffic.inBytes.addingReportingOverflow(traffic.outBytes)
    return overflow ? .max : sum
  }

  /// Megabytes of 1,048,576 bytes, rounded up.
  static func megabytes(_ bytes: Int64) -> Int64 {
    let (whole, rest) = bytes.quotientAndRemainder(dividingBy: 1_048_576)
    return rest > 0 ? whole + 1 : whole
  }
}

extension HostingPackageRecord {
  /// The plan version that the package is on: it is kept for as long as the package is.
  func plan(in transaction: any ReadTransaction) throws -> PlanRecord {
    guard let plan = try transaction.plan(id: planID, version: planVersion) else {
      throw StorageError.planMissing
    }
    return plan
  }
}
