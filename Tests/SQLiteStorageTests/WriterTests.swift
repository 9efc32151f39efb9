import Glibc
import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

struct WriterTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(
    "When a savepoint cannot be set or ended, every call of the group is answered",
    .timeLimit(.minutes(10)), arguments: ["COMMIT", "ROLLBACK", "RELEASE body"])
  func lostSavepoints(_ statement: String) async throws {
    let store = try SQLiteStore.open(path: folder.database)
    // From now on bodies have savepoints.
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.insert(Sample.plan(1))
        throw BodyFailure()
      }
    }
    let gate = Gate()
    let holder = Task { try await store.write { _ in gate.wait() } }
    try await gate.untilReached()
    let calls = (0..<8).map { number in
      Task.immediate {
        try await store.write { transaction throws in
          guard number == 3 else { return }
          try (transaction as? SQLiteWrites)?.connection.execute(statement)
        }
      }
    }
    gate.open()
    try await holder.value
    for call in calls {
      await #expect(throws: StorageError.self) { try await call.value }
    }
    await store.close()
  }

  @Test("A reader of another process that stays holds no write up")
  func outsideReaders() async throws {
    var limits = SQLiteStore.Limits()
    limits.maxLogPages = 5
    limits.checkpointRetryMilliseconds = 300
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    try await store.write { try $0.insert(Sample.plan(1)) }
    var outsider: SQLiteConnection? = try outside()
    try outsider?.execute("BEGIN; SELECT count(*) FROM plans")
    let clock = ContinuousClock()
    let start = clock.now
    for id in 2...25 as ClosedRange<Int64> {
      try await store.write { try $0.insert(Sample.plan(id)) }
    }
    // Far less than it would take if each write waited for the reader.
    #expect(clock.now - start < .seconds(100))
    // Once it is gone, the log begins anew or is cut off.
    outsider = nil
    let longest = contents(of: folder.database + "-wal").count
    try await Task.sleep(for: .milliseconds(300))
    for id in 26...60 as ClosedRange<Int64> {
      try await store.write { try $0.insert(Sample.plan(id)) }
    }
    #expect(contents(of: folder.database + "-wal").count <= longest)
    await store.close()
  }

  @Test("A write that another process holds up is unavailable, and costs no cache")
  func outsideWriters() async throws {
    var limits = SQLiteStore.Limits()
    limits.busyMilliseconds = 20
    limits.retryMilliseconds = 20
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    try await store.write { try $0.insert(Sample.plan(1)) }
    _ = try await store.read { try $0.plan(.id(1)) }
    var outsider: SQLiteConnection? = try outside()
    try outsider?.execute("PRAGMA query_only = OFF; BEGIN IMMEDIATE")
    let error = await #expect(throws: StorageError.self) {
      try await store.write { try $0.insert(Sample.plan(2)) }
    }
    guard case .unavailable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!store.isAvailable)
    #expect(store.cachedPlan(.id(1))?.record == Sample.plan(1))
    #expect(try await store.read { try $0.plan(.id(2)) } == nil)
    outsider = nil
    for _ in 0..<200 where !store.isAvailable { try await Task.sleep(for: .milliseconds(10)) }
    #expect(store.isAvailable)
    #expect(store.cachedPlan(.id(1))?.record == Sample.plan(1))
    try await store.write { try $0.insert(Sample.plan(2)) }
    await store.close()
  }

  private func outside() throws -> SQLiteConnection {
    try SQLiteConnection(path: folder.database, role: .reader, limits: SQLiteStore.Limits())
  }
}

private struct BodyFailure: Error {}
