import Glibc
import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

/// What is damaged of a package is never answered.
struct PackageDamageTests {
  let folder: TemporaryFolder

  init() async throws {
    folder = try TemporaryFolder()
    let store = try SQLiteStore.open(path: folder.database)
    try await store.write { transaction in
      for number in 1...20 as ClosedRange<UInt128> {
        let id = ULID(value: number)
        try transaction.insert(Self.package(number), passwordHash: Sample.passwordHash)
        try transaction.insert(Sample.resource(number, of: number))
        _ = try transaction.insertIfNew(Sample.event("event \(number)"))
        _ = try transaction.add(Sample.traffic(0), to: .hour, of: id)
        try transaction.setDiskScan(Sample.scan(number), content: Array(0...99))
        try transaction.append(Sample.change(Int64(number)))
      }
    }
    await store.close()
  }

  private static func package(_ number: UInt128) -> HostingPackageRecord {
    var package = Sample.hostingPackage(number)
    package.stackUsers = [
      StackUserRecord(userID: "user", createTime: Sample.at(1), addedBy: "admin")
    ]
    return number % 4 == 0 ? Sample.deleted(package) : package
  }

  private var unverified: SQLiteStore.Limits {
    var limits = SQLiteStore.Limits()
    limits.maxVerifiedFileBytes = 0
    return limits
  }

  /// Changes the file as damage would, past the adapter.
  private func damage(_ sql: String) throws {
    let connection = try SQLiteConnection(
      path: folder.database, role: .writer, limits: SQLiteStore.Limits())
    try connection.execute(sql)
    try connection.checkpoint(.truncate)
    unlink(folder.database + ".lock")
  }

  private static let id = "x'00000000000000000000000000000003'"
  private static let other = "x'00000000000000000000000000000005'"

  typealias Read = @Sendable (any ReadTransaction) throws -> Void

  static let damages: [(String, Read)] = [
    (
      "UPDATE hosting_packages SET custom = '1:a,1:b,' WHERE id = \(id)",
      { _ = try $0.hostingPackage(ULID(value: 3)) }
    ),
    (
      "UPDATE hosting_packages SET account_id = 'other' WHERE id = \(id)",
      { _ = try $0.hostingPackages(HostingPackageQuery(accountID: "other", limit: 9)) }
    ),
    (
      "UPDATE package_credentials SET package_id = \(other) WHERE username = 'user-3'",
      { _ = try $0.packageCredentials(username: "user-3") }
    ),
    (
      "UPDATE package_credentials SET password_hash = 'x' WHERE username = 'user-3'",
      { _ = try $0.packageCredentials(username: "user-3") }
    ),
    (
      "UPDATE package_domains SET package_id = \(other) WHERE domain_name = 'site-3.example'",
      { _ = try $0.hostingPackageID(domainName: "site-3.example") }
    ),
    (
      "UPDATE package_domain_order SET account_id = 'other' WHERE reversed_name LIKE '%3-etis.www'",
      { _ = try $0.hostingPackageID(below: "site-3.example", notOf: "default") }
    ),
    (
      "UPDATE package_users SET user_id = 'thief' WHERE package_id = \(id)",
      {
        _ = try $0.hostingPackages(
          HostingPackageQuery(accountID: "default", stackUser: "thief", limit: 9))
      }
    ),
    (
      "UPDATE package_counts SET live = 3",
      { _ = try $0.liveHostingPackageCount(accountID: "default") }
    ),
    (
      "UPDATE package_resources SET name = 'x' WHERE package_id = \(id)",
      { _ = try $0.packageResources(of: ULID(value: 3), kind: nil, after: nil, limit: 9) }
    ),
    (
      "UPDATE package_resource_counts SET count = 9 WHERE package_id = \(id)",
      { _ = try $0.packageResourceCount(of: ULID(value: 3), kind: .mailbox) }
    ),
    (
      "UPDATE usage_events SET content_hash_low = 9 WHERE event_id = 'event 3'",
      { _ = try $0.usageEvent(accountID: "default", eventID: "event 3") }
    ),
    (
      "UPDATE package_bandwidth SET in_bytes = 9 WHERE package_id = \(id)",
      {
        _ = try $0.bandwidthTotal(
          of: ULID(value: 3), .hour, from: Sample.at(0), until: Sample.at(9))
      }
    ),
    (
      "UPDATE disk_scans SET total_bytes = 9 WHERE package_id = \(id)",
      { _ = try $0.diskScan(of: ULID(value: 3)) }
    ),
    (
      "UPDATE disk_scan_contents SET content = x'00' WHERE package_id = \(id)",
      { _ = try $0.diskScanContent(of: ULID(value: 3)) }
    ),
    (
      "UPDATE package_changes SET package = x'00' WHERE sequence = 3",
      { _ = try $0.packageChanges(accountID: "default", after: 0, limit: 9) }
    ),
    (
      "UPDATE package_changes SET sequence = 30 WHERE sequence = 20",
      { _ = try $0.lastPackageChangeSequence(accountID: "default") }
    ),
    (
      // A package that is not due stands where those to purge are looked for.
      "UPDATE hosting_packages SET delete_time = 1, purge_time = 1 WHERE id = \(id)",
      { _ = try $0.hostingPackagesToPurge(at: Sample.at(1), limit: 9) }
    ),
  ]

  @Test("A row that is not what was written is found when it is read", arguments: 0..<17)
  func damagedRows(_ number: Int) async throws {
    #expect(Self.damages.count == 17)
    let (sql, read) = Self.damages[number]
    try damage(sql)
    let store = try await openSoon(folder.database, limits: unverified)
    let error = await #expect(throws: StorageError.self) { try await store.read { try read($0) } }
    guard case .damaged = error else {
      Issue.record("\(sql): \(String(describing: error))")
      return
    }
    // Its neighbours are as they were, and the store goes on.
    let neighbour = try await store.read { try $0.hostingPackage(ULID(value: 6))?.record }
    #expect(neighbour == Self.package(6))
    #expect(store.isAvailable)
    await store.close()
    // A verified start does find it.
    unlink(folder.database + ".lock")
    let refusal = await #expect(throws: StorageError.self) { try await openSoon(folder.database) }
    guard case .damaged = refusal else {
      Issue.record("\(sql): \(String(describing: refusal))")
      return
    }
  }

  @Test("Every byte of the file, flipped, is refused, or what is said is right", arguments: 0..<4)
  func flippedBytes(_ part: Int) async throws {
    let original = contents(of: folder.database)
    let lock = contents(of: folder.database + ".lock")
    var random = SeededNumbers(seed: UInt64(part))
    var refused = 0
    for _ in 0..<40 {
      var damaged = original
      let position = Int.random(in: 0..<damaged.count, using: &random)
      damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      write(damaged, to: folder.database)
      write(lock, to: folder.database + ".lock")
      unlink(folder.database + "-wal")
      unlink(folder.database + "-shm")
      do {
        let store = try await openSoon(folder.database)
        do {
          try await store.read { try Self.expectWhatWasWritten($0) }
        } catch {
          await store.close()
          throw error
        }
        await store.close()
      } catch StorageError.damaged, StorageError.cannotOpen {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  private static func expectWhatWasWritten(_ transaction: any ReadTransaction) throws {
    for number in 1...20 as ClosedRange<UInt128> {
      let id = ULID(value: number)
      #expect(try transaction.hostingPackage(id)?.record == package(number))
      #expect(try transaction.diskScan(of: id) == Sample.scan(number))
      #expect(try transaction.diskScanContent(of: id) == Array(0...99))
      #expect(try transaction.packageResourceCount(of: id, kind: .mailbox) == 1)
      let event = Sample.event("event \(number)")
      #expect(try transaction.usageEvent(accountID: "default", eventID: event.eventID) == event)
      let holder = try transaction.hostingPackageID(domainName: "site-\(number).example")
      #expect(holder == (number % 4 == 0 ? nil : id))
    }
    for user in [nil, "user"] {
      let query = HostingPackageQuery(accountID: "default", stackUser: user, limit: 99)
      let found = try transaction.hostingPackages(query).map(\.record)
      #expect(found == (1...20 as ClosedRange<UInt128>).reversed().map { package($0) })
    }
    #expect(try transaction.liveHostingPackageCount(accountID: "default") == 15)
    let log = try transaction.packageChanges(accountID: "default", after: 0, limit: 99)
    #expect(log == (1...20 as ClosedRange<Int64>).map { Sample.change($0) })
  }
}
