import Glibc
import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

/// A damaged file is refused, or what it still says is right.
struct DamageTests {
  let folder: TemporaryFolder
  /// The bytes of a closed store of 60 plans, some with versions.
  let original: [UInt8]
  let lock: [UInt8]

  init() async throws {
    folder = try TemporaryFolder()
    let store = try SQLiteStore.open(path: folder.database)
    try await store.write { transaction in
      for id in 1...60 as ClosedRange<Int64> {
        try transaction.insert(Sample.plan(id))
        try transaction.insert(
          Sample.hostingPackage(UInt128(id), planID: id), passwordHash: Sample.passwordHash)
        try transaction.insert(Sample.replay("request \(id)"))
        try transaction.append(Sample.audit(id))
      }
      for id in 1...20 as ClosedRange<Int64> {
        try transaction.update(Sample.plan(id, name: "Second", version: 2))
      }
    }
    await store.close()
    original = contents(of: folder.database)
    lock = contents(of: folder.database + ".lock")
  }

  @Test("A flipped byte is refused, or the store says what was written", arguments: 0..<8)
  func flippedBytes(_ part: Int) async throws {
    var random = SeededNumbers(seed: UInt64(part))
    var refused = 0
    for round in 0..<40 {
      var damaged = original
      // The header and the first pages hold the most that can go wrong.
      let position = Int.random(in: 0..<(round < 10 ? 100 : damaged.count), using: &random)
      damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      restore(damaged)
      do {
        try await expectWhatWasWritten(openSoon(folder.database))
      } catch {
        refused += 1
        expectRefusal(error)
      }
    }
    #expect(refused > 0)
  }

  @Test("A file that was cut off is refused")
  func truncatedFiles() async throws {
    for count in [0, 1, 15, 16, 99, 100, 511, 512, 4095, 4096, 8192, original.count - 1] {
      restore(Array(original.prefix(count)))
      let error = #expect(throws: StorageError.self, "\(count) bytes") {
        try SQLiteStore.open(path: folder.database)
      }
      guard case .damaged = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        continue
      }
    }
  }

  @Test("What is no database is refused")
  func otherFiles() async throws {
    var random = SeededNumbers(seed: 5)
    let noise = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    for bytes in [noise, Array("port: 50051\n".utf8), Array(repeating: 0, count: 4096)] {
      restore(bytes)
      let error = #expect(throws: StorageError.self) {
        try SQLiteStore.open(path: folder.database)
      }
      guard case .damaged = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(contents(of: folder.database) == bytes)
    }
  }

  @Test("A damaged log ends at its first damaged frame, and what is before that is right")
  func damagedLog() async throws {
    let copy = try TemporaryFolder()
    let store = try SQLiteStore.open(path: copy.database)
    for id in 1...20 as ClosedRange<Int64> {
      try await store.write { try $0.insert(Sample.plan(id)) }
    }
    let log = contents(of: copy.database + "-wal")
    #expect(log.count > 50_000)
    var random = SeededNumbers(seed: 9)
    for round in 0..<40 {
      let crash = try TemporaryFolder()
      copyDatabase(copy.database, to: crash.database)
      var damaged = log
      let position = Int.random(in: 0..<log.count, using: &random)
      if round % 4 == 0 {
        damaged.removeSubrange(position...)
      } else {
        damaged[position] ^= 0x10
      }
      write(damaged, to: crash.database + "-wal")
      let survivor = try SQLiteStore.open(path: crash.database)
      let plans = try await survivor.read { try $0.plans(PlanQuery(limit: 99)) }
      #expect(plans == (1...20).prefix(plans.count).map { Sample.plan($0) })
      await survivor.close()
    }
    await store.close()
  }

  @Test("Damage in a row that is too far in to be looked for at the start is found when read")
  func damageFoundWhenRead() async throws {
    var limits = SQLiteStore.Limits()
    limits.maxVerifiedFileBytes = 0
    // A description is in no index: nothing but the row's checksum tells.
    let text = Array("For those who need number 33".utf8)
    let start = try #require(original.firstRange(of: text)).lowerBound
    var damaged = original
    damaged[start + 4] ^= 0x20
    restore(damaged)
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    await #expect(throws: StorageError.self) { try await store.read { try $0.plan(.id(33)) } }
    await #expect(throws: StorageError.self) {
      try await store.write { try $0.plan(.code("plan-33")) }
    }
    // Its neighbours are as they were.
    #expect(try await store.read { try $0.plan(.id(34)) } == Sample.plan(34))
    try await store.write { try $0.insert(Sample.plan(61)) }
    await store.close()
    // A verified start does find it.
    #expect(throws: StorageError.self) { try SQLiteStore.open(path: folder.database) }
  }

  @Test("A tree that is damaged fails what reads it, and stops the store that writes to it")
  func damagedTrees() async throws {
    let damaged = try await withDamagedTree("plans_by_name")
    let store = try SQLiteStore.open(path: folder.database, limits: unverified)
    try await store.write { try $0.setSetting("a", to: "b") }
    let log = contents(of: folder.database + "-wal")
    #expect(!log.isEmpty)
    // A read is one call's own matter.
    await #expect(throws: StorageError.self) {
      try await store.read { try $0.plans(PlanQuery(order: .name, limit: 9)) }
    }
    #expect(store.isAvailable)
    #expect(try await store.read { try $0.plan(.id(34)) } == Sample.plan(34))
    // A body that catches the error does not commit what it has done before.
    let error = await #expect(throws: StorageError.self) {
      try await store.write { transaction throws in
        try transaction.setSetting("a", to: "c")
        try? transaction.insert(Sample.plan(61))
        // Nothing more is asked of such a transaction.
        #expect(throws: StorageError.self) { try transaction.setting("a") }
      }
    }
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!store.isAvailable)
    await #expect(throws: StorageError.self) { try await store.read { try $0.setting("a") } }
    await store.close()
    // The log is evidence, and is not folded into what is damaged.
    let isAsItWas = contents(of: folder.database) == damaged
    #expect(isAsItWas)
    let isLogKept = contents(of: folder.database + "-wal").starts(with: log)
    #expect(isLogKept)
  }

  private var unverified: SQLiteStore.Limits {
    var limits = SQLiteStore.Limits()
    limits.maxVerifiedFileBytes = 0
    return limits
  }

  /// Overwrites the root page of an index or table.
  private func withDamagedTree(_ name: String) async throws -> [UInt8] {
    restore(original)
    let page: Int
    do {
      let connection = try SQLiteConnection(
        path: folder.database, role: .reader, limits: SQLiteStore.Limits())
      let text = try connection.firstText(
        "SELECT rootpage FROM sqlite_schema WHERE name = '\(name)'")
      page = try #require(text.flatMap { Int($0) })
    }
    var damaged = original
    let start = (page - 1) * 4096
    damaged.replaceSubrange(start..<start + 16, with: Array(repeating: 0xEE, count: 16))
    restore(damaged)
    return damaged
  }

  private func restore(_ bytes: [UInt8]) {
    write(bytes, to: folder.database)
    write(lock, to: folder.database + ".lock")
    unlink(folder.database + "-wal")
    unlink(folder.database + "-shm")
  }

  private func expectWhatWasWritten(_ store: SQLiteStore) async throws {
    do {
      try await store.read { transaction throws in
        for id in 1...60 as ClosedRange<Int64> {
          let second = Sample.plan(id, name: "Second", version: 2)
          let expected = id <= 20 ? second : Sample.plan(id)
          #expect(try transaction.plan(.id(id)) == expected)
          #expect(try transaction.plan(.code("plan-\(id)")) == expected)
          #expect(try transaction.plan(id: id, version: 1) == Sample.plan(id))
          #expect(try transaction.hostingPackageCount(onPlan: id) == 1)
          let replay = Sample.replay("request \(id)")
          #expect(try transaction.replay(replay.key) == replay)
        }
        for order in PlanQuery.Order.allCases {
          #expect(try transaction.plans(PlanQuery(order: order, limit: 99)).count == 60)
        }
        let chain = try transaction.auditRecords(partition: "catalogue", after: 0, limit: 99)
        #expect(chain == (1...60).map { Sample.audit($0) })
      }
      #expect(try await store.write { try $0.nextPlanID() } == 61)
    } catch {
      await store.close()
      throw error
    }
    await store.close()
  }

  private func expectRefusal(_ error: any Error) {
    switch error as? StorageError {
    case .damaged(let path, let reason):
      #expect(path.hasSuffix("/packd.db"))
      #expect(!reason.isEmpty)
    case .cannotOpen:
      // The header may ask for a SQLite that does not exist yet.
      break
    default:
      Issue.record(error)
    }
  }
}
