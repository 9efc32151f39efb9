internal import Glibc
package import Storage
internal import Threads

/// A ``Store`` in one SQLite file, which this process owns for as long as the store is open.
package final class SQLiteStore: Store {
  private let shared: Shared

  private init(_ shared: Shared) {
    self.shared = shared
  }

  deinit {
    shared.stop(.closed)
  }

  /// Opens the file at `path`; makes it, and the folders above it, when they are missing.
  /// Blocks on the disk.
  ///
  /// - Parameter now: The time that is noted for a migration.
  /// - Throws: ``StorageError/locked(path:holder:)`` when another process, or another store of
  ///   this one, owns the file; `damaged`; `cannotOpen`, also for a file that a later packd
  ///   wrote; `full`.
  package static func open(
    path: String, limits: Limits = Limits(), now: @Sendable () -> Instant = Instant.now
  ) throws(StorageError) -> SQLiteStore {
    let file = try OwnedFile(path: path, limits: limits)
    let writer: SQLiteConnection
    do {
      writer = try openVerified(file, limits, now)
    } catch .unavailable(let reason) {
      throw .cannotOpen(path: file.path, reason: reason)
    } catch .conflict {
      throw .locked(path: file.path, holder: "another process")
    }
    let shared = Shared(
      path: file.path, limits: limits, cacheCopies: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    try start(shared, file, writer)
    return SQLiteStore(shared)
  }

  private static func openVerified(
    _ file: OwnedFile, _ limits: Limits, _ now: @Sendable () -> Instant
  ) throws(StorageError) -> sending SQLiteConnection {
    let writer = try SQLiteConnection(path: file.path, role: .writer, limits: limits)
    let isVerified =
      !file.isNew && !file.isAsLeft && file.bytes <= limits.maxVerifiedFileBytes
    if isVerified { try Verification.verifyTrees(writer) }
    guard !writer.isReadOnly else {
      throw .damaged(path: file.path, reason: "its header forbids to write it")
    }
    try Migrations.apply(Migrations.all, to: writer, now: now)
    if isVerified { try Verification.verifyRows(writer) }
    if file.isNew { try writer.checkpoint(.truncate) }
    // So that a start after the next crash need not verify what was verified now.
    if file.isNew || isVerified { file.noteCheckpoint() }
    return writer
  }

  private static func start(
    _ shared: Shared, _ file: sending OwnedFile, _ connection: sending SQLiteConnection
  ) throws(StorageError) {
    var readers: [OwnThread] = []
    do {
      for number in 1...max(1, min(shared.limits.readerThreads, 63)) {
        let connection = try SQLiteConnection(
          path: shared.path, role: .reader, limits: shared.limits)
        let reader = Reader(shared, thread: number, connection)
        readers.append(try thread(reader) { $0.run() })
      }
      let writer = Writer(shared, file, connection, readers: readers)
      try thread(writer) { $0.run() }.detach()
    } catch {
      shared.stop(error)
      for reader in readers { reader.join() }
      throw error
    }
  }

  /// One that may block on the disk.
  private static func thread<State>(
    _ state: sending State, _ body: @escaping @Sendable (State) -> Void
  ) throws(StorageError) -> OwnThread {
    do { return try OwnThread(state, body) } catch { throw .unavailable(reason: error.reason) }
  }

  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    try await run(body, in: shared.reads)
  }

  package func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    try await run(body, in: shared.writes)
  }

  private func run<Transaction, Result: Sendable>(
    _ body: @escaping @Sendable (Transaction) throws -> Result,
    in queue: WorkQueue<Job<Transaction>>
  ) async throws -> Result {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let job = Job(continuation, cancellation, body)
        if let refusal = queue.append(job) { job.refuse(refusal) }
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  package func cachedPlan(_ key: PlanKey) -> PlanSnapshot? {
    shared.plans.plan(key)
  }

  package func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? {
    shared.packages.find(id)
  }

  package func cachedEntitlement(of userID: String) -> EntitlementSnapshot? {
    shared.entitlements.find(ExactText(userID))
  }

  package var isAvailable: Bool { shared.isAvailable }

  /// Commits that reached the disk; a group of writes is one.
  package var commitCount: Int { shared.commitCount }

  package func close() async {
    shared.stop(.closed)
    await shared.waitForEnd()
  }
}
