import Glibc
import SQLiteStorage
import Storage
import StorageContract
import Testing

struct SQLiteStoreTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("The store in SQLite keeps the contract", arguments: ContractCase.all)
  func keepsTheContract(_ contract: ContractCase) async throws {
    let store = try SQLiteStore.open(path: folder.database)
    try await contract.run(store)
    await store.close()
  }

  @Test("Bodies that run twice keep the contract", arguments: ContractCase.all)
  func keepsTheContractRerunning(_ contract: ContractCase) async throws {
    let store = try SQLiteStore.open(path: folder.database)
    try await contract.run(RerunningStore(store))
    await store.close()
  }

  @Test("A tiny cache and one reader keep the contract", arguments: ContractCase.all)
  func keepsTheContractTiny(_ contract: ContractCase) async throws {
    var limits = SQLiteStore.Limits()
    limits.maxCachedPlans = 2
    limits.maxCachedPackages = 2
    limits.maxCachedEntitlements = 2
    limits.readerThreads = 1
    limits.maxGroupedWrites = 3
    limits.maxLogPages = 20
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    try await contract.run(store)
    await store.close()
  }

  @Test("What was acknowledged is there after closing and opening")
  func survivesReopening() async throws {
    let first = try SQLiteStore.open(path: folder.database)
    try await first.write { transaction in
      try transaction.insert(Sample.plan(try transaction.nextPlanID()))
      try transaction.update(Sample.plan(1, name: "Second", version: 2))
      try transaction.insert(
        Sample.hostingPackage(1, planID: 1), passwordHash: Sample.passwordHash)
      try transaction.insert(Sample.replay("r"))
      try transaction.append(Sample.audit(1))
      try transaction.setSetting("seeded", to: "yes")
    }
    await first.close()
    let second = try SQLiteStore.open(path: folder.database)
    try await second.read { transaction throws in
      #expect(try transaction.plan(.id(1)) == Sample.plan(1, name: "Second", version: 2))
      #expect(try transaction.plan(id: 1, version: 1) == Sample.plan(1))
      #expect(try transaction.hostingPackageIDs(onPlan: 1, limit: 9) == [ULID(value: 1)])
      #expect(try transaction.replay(Sample.replay("r").key) == Sample.replay("r"))
      let chain = try transaction.auditRecords(partition: "catalogue", after: 0, limit: 9)
      #expect(chain == [Sample.audit(1)])
      #expect(try transaction.setting("seeded") == "yes")
    }
    #expect(try await second.write { try $0.nextPlanID() } == 2)
    await second.close()
  }

  @Test("What was acknowledged is in the files at once, without closing")
  func survivesACrash() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let copy = try TemporaryFolder()
    for id in 1...30 as ClosedRange<Int64> {
      try await store.write { try $0.insert(Sample.plan(id)) }
      guard id % 10 == 0 else { continue }
      copyDatabase(folder.database, to: copy.database)
      let survivor = try SQLiteStore.open(path: copy.database)
      #expect(try await survivor.read { try $0.plans(PlanQuery(limit: 99)).count } == Int(id))
      await survivor.close()
    }
    await store.close()
  }

  @Test("Missing folders are made, for the owner alone, and so is the file")
  func makesFolders() async throws {
    let path = folder.path + "/a/b/packd.db"
    let store = try SQLiteStore.open(path: path)
    try await store.write { try $0.insert(Sample.plan(1)) }
    #expect(permissions(of: folder.path + "/a") == 0o700)
    #expect(permissions(of: folder.path + "/a/b") == 0o700)
    for suffix in ["", "-wal", "-shm", ".lock"] {
      #expect(permissions(of: path + suffix) == 0o600)
    }
    await store.close()
    #expect(contents(of: path + "-wal") == [])
  }

  @Test("A path that leads nowhere is refused with its reason")
  func refusesBadPaths() throws {
    for path in ["", "a\0b", folder.path, "/proc/packd/packd.db", "/dev/null/packd.db"] {
      let error = #expect(throws: StorageError.self) { try SQLiteStore.open(path: path) }
      guard case .cannotOpen(_, let reason) = error else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
      #expect(!reason.isEmpty)
    }
  }

  @Test("A second owner is refused with the first one's process, under any name of the file")
  func refusesASecondOwner() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let link = folder.path + "/link.db"
    #expect(symlink(folder.database, link) == 0)
    let name = folder.path.split(separator: "/").last ?? ""
    let indirect = "\(folder.path)/../\(name)/packd.db"
    let real = try #require(realpath(folder.database, nil))
    defer { free(real) }
    let refusal = StorageError.locked(path: String(cString: real), holder: "process \(getpid())")
    for path in [folder.database, link, indirect] {
      #expect(throws: refusal) { try SQLiteStore.open(path: path) }
    }
    try await store.write { try $0.insert(Sample.plan(1)) }
    await store.close()
    let next = try SQLiteStore.open(path: link)
    #expect(try await next.read { try $0.plan(.id(1)) } == Sample.plan(1))
    await next.close()
  }

  @Test("A store that nobody holds any more gives its file up")
  func endsWithItsLastReference() async throws {
    var store: SQLiteStore? = try SQLiteStore.open(path: folder.database)
    try await store?.write { try $0.insert(Sample.plan(1)) }
    store = nil
    for _ in 0..<200 {
      if let next = try? SQLiteStore.open(path: folder.database) {
        await next.close()
        return
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("the file is still locked")
  }

  @Test("Concurrent writes share commits, lone ones have their own")
  func writesAreGrouped() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let start = store.commitCount
    for id in 1...10 as ClosedRange<Int64> {
      try await store.write { try $0.insert(Sample.plan(id)) }
    }
    #expect(store.commitCount - start == 10)
    let middle = store.commitCount
    await withTaskGroup(of: Void.self) { group in
      for id in 11...510 as ClosedRange<Int64> {
        group.addTask {
          do {
            try await store.write { try $0.insert(Sample.plan(id)) }
          } catch {
            Issue.record(error)
          }
        }
      }
    }
    #expect(store.commitCount - middle < 250)
    #expect(try await store.read { try $0.plans(PlanQuery(limit: 999)).count } == 510)
    await store.close()
  }

  @Test("Beyond the queue's limit a call is refused at once", arguments: [true, false])
  func queuesAreBounded(_ isWrite: Bool) async throws {
    var limits = SQLiteStore.Limits()
    limits.maxQueuedWrites = 2
    limits.maxQueuedReads = 2
    limits.readerThreads = 1
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    @Sendable func call(_ body: @escaping @Sendable () -> Void) async throws {
      if isWrite {
        try await store.write { _ in body() }
      } else {
        try await store.read { _ in body() }
      }
    }
    // One body holds the thread; of twelve more calls two may wait.
    let gate = Gate()
    let holder = Task { try await call { gate.wait() } }
    try await gate.untilReached()
    let refused = Counter()
    let calls = (0..<12).map { _ in
      Task {
        do {
          try await call {}
          return true
        } catch {
          #expect(error as? StorageError == .overloaded)
          refused.increment()
          return false
        }
      }
    }
    try await refused.reaches(10)
    gate.open()
    try await holder.value
    var answered = 0
    for call in calls where await call.value { answered += 1 }
    #expect(answered == 2)
    await store.close()
  }

  @Test("A call that is cancelled while it waits does not run")
  func cancelledCallsAreDropped() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let gate = Gate()
    let holder = Task { try await store.write { _ in gate.wait() } }
    try await gate.untilReached()
    let waiting = Task { try await store.write { try $0.insert(Sample.plan(1)) } }
    waiting.cancel()
    gate.open()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    try await holder.value
    #expect(try await store.read { try $0.plan(.id(1)) } == nil)
    await store.close()
  }

  @Test("A closing store finishes what it accepted")
  func closingFinishes() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let gate = Gate()
    let holder = Task { try await store.write { _ in gate.wait() } }
    try await gate.untilReached()
    let accepted = Task.immediate { try await store.write { try $0.insert(Sample.plan(1)) } }
    let closing = Task.immediate { await store.close() }
    await #expect(throws: StorageError.closed) {
      try await store.write { try $0.insert(Sample.plan(2)) }
    }
    gate.open()
    try await holder.value
    try await accepted.value
    await closing.value
    let next = try SQLiteStore.open(path: folder.database)
    #expect(try await next.read { try $0.plans(PlanQuery(limit: 9)).map(\.id) } == [1])
    await next.close()
  }
}
