internal import Storage

extension SQLiteReads {
  final func hostingPackage(_ id: ULID) throws -> PackageSnapshot? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func hostingPackages(_ query: HostingPackageQuery) throws -> [PackageSnapshot] {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func liveHostingPackageCount(accountID: String) throws -> Int {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func hostingPackageID(domainName: String) throws -> ULID? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func packageCredentials(username: String) throws -> PackageCredentialsRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func hostingPackageIDs(onPlan planID: Int64, limit: Int) throws -> [ULID] {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func hostingPackageCount(onPlan planID: Int64) throws -> Int {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func hostingPackagesToPurge(at time: Instant, limit: Int) throws -> [ULID] {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func packageResource(_ id: ULID, of packageID: ULID) throws -> PackageResourceRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func packageResource(
    _ kind: PackageResourceRecord.Kind, named name: String, of packageID: ULID
  ) throws -> PackageResourceRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func packageResources(
    of packageID: ULID, kind: PackageResourceRecord.Kind?, after id: ULID?, limit: Int
  ) throws -> [PackageResourceRecord] {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func packageResourceCount(
    of packageID: ULID, kind: PackageResourceRecord.Kind
  ) throws -> Int {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func usageEvent(accountID: String, eventID: String) throws -> UsageEventRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func bandwidth(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant,
    limit: Int
  ) throws -> [BandwidthRecord] {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func bandwidthTotal(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant
  ) throws -> BandwidthRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func diskScan(of packageID: ULID) throws -> DiskScanRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func diskScanContent(of packageID: ULID) throws -> [UInt8]? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func lastPackageChangeSequence(accountID: String) throws -> Int64 {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  final func packageChanges(
    accountID: String, after sequence: Int64, limit: Int
  ) throws -> [PackageChangeRecord] {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }
}
