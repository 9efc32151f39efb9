import Glibc
import SQLiteStorage
import Storage
import StorageContract
import Testing

struct FailureTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("A full store refuses writes, goes on reading, and recovers once there is room")
  func fullStore() async throws {
    var limits = SQLiteStore.Limits()
    limits.maxDatabaseBytes = 1 << 20
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    var kept = 0
    var error: (any Error)?
    while error == nil, kept < 100 {
      let record = large(kept)
      do {
        try await store.write { try $0.insert(record) }
        kept += 1
      } catch let thrown {
        error = thrown
      }
    }
    #expect(error as? StorageError == .full)
    #expect(kept > 5)
    #expect(store.isAvailable)
    let first = large(0)
    let last = large(kept - 1)
    let beyond = large(kept)
    try await store.read { transaction throws in
      #expect(try transaction.replay(first.key) == first)
      #expect(try transaction.replay(last.key) == last)
      #expect(try transaction.replay(beyond.key) == nil)
    }
    // Deleting needs no room that is not there.
    let deleted = try await store.write {
      try $0.deleteReplays(expiredBefore: Sample.at(.max), limit: 3)
    }
    #expect(deleted == 3)
    try await store.write { try $0.insert(beyond) }
    await store.close()
    let next = try SQLiteStore.open(path: folder.database, limits: limits)
    #expect(try await next.read { try $0.replay(beyond.key) } == beyond)
    await next.close()
  }

  @Test("A body that caught the error of a lost transaction writes nothing")
  func caughtFailures() async throws {
    var limits = SQLiteStore.Limits()
    limits.maxDatabaseBytes = 1 << 20
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    await #expect(throws: StorageError.full) {
      try await store.write { transaction in
        try transaction.setSetting("before", to: "yes")
        for number in 0..<100 {
          try? transaction.insert(large(number))
          try? transaction.setSetting("after", to: "yes")
        }
      }
    }
    try await store.read { transaction throws in
      #expect(try transaction.setting("before") == nil)
      #expect(try transaction.setting("after") == nil)
    }
    await store.close()
  }

  @Test("When the system lets no file grow, commits fail as full and are not there later")
  func fileSizeLimit() async throws {
    // In a process of its own, for the limit holds for the whole process.
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let store = try SQLiteStore.open(path: folder.database)
      try await store.write { try $0.insert(Sample.plan(1)) }
      signal(SIGXFSZ, SIG_IGN)
      var unlimited = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &unlimited)
      var limit = unlimited
      limit.rlim_cur = 256 << 10
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      var acknowledged: [Int64] = [1]
      var failed = 0
      for id in 2...40 as ClosedRange<Int64> {
        do {
          try await store.write { try $0.insert(Sample.plan(id)) }
          acknowledged.append(id)
        } catch {
          #expect(error as? StorageError == .full)
          failed += 1
        }
        let found = try await store.read { try $0.plans(PlanQuery(limit: 99)).map(\.id) }
        #expect(found == acknowledged)
      }
      #expect(failed > 0)
      #expect(store.isAvailable)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &unlimited)
      try await store.write { try $0.insert(Sample.plan(41)) }
      acknowledged.append(41)
      await store.close()
      let next = try SQLiteStore.open(path: folder.database)
      let found = try await next.read { try $0.plans(PlanQuery(limit: 99)).map(\.id) }
      #expect(found == acknowledged)
      await next.close()
    }
  }

  @Test("The owner that another process is refused by is named")
  func ownerInAnotherProcess() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let store = try SQLiteStore.open(path: folder.database)
      let pid = "\(getpid())"
      // A shell that tries to take the same lock, and tells what stands in the file.
      let lock = "'\(folder.database).lock'"
      #expect(system("! flock -n \(lock) true && test $(head -n 1 \(lock)) = \(pid)") == 0)
      await store.close()
      #expect(system("flock -n \(lock) true") == 0)
    }
  }

  private func large(_ number: Int) -> ReplayRecord {
    Self.large(number)
  }

  private static func large(_ number: Int) -> ReplayRecord {
    var record = Sample.replay("large \(number)", expires: Int64(number))
    record.response = Array(repeating: UInt8(truncatingIfNeeded: number), count: 50_000)
    return record
  }
}
