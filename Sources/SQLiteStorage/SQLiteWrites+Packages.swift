internal import Storage

extension SQLiteWrites {
  func insert(_ package: HostingPackageRecord, passwordHash: String) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func update(_ package: HostingPackageRecord) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func purgeHostingPackage(_ id: ULID) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func insert(_ resource: PackageResourceRecord) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func deletePackageResource(_ id: ULID, of packageID: ULID) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func insertIfNew(_ event: UsageEventRecord) throws -> UsageEventRecord? {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func deleteUsageEvents(observedBefore time: Instant, limit: Int) throws -> Int {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func add(
    _ traffic: BandwidthRecord, to span: BandwidthRecord.Span, of packageID: ULID
  ) throws -> BandwidthRecord {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func deleteBandwidth(
    _ span: BandwidthRecord.Span, startedBefore time: Instant, limit: Int
  ) throws -> Int {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func setDiskScan(_ scan: DiskScanRecord, content: [UInt8]) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func append(_ change: PackageChangeRecord) throws {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }

  func deletePackageChanges(before time: Instant, limit: Int) throws -> Int {
    throw StorageError.unavailable(reason: "hosting packages are not kept yet")
  }
}
