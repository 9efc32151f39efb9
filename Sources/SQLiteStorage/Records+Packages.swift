internal import Storage

/// How records of packages are laid out in their rows; as in `Records`.
extension RowWriter {
  mutating func write(_ name: ReversedName, of accountID: String) throws(StorageError) {
    try add(name.text)
    try add(accountID)
    try write()
  }

  mutating func write(_ package: HostingPackageRecord) throws(StorageError) {
    let configuration = package.configuration
    try add(package.id)
    try add(package.accountID)
    try add(package.name)
    try add(package.domainName)
    try add(TextList.text(package.extraDomainNames))
    try add(package.documentRoots)
    try add(package.planID)
    try add(package.planCode)
    try add(Int64(package.planVersion))
    try add(TextList.text(package.suspensions.flatMap(\.texts)))
    try add(package.username)
    try add(TextList.text(package.stackUsers.flatMap(\.texts)))
    try add(configuration.phpVersion)
    try add(Int64(configuration.phpMemoryLimitMB))
    try add(Int64(configuration.phpMaxExecutionTimeS))
    try add(Int64(configuration.phpUploadMaxMB))
    try add(configuration.sslEnabled ? 1 : 0 as Int64)
    try add(configuration.forceHTTPS ? 1 : 0 as Int64)
    try add(configuration.backupEnabled ? 1 : 0 as Int64)
    try add(configuration.http2Enabled ? 1 : 0 as Int64)
    try add(configuration.custom)
    try add(configuration.updateTime.nanosecondsSinceEpoch)
    try add(configuration.revision)
    try add(package.createTime.nanosecondsSinceEpoch)
    try add(package.updateTime.nanosecondsSinceEpoch)
    try add(package.deleteTime?.nanosecondsSinceEpoch)
    try add(package.purgeTime?.nanosecondsSinceEpoch)
    try add(package.revision)
    try write()
  }

  mutating func write(_ resource: PackageResourceRecord) throws(StorageError) {
    try add(resource.id)
    try add(resource.packageID)
    try add(Int64(resource.kind.rawValue))
    try add(resource.name)
    try add(resource.createTime.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(_ event: UsageEventRecord) throws(StorageError) {
    try add(event.accountID)
    try add(event.eventID)
    try add(Int64(truncatingIfNeeded: event.contentHash >> 64))
    try add(Int64(truncatingIfNeeded: event.contentHash))
    try add(event.observedTime.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(
    _ traffic: BandwidthRecord, in span: BandwidthRecord.Span, of packageID: ULID
  ) throws(StorageError) {
    try add(packageID)
    try add(Int64(span.rawValue))
    try add(traffic.startTime.nanosecondsSinceEpoch)
    try add(traffic.inBytes)
    try add(traffic.outBytes)
    try add(traffic.requests)
    try add(traffic.asOf.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(_ scan: DiskScanRecord) throws(StorageError) {
    try add(scan.packageID)
    try add(scan.scanTime.nanosecondsSinceEpoch)
    try add(scan.totalBytes)
    try add(scan.totalFiles)
    try write()
  }

  mutating func write(
    _ change: PackageChangeRecord, ageTime: Instant
  ) throws(StorageError) {
    try add(change.accountID)
    try add(change.sequence)
    try add(change.packageID)
    try add(Int64(change.kind.rawValue))
    try add(change.time.nanosecondsSinceEpoch)
    try add(change.package)
    try add(ageTime.nanosecondsSinceEpoch)
    try write()
  }

  /// In the order of the keys' bytes.
  private mutating func add(_ map: [String: String]) throws(StorageError) {
    let keys = map.count > 1 ? map.keys.sorted { ExactText($0) < ExactText($1) } : Array(map.keys)
    try add(TextList.text(keys.flatMap { [$0, map[$0] ?? ""] }))
  }
}

extension SuspensionRecord {
  fileprivate var texts: [String] {
    ["\(kind.rawValue)", reason, "\(createTime.nanosecondsSinceEpoch)", suspendedBy]
  }

  fileprivate init?(_ texts: ArraySlice<String>) {
    let at = texts.startIndex
    guard let kind = Int32(texts[at]).flatMap(Kind.init(rawValue:)),
      let time = Int64(texts[at + 2])
    else { return nil }
    self.init(
      kind: kind, reason: texts[at + 1], createTime: Instant(nanosecondsSinceEpoch: time),
      suspendedBy: texts[at + 3])
  }
}

extension StackUserRecord {
  fileprivate var texts: [String] {
    [userID, "\(createTime.nanosecondsSinceEpoch)", addedBy]
  }

  fileprivate init?(_ texts: ArraySlice<String>) {
    let at = texts.startIndex
    guard let time = Int64(texts[at + 1]) else { return nil }
    self.init(
      userID: texts[at], createTime: Instant(nanosecondsSinceEpoch: time),
      addedBy: texts[at + 2])
  }
}

extension RowReader {
  mutating func hostingPackage() throws(StorageError) -> HostingPackageRecord {
    let id = ulid()
    let accountID = text()
    let name = text()
    let domainName = text()
    let extraDomainNames = texts()
    let documentRoots = map()
    let planID = int64()
    let planCode = text()
    let planVersion = int32()
    let suspensions = list(of: 4) { SuspensionRecord($0) }
    let username = text()
    let stackUsers = list(of: 3) { StackUserRecord($0) }
    let phpVersion = text()
    let php = (int32(), int32(), int32())
    let switches = (int64() != 0, int64() != 0, int64() != 0, int64() != 0)
    let custom = map()
    let configurationUpdateTime = instant()
    let configurationRevision = int64()
    let createTime = instant()
    let updateTime = instant()
    let deleteTime = optionalInstant()
    let purgeTime = optionalInstant()
    let revision = int64()
    try verify()
    guard let id, let extraDomainNames, let documentRoots, let suspensions, let stackUsers,
      let custom
    else {
      throw .damaged(path: path, reason: "a package has a list that nobody wrote")
    }
    return HostingPackageRecord(
      id: id, accountID: accountID, name: name, domainName: domainName,
      extraDomainNames: extraDomainNames, documentRoots: documentRoots, planID: planID,
      planCode: planCode, planVersion: planVersion, suspensions: suspensions, username: username,
      stackUsers: stackUsers,
      configuration: PackageConfigurationRecord(
        phpVersion: phpVersion, phpMemoryLimitMB: php.0, phpMaxExecutionTimeS: php.1,
        phpUploadMaxMB: php.2, sslEnabled: switches.0, forceHTTPS: switches.1,
        backupEnabled: switches.2, http2Enabled: switches.3, custom: custom,
        updateTime: configurationUpdateTime, revision: configurationRevision),
      createTime: createTime, updateTime: updateTime, deleteTime: deleteTime,
      purgeTime: purgeTime, revision: revision)
  }

  /// The package and the hash of a row that begins with the username.
  mutating func packageCredentials() throws(StorageError) -> PackageCredentialsRecord {
    _ = text()
    let id = ulid()
    let hash = text()
    return PackageCredentialsRecord(packageID: try verified(id), passwordHash: hash)
  }

  /// The package of a row that is a domain and its package.
  mutating func packageDomain() throws(StorageError) -> ULID {
    _ = text()
    let id = ulid()
    return try verified(id)
  }

  /// The name of a row that is a reversed name and an account.
  mutating func domainOrder() throws(StorageError) -> ReversedName {
    let name = ReversedName(text: text())
    _ = text()
    try verify()
    return name
  }

  /// The package of a row that is an account, a user and a package.
  mutating func packageUser() throws(StorageError) -> ULID {
    _ = text()
    _ = text()
    let id = ulid()
    return try verified(id)
  }

  /// The number of a row that is an account and a number.
  mutating func packageCount() throws(StorageError) -> Int64 {
    _ = text()
    let count = int64()
    try verify()
    return count
  }

  mutating func packageResource() throws(StorageError) -> PackageResourceRecord {
    let id = ulid()
    let packageID = ulid()
    let kind = PackageResourceRecord.Kind(rawValue: int32())
    let name = text()
    let createTime = instant()
    try verify()
    guard let id, let packageID, let kind else {
      throw .damaged(path: path, reason: "a resource has a kind that nobody wrote")
    }
    return PackageResourceRecord(
      id: id, packageID: packageID, kind: kind, name: name, createTime: createTime)
  }

  /// The number of a row that is a package, a kind and a number.
  mutating func packageResourceCount() throws(StorageError) -> Int64 {
    _ = ulid()
    _ = int64()
    let count = int64()
    try verify()
    return count
  }

  mutating func usageEvent() throws(StorageError) -> UsageEventRecord {
    let event = UsageEventRecord(
      accountID: text(), eventID: text(),
      contentHash: UInt128(UInt64(bitPattern: int64())) << 64
        | UInt128(UInt64(bitPattern: int64())),
      observedTime: instant())
    try verify()
    return event
  }

  mutating func bandwidth() throws(StorageError) -> BandwidthRecord {
    _ = ulid()
    _ = int64()
    let traffic = BandwidthRecord(
      startTime: instant(), inBytes: int64(), outBytes: int64(), requests: int64(),
      asOf: instant())
    try verify()
    return traffic
  }

  mutating func diskScan() throws(StorageError) -> DiskScanRecord {
    let id = ulid()
    let scanTime = instant()
    let totals = (int64(), int64())
    return DiskScanRecord(
      packageID: try verified(id), scanTime: scanTime, totalBytes: totals.0,
      totalFiles: totals.1)
  }

  /// The content of a row that is a package and a content.
  mutating func diskScanContent() throws(StorageError) -> [UInt8] {
    _ = ulid()
    let content = blob()
    try verify()
    return content
  }

  mutating func packageChange() throws(StorageError) -> (PackageChangeRecord, ageTime: Instant) {
    let accountID = text()
    let sequence = int64()
    let packageID = ulid()
    let kind = PackageChangeRecord.Kind(rawValue: int32())
    let time = instant()
    let package = blob()
    let ageTime = instant()
    try verify()
    guard let packageID, let kind else {
      throw .damaged(path: path, reason: "a change has a kind that nobody wrote")
    }
    let change = PackageChangeRecord(
      accountID: accountID, sequence: sequence, packageID: packageID, kind: kind, time: time,
      package: package)
    return (change, ageTime)
  }

  mutating func packageChangeAge() throws(StorageError) -> PackageChangeAge {
    let age = PackageChangeAge(time: instant(), accountID: text(), sequence: int64())
    try verify()
    return age
  }

  mutating func instant() -> Instant {
    Instant(nanosecondsSinceEpoch: int64())
  }

  mutating func optionalInstant() -> Instant? {
    optionalInt64().map(Instant.init(nanosecondsSinceEpoch:))
  }

  private func verified(_ id: ULID?) throws(StorageError) -> ULID {
    try verify()
    guard let id else { throw .damaged(path: path, reason: "an id is not of 16 bytes") }
    return id
  }

  private mutating func map() -> [String: String]? {
    guard let texts = texts(), texts.count.isMultiple(of: 2) else { return nil }
    var map: [String: String] = [:]
    for index in stride(from: 0, to: texts.count, by: 2) { map[texts[index]] = texts[index + 1] }
    return map
  }

  /// Records that are written as `count` texts each.
  mutating func list<Record>(
    of count: Int, _ read: (ArraySlice<String>) -> Record?
  ) -> [Record]? {
    guard let texts = texts(), texts.count.isMultiple(of: count) else { return nil }
    var records: [Record] = []
    for index in stride(from: 0, to: texts.count, by: count) {
      guard let record = read(texts[index..<index + count]) else { return nil }
      records.append(record)
    }
    return records
  }
}

/// Where a change stands in the order in which changes are deleted.
struct PackageChangeAge {
  var time: Instant
  var accountID: String
  var sequence: Int64
}
