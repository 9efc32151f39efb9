internal import API
internal import Storage
internal import StorageContract
internal import Synchronization

@testable internal import Services

/// The service over a store with a plan and a package on it, without anything between.
struct UsageFixture: Sendable {
  let store: any Store
  let clock = TestClock()
  let service: PackageService
  let package = ULID(value: 77)
  let account = "default"

  init(
    store: any Store = MemoryStore(), plan: PlanRecord = Sample.plan(1),
    settings: PackageSettings = PackageSettings()
  ) async throws {
    self.store = store
    let clock = clock
    let now: Now = { clock.time }
    service = PackageService(
      store: store, mutations: Mutations(store: store, now: now), settings: settings,
      ids: ULIDSource(random: { 1 }), now: now, feed: ChangeFeed(store: store),
      passwords: settings.passwordHasher, attempts: settings.attemptLimiter(now))
    let (package, account) = (package, account)
    try await store.write { transaction in
      try transaction.insert(plan)
      try transaction.insert(
        Sample.hostingPackage(package.value, account: account),
        passwordHash: Sample.passwordHash)
    }
  }

  var id: String { PackageID.text(package) }

  func access(_ account: String? = nil) -> PackageAccess {
    PackageAccess(
      Principal(sub: "10", account: account ?? self.account, roles: .admin), .ingestUsage)
  }

  /// What became of the events, sent together.
  func send(
    _ events: [UsageEvent], account: String? = nil
  ) async throws -> [IngestUsageResponse] {
    let messages = events.map { IngestUsageRequest(event: $0).encoded() }
    return try await service.ingest(messages, of: access(account)).responses
  }

  func verdicts(_ events: [UsageEvent], account: String? = nil) async throws -> [UsageVerdict] {
    try await send(events, account: account).map(\.verdict)
  }

  /// Traffic of one request, seen some seconds ago.
  func traffic(
    _ id: String, in inBytes: Int64 = 1, out outBytes: Int64 = 2, ago seconds: Int64 = 0,
    of package: String? = nil
  ) -> UsageEvent {
    UsageEvent(
      eventID: id, packageID: package ?? self.id,
      observedTime: Timestamp(clock.time.adding(seconds: -seconds)),
      measurement: .bandwidthDelta(
        BandwidthDelta(inBytes: inBytes, outBytes: outBytes, requests: 1)))
  }

  func scan(_ id: String, bytes: Int64, ago seconds: Int64 = 0) -> UsageEvent {
    scan(
      id,
      DiskScan(
        directories: [DirectoryUsage(path: "www", bytes: bytes, files: 1)],
        fileTypes: [FileTypeUsage(fileType: "html", bytes: bytes, files: 1)]), ago: seconds)
  }

  func scan(_ id: String, _ scan: DiskScan, ago seconds: Int64 = 0) -> UsageEvent {
    UsageEvent(
      eventID: id, packageID: self.id,
      observedTime: Timestamp(clock.time.adding(seconds: -seconds)), measurement: .diskScan(scan))
  }

  func buckets(_ span: BandwidthRecord.Span) async throws -> [BandwidthRecord] {
    let package = package
    return try await store.read { transaction in
      try transaction.bandwidth(
        of: package, span, from: Instant(nanosecondsSinceEpoch: 0),
        until: Instant(nanosecondsSinceEpoch: .max), limit: 10_000)
    }
  }

  func record() async throws -> HostingPackageRecord? {
    let package = package
    return try await store.read { try $0.hostingPackage(package)?.record }
  }

  func changes(after sequence: Int64 = 0) async throws -> [PackageChangeRecord] {
    let account = account
    return try await store.read {
      try $0.packageChanges(accountID: account, after: sequence, limit: 10_000)
    }
  }

  /// Writes changes as a mutation of the package would, and wakes who watches.
  func touch(_ count: Int = 1, package: ULID? = nil) async throws {
    let package = package ?? self.package
    let time = clock.time
    try await store.write { transaction in
      guard var record = try transaction.hostingPackage(package)?.record else { return }
      for _ in 0..<count {
        record.revision += 1
        record.updateTime = time
        try transaction.update(record)
        try PackageChangeLog.append(.updated, record, at: time, in: transaction)
      }
    }
    service.feed.wake(account)
  }
}
