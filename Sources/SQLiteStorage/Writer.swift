internal import Storage

/// The one thread that writes: takes what is queued, runs every body within a savepoint of one
/// transaction, and makes them durable with one commit. Also the only one that carries the log
/// into the file: SQLite before 3.51.3 may damage a database when two connections do that or
/// write at the same time (sqlite.org/wal.html, "The WAL-Reset Bug").
final class Writer {
  private typealias WriteJob = Job<any WriteTransaction>

  /// The bit of the store's health that is the writer's.
  static let thread = 0

  private let shared: Shared
  private let file: OwnedFile
  private let readers: [DatabaseThread]
  private var connection: SQLiteConnection?
  private var isFailing = false
  /// Whether the lock file tells what the last checkpoint made of the data file.
  private var isCheckpointNoted = true

  init(
    _ shared: Shared, _ file: OwnedFile, _ connection: SQLiteConnection,
    readers: [DatabaseThread]
  ) {
    self.shared = shared
    self.file = file
    self.connection = connection
    self.readers = readers
  }

  /// Runs until the queue ends, then closes the database; returns when all is on the disk and
  /// the file is free.
  func run() {
    while true {
      switch shared.writes.take(upTo: shared.limits.maxGroupedWrites, waiting: patience) {
      case .jobs(let jobs):
        write(jobs)
        if logPages >= shared.limits.maxLogPages { checkpoint() }
      case .timedOut:
        if isFailing { write([]) } else { tidyUp() }
      case .ended:
        // The last connection to be closed is this one, which may write.
        for reader in readers { reader.join() }
        if shared.damage == nil { try? connection?.checkpoint(.truncate) }
        connection = nil
        if shared.damage == nil { file.noteCheckpoint() }
        file.close()
        shared.noteEnd()
        return
      }
    }
  }

  private var logPages: Int { connection?.logPages ?? 0 }

  /// How long to wait for a job before there is something else to do.
  private var patience: Int? {
    if isFailing { return shared.limits.retryMilliseconds }
    let isUntidy = logPages >= shared.limits.maxIdleLogPages || !isCheckpointNoted
    return isUntidy ? shared.limits.idleMilliseconds : nil
  }

  // MARK: Group commit

  /// Runs and commits `jobs`, all or none of those whose bodies do not throw. Without jobs, sees
  /// whether the database can be written.
  private func write(_ jobs: [WriteJob]) {
    var rest = jobs[...]
    var outcomes: [WriteJob.Outcome] = []
    var changes: [Int64: PlanRecord?] = [:]
    do throws(StorageError) {
      if let damage = shared.damage { throw damage }
      let connection = try open()
      try connection.run(Query.beginImmediate)
      if isFailing { try connection.run(Query.touch) }
      while let job = rest.popFirst() {
        if job.cancellation.isCancelled {
          job.refuse(CancellationError())
        } else {
          try run(job, on: connection, &outcomes, &changes)
        }
      }
      if !changes.isEmpty { shared.cache.willCommit(changes.keys) }
      try connection.run(Query.commit)
      shared.noteCommit()
    } catch {
      abandon(error)
      for outcome in outcomes { outcome.settle(error) }
      for job in rest { job.refuse(error) }
      return
    }
    if !changes.isEmpty { shared.cache.didCommit(changes.values.compactMap(\.self)) }
    note(isFailing: false)
    for outcome in outcomes { outcome.settle(nil) }
  }

  /// Runs one body in its savepoint.
  ///
  /// - Throws: when the whole transaction is lost.
  private func run(
    _ job: WriteJob, on connection: SQLiteConnection, _ outcomes: inout [WriteJob.Outcome],
    _ changes: inout [Int64: PlanRecord?]
  ) throws(StorageError) {
    try connection.run(Query.savepoint)
    let transaction = SQLiteWrites(connection)
    let outcome = job.run(transaction)
    outcomes.append(outcome)
    if let failure = transaction.failure { throw failure }
    if outcome.threw {
      try connection.run(Query.rollbackToSavepoint)
    } else {
      changes.merge(transaction.changedPlans) { _, new in new }
    }
    try connection.run(Query.release)
  }

  /// After a failed commit nobody knows what reached the disk. The connection is dropped, which
  /// ends the transaction, and the next write begins on a new one.
  private func abandon(_ error: StorageError) {
    connection = nil
    shared.cache.didCommit([])
    shared.cache.removeAll()
    if case .damaged = error { shared.stop(error) }
    // Without room, reads go on, and the next write may find some.
    if error.isOutage { note(isFailing: true) }
  }

  private func open() throws(StorageError) -> SQLiteConnection {
    if let connection { return connection }
    let opened = try SQLiteConnection.reopen(shared, role: .writer)
    // Opening may have recovered a commit that was reported as failed.
    shared.cache.removeAll()
    connection = opened
    return opened
  }

  private func note(isFailing: Bool) {
    self.isFailing = isFailing
    shared.note(thread: Self.thread, isFailing: isFailing)
  }

  // MARK: Checkpoints

  /// What there is time for while nothing is to be written.
  private func tidyUp() {
    checkpoint()
    guard connection != nil else { return }
    // Reads the whole file, which would hold up writes.
    file.noteCheckpoint()
    isCheckpointNoted = true
  }

  private func checkpoint() {
    guard let connection else { return }
    do {
      // Readers that keep the log from starting over are waited for in the end.
      let isOverdue = connection.logPages >= 4 * shared.limits.maxLogPages
      try connection.checkpoint(isOverdue ? .truncate : .passive)
      isCheckpointNoted = false
    } catch {
      abandon(error)
    }
  }
}

extension SQLiteConnection {
  /// A new connection in the place of one that failed. To callers that find none, the database
  /// is away.
  static func reopen(_ shared: Shared, role: Role) throws(StorageError) -> SQLiteConnection {
    do {
      let connection = try SQLiteConnection(
        path: shared.path, role: role, limits: shared.limits)
      // Opening alone reads nothing.
      _ = try connection.firstText("SELECT count(*) FROM sqlite_schema")
      return connection
    } catch .cannotOpen(_, let reason) {
      throw .unavailable(reason: reason)
    }
  }
}
