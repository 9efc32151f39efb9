extension MemoryWrites {
  func insert(_ package: HostingPackageRecord, passwordHash: String) throws {
    let packages = tables.packages
    guard packages.snapshots[package.id] == nil else { throw StorageError.hostingPackageIDTaken }
    let username = ExactText(package.username)
    guard packages.credentials[username] == nil else { throw StorageError.usernameTaken }
    try checkDomainNames(of: package)
    put(package.id, PackageSnapshot(package))
    putCredentials(
      username, PackageCredentialsRecord(packageID: package.id, passwordHash: passwordHash))
  }

  func update(_ package: HostingPackageRecord) throws {
    let old = tables.packages.snapshots[package.id]?.record
    guard let old else { throw StorageError.hostingPackageMissing }
    try checkDomainNames(of: package)
    put(package.id, PackageSnapshot(package.keepingIdentity(of: old)))
  }

  func purgeHostingPackage(_ id: ULID) throws {
    let packages = tables.packages
    let old = packages.snapshots[id]?.record
    guard let old else { throw StorageError.hostingPackageMissing }
    _ = try deletePackageResources(of: id)
    for span in BandwidthRecord.Span.allCases {
      let list = MemoryUsage.BandwidthList(packageID: id, span: span)
      for time in packages.usage.bandwidthTimes[list]?.elements(limit: .max) ?? [] {
        put(MemoryUsage.BandwidthKey(list: list, startTime: time), nil)
      }
    }
    putScan(id, nil)
    putCredentials(ExactText(old.username), nil)
    put(id, nil)
  }

  // MARK: Resources

  func insert(_ resource: PackageResourceRecord) throws {
    let packages = tables.packages
    guard packages.resources[resource.id] == nil else {
      throw StorageError.packageResourceIDTaken
    }
    guard packages.resourceIDsByName[MemoryPackages.ResourceName(resource)] == nil else {
      throw StorageError.packageResourceNameTaken
    }
    try renewSnapshot(of: resource.packageID)
    putResource(resource.id, resource)
  }

  func deletePackageResource(_ id: ULID, of packageID: ULID) throws {
    guard try packageResource(id, of: packageID) != nil else {
      throw StorageError.packageResourceMissing
    }
    try renewSnapshot(of: packageID)
    putResource(id, nil)
  }

  func deletePackageResources(of packageID: ULID) throws -> Int {
    try renewSnapshot(of: packageID)
    let resources = try packageResources(of: packageID, kind: nil, after: nil, limit: .max)
    for resource in resources { putResource(resource.id, nil) }
    return resources.count
  }

  // MARK: Usage

  func insertIfNew(_ event: UsageEventRecord) throws -> UsageEventRecord? {
    let key = MemoryUsage.EventKey(
      accountID: ExactText(event.accountID), eventID: ExactText(event.eventID))
    if let found = tables.packages.usage.events[key] { return found }
    put(key, event)
    return nil
  }

  func deleteUsageEvents(observedBefore time: Instant, limit: Int) throws -> Int {
    let old = tables.packages.usage.eventAges.elements(limit: limit).prefix { $0.time < time }
    for age in old { put(age.key, nil) }
    return old.count
  }

  func add(
    _ traffic: BandwidthRecord, to span: BandwidthRecord.Span, of packageID: ULID
  ) throws -> BandwidthRecord {
    try renewSnapshot(of: packageID)
    let list = MemoryUsage.BandwidthList(packageID: packageID, span: span)
    let key = MemoryUsage.BandwidthKey(list: list, startTime: traffic.startTime)
    var sum = tables.packages.usage.bandwidth[key]
    sum?.add(traffic)
    put(key, sum ?? traffic)
    return sum ?? traffic
  }

  func deleteBandwidth(
    _ span: BandwidthRecord.Span, startedBefore time: Instant, limit: Int
  ) throws -> Int {
    let ages = tables.packages.usage.bandwidthAges[span]?.elements(limit: limit) ?? []
    let old = ages.prefix { $0.startTime < time }
    for age in old {
      try renewSnapshot(of: age.packageID)
      let list = MemoryUsage.BandwidthList(packageID: age.packageID, span: span)
      put(MemoryUsage.BandwidthKey(list: list, startTime: age.startTime), nil)
    }
    return old.count
  }

  func setDiskScan(_ scan: DiskScanRecord, content: [UInt8]) throws {
    try renewSnapshot(of: scan.packageID)
    putScan(scan.packageID, MemoryUsage.StoredScan(record: scan, content: content))
  }

  // MARK: Changes

  func append(_ change: PackageChangeRecord) throws {
    let changes = tables.packages.changes
    let accountID = ExactText(change.accountID)
    let key = MemoryChanges.Key(accountID: accountID, sequence: change.sequence)
    guard changes.changes[key] == nil else { throw StorageError.packageChangeSequenceTaken }
    let earlier = changes.sequences[accountID]?
      .elements(before: change.sequence, limit: 1).first
      .flatMap { changes.changes[MemoryChanges.Key(accountID: accountID, sequence: $0)] }
    put(
      key,
      MemoryChanges.StoredChange(
        record: change, ageTime: max(change.time, earlier?.ageTime ?? change.time)))
  }

  func deletePackageChanges(before time: Instant, limit: Int) throws -> Int {
    let old = tables.packages.changes.ages.elements(limit: limit).prefix { $0.time < time }
    for age in old {
      put(MemoryChanges.Key(accountID: age.accountID, sequence: age.sequence), nil)
    }
    return old.count
  }

  // MARK: What undoes it

  /// A name that the package itself has twice is taken, too.
  private func checkDomainNames(of package: HostingPackageRecord) throws {
    var names: Set<ExactText> = []
    for name in package.heldDomainNames.map({ ExactText($0) }) {
      let holder = tables.packages.idsByDomain[name]
      guard names.insert(name).inserted, holder == nil || holder == package.id else {
        throw StorageError.domainNameTaken
      }
    }
  }

  /// Once in a transaction is enough, for nobody else gets its snapshots before it is committed.
  ///
  /// - Throws: ``StorageError/missing(table:)`` when the package is not there.
  private func renewSnapshot(of id: ULID) throws {
    guard let old = tables.packages.snapshots[id] else {
      throw StorageError.hostingPackageMissing
    }
    guard changedPackageIDs.insert(id).inserted else { return }
    tables.packages.renew(id, PackageSnapshot(renewing: old))
    undo.append { $0.packages.renew(id, old) }
  }

  private func put(_ id: ULID, _ package: PackageSnapshot?) {
    let old = tables.packages.put(id, package)
    changedPackageIDs.insert(id)
    undo.append { _ = $0.packages.put(id, old) }
  }

  private func putCredentials(_ username: ExactText, _ record: PackageCredentialsRecord?) {
    let old = tables.packages.putCredentials(username, record)
    undo.append { _ = $0.packages.putCredentials(username, old) }
  }

  private func putResource(_ id: ULID, _ resource: PackageResourceRecord?) {
    let old = tables.packages.putResource(id, resource)
    undo.append { _ = $0.packages.putResource(id, old) }
  }

  private func put(_ key: MemoryUsage.EventKey, _ event: UsageEventRecord?) {
    let old = tables.packages.usage.putEvent(key, event)
    undo.append { _ = $0.packages.usage.putEvent(key, old) }
  }

  private func put(_ key: MemoryUsage.BandwidthKey, _ record: BandwidthRecord?) {
    let old = tables.packages.usage.putBandwidth(key, record)
    undo.append { _ = $0.packages.usage.putBandwidth(key, old) }
  }

  private func putScan(_ packageID: ULID, _ scan: MemoryUsage.StoredScan?) {
    let old = tables.packages.usage.putScan(packageID, scan)
    undo.append { _ = $0.packages.usage.putScan(packageID, old) }
  }

  private func put(_ key: MemoryChanges.Key, _ change: MemoryChanges.StoredChange?) {
    let old = tables.packages.changes.put(key, change)
    undo.append { _ = $0.packages.changes.put(key, old) }
  }
}
