extension MemoryReads {
  func hostingPackage(_ id: ULID) throws -> PackageSnapshot? {
    tables.packages.snapshots[id]
  }

  func hostingPackages(_ query: HostingPackageQuery) throws -> [PackageSnapshot] {
    let packages = tables.packages
    let accountID = ExactText(query.accountID)
    let all =
      if let user = query.stackUser {
        packages.idsByStackUser[
          MemoryPackages.StackUserKey(accountID: accountID, userID: ExactText(user))]
      } else {
        packages.idsByAccount[accountID]
      }
    let ids = all?.elements(before: query.before, limit: query.limit) ?? []
    return ids.compactMap { packages.snapshots[$0] }
  }

  func liveHostingPackageCount(accountID: String) throws -> Int {
    tables.packages.liveCounts[ExactText(accountID)] ?? 0
  }

  func hostingPackageID(domainName: String) throws -> ULID? {
    tables.packages.idsByDomain[ExactText(domainName)]
  }

  func hostingPackageID(below domainName: String, notOf accountID: String) throws -> ULID? {
    let packages = tables.packages
    let (lower, upper) = ReversedName.bounds(below: domainName)
    var last = lower
    while true {
      let page = packages.domains.elements(after: last, limit: Limits.maxSortedChunkElements)
      for name in page {
        guard name < upper else { return nil }
        let id = packages.idsByDomain[ExactText(name.domainName)]
        let record = id.flatMap { packages.snapshots[$0]?.record }
        if let record, ExactText(record.accountID) != ExactText(accountID) { return record.id }
      }
      guard let end = page.last else { return nil }
      last = end
    }
  }

  func packageCredentials(username: String) throws -> PackageCredentialsRecord? {
    tables.packages.credentials[ExactText(username)]
  }

  func hostingPackageIDs(onPlan planID: Int64, limit: Int) throws -> [ULID] {
    tables.packages.idsByPlan[planID]?.elements(limit: limit) ?? []
  }

  func hostingPackageCount(onPlan planID: Int64) throws -> Int {
    tables.packages.idsByPlan[planID]?.count ?? 0
  }

  func hostingPackagesToPurge(at time: Instant, limit: Int) throws -> [ULID] {
    tables.packages.purges.elements(limit: limit).prefix { $0.time <= time }.map(\.id)
  }

  // MARK: Resources

  func packageResource(_ id: ULID, of packageID: ULID) throws -> PackageResourceRecord? {
    guard let found = tables.packages.resources[id], found.packageID == packageID else {
      return nil
    }
    return found
  }

  func packageResource(
    _ kind: PackageResourceRecord.Kind, named name: String, of packageID: ULID
  ) throws -> PackageResourceRecord? {
    let key = MemoryPackages.ResourceName(
      packageID: packageID, kind: kind, name: ExactText(name))
    return tables.packages.resourceIDsByName[key].flatMap { tables.packages.resources[$0] }
  }

  func packageResources(
    of packageID: ULID, kind: PackageResourceRecord.Kind?, after id: ULID?, limit: Int
  ) throws -> [PackageResourceRecord] {
    let list = MemoryPackages.ResourceList(packageID: packageID, kind: kind)
    let ids = tables.packages.resourceIDs[list]?.elements(after: id, limit: limit) ?? []
    return ids.compactMap { tables.packages.resources[$0] }
  }

  func packageResourceCount(
    of packageID: ULID, kind: PackageResourceRecord.Kind
  ) throws -> Int {
    let list = MemoryPackages.ResourceList(packageID: packageID, kind: kind)
    return tables.packages.resourceIDs[list]?.count ?? 0
  }

  // MARK: Usage

  func usageEvent(accountID: String, eventID: String) throws -> UsageEventRecord? {
    let key = MemoryUsage.EventKey(
      accountID: ExactText(accountID), eventID: ExactText(eventID))
    return tables.packages.usage.events[key]
  }

  func bandwidth(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant,
    limit: Int
  ) throws -> [BandwidthRecord] {
    let usage = tables.packages.usage
    let list = MemoryUsage.BandwidthList(packageID: packageID, span: span)
    let (before, isFirst) = start.nanosecondsSinceEpoch.subtractingReportingOverflow(1)
    let times = usage.bandwidthTimes[list]?.elements(
      after: isFirst ? nil : Instant(nanosecondsSinceEpoch: before), limit: limit)
    return (times ?? []).prefix { $0 < end }.compactMap {
      usage.bandwidth[MemoryUsage.BandwidthKey(list: list, startTime: $0)]
    }
  }

  func bandwidthTotal(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant
  ) throws -> BandwidthRecord? {
    let records = try bandwidth(of: packageID, span, from: start, until: end, limit: .max)
    guard var total = records.first else { return nil }
    total.startTime = start
    for record in records.dropFirst() { total.add(record) }
    return total
  }

  func diskScan(of packageID: ULID) throws -> DiskScanRecord? {
    tables.packages.usage.scans[packageID]?.record
  }

  func diskScanContent(of packageID: ULID) throws -> [UInt8]? {
    tables.packages.usage.scans[packageID]?.content
  }

  // MARK: Changes

  func lastPackageChangeSequence(accountID: String) throws -> Int64 {
    tables.packages.changes.sequences[ExactText(accountID)]?.last ?? 0
  }

  func packageChanges(
    accountID: String, after sequence: Int64, limit: Int
  ) throws -> [PackageChangeRecord] {
    let changes = tables.packages.changes
    let accountID = ExactText(accountID)
    let sequences = changes.sequences[accountID]?.elements(after: sequence, limit: limit) ?? []
    return sequences.compactMap {
      changes.changes[MemoryChanges.Key(accountID: accountID, sequence: $0)]?.record
    }
  }
}
