internal import Storage
internal import Threads

/// The one thread that writes: takes what is queued, runs all bodies in one transaction, from
/// which a body that throws is taken out again, and makes them durable with one commit.
///
/// Also the only one that carries the log into the file: SQLite before 3.51.3 may damage a
/// database when two connections do that or write at the same time (sqlite.org/wal.html, "The
/// WAL-Reset Bug").
final class Writer {
  private typealias WriteJob = Job<any WriteTransaction>

  /// The bit of the store's health that is the writer's.
  static let thread = 0

  private let shared: Shared
  private let file: OwnedFile
  private let readers: [OwnThread]
  private var connection: SQLiteConnection?
  private var isFailing = false
  /// How many of the next groups have savepoints from the start.
  private var cautiousGroups = 0
  /// How long the log was at the last checkpoint, unless it began anew since.
  private var checkpointedPages = 0
  /// A checkpoint that cuts the log off waits for readers, and so is not tried before this.
  private var nextTruncation = ContinuousClock.now
  /// Whether the lock file tells what the last checkpoint made of the data file.
  private var isCheckpointNoted = true

  init(
    _ shared: Shared, _ file: OwnedFile, _ connection: SQLiteConnection,
    readers: [OwnThread]
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
        if logGrowth >= shared.limits.maxLogPages { checkpoint() }
      case .timedOut:
        if isFailing { write([]) } else { tidyUp() }
      case .ended:
        // The last connection to be closed is this one, which may write.
        for reader in readers { reader.join() }
        if shared.damage == nil { try? connection?.checkpointToClose() }
        connection = nil
        if shared.damage == nil { file.noteCheckpoint() }
        file.close()
        shared.noteEnd()
        return
      }
    }
  }

  /// By how much the log grew since the last checkpoint, in pages.
  private var logGrowth: Int { (connection?.logPages ?? 0) - checkpointedPages }

  /// How long to wait for a job before there is something else to do.
  private var patience: Int? {
    if isFailing { return shared.limits.retryMilliseconds }
    let isUntidy = logGrowth >= shared.limits.maxIdleLogPages || !isCheckpointNoted
    return isUntidy ? shared.limits.idleMilliseconds : nil
  }

  // MARK: Group commit

  /// What the bodies of a group came to, before it is committed.
  private struct Group {
    var outcomes: [WriteJob.Outcome] = []
    let changes: GroupChanges
  }

  /// Runs and commits `jobs`, all or none of those whose bodies do not throw. Without jobs, sees
  /// whether the database can be written.
  private func write(_ jobs: [WriteJob]) {
    let jobs = jobs.filter { job in
      let isCancelled = job.cancellation.isCancelled
      if isCancelled { job.refuse(CancellationError()) }
      return !isCancelled
    }
    let group: Group
    do throws(StorageError) {
      if let damage = shared.damage { throw damage }
      let connection = try open()
      group = try run(jobs, on: connection)
      shared.willCommit(group.changes)
      try connection.run(Query.commit)
      shared.noteCommit()
      // Shorter than it was: the commit began it anew.
      if logGrowth < 0 { checkpointedPages = 0 }
    } catch {
      let refusal = error == .conflict ? giveWay() : error
      if error != .conflict { abandon(error) }
      for job in jobs { job.refuse(refusal) }
      return
    }
    shared.didCommit(group.changes)
    note(isFailing: false)
    for outcome in group.outcomes { outcome.settle(nil) }
  }

  /// Runs the bodies in one transaction, which is left open.
  ///
  /// A savepoint for each body costs as much as half the body, for SQLite copies every page that
  /// is changed within one. So at first there are none; when a body throws after it has changed
  /// something, all is rolled back, and the bodies run again, this time with savepoints.
  private func run(
    _ jobs: [WriteJob], on connection: SQLiteConnection
  ) throws(StorageError) -> Group {
    if cautiousGroups == 0 {
      if let group = try run(jobs, on: connection, inSavepoints: false) { return group }
      try connection.run(Query.rollback)
      cautiousGroups = max(1, shared.limits.cautiousGroups)
    }
    cautiousGroups -= 1
    guard let group = try run(jobs, on: connection, inSavepoints: true) else {
      // Cannot be, for savepoints undo every body; but each job must get an answer.
      throw .unavailable(reason: "savepoints undid nothing")
    }
    return group
  }

  /// - Returns: `nil` when it takes savepoints to undo what one of the bodies did.
  /// - Throws: when the whole transaction is lost.
  private func run(
    _ jobs: [WriteJob], on connection: SQLiteConnection, inSavepoints: Bool
  ) throws(StorageError) -> Group? {
    var group = Group(changes: GroupChanges(shared))
    try connection.run(Query.beginImmediate)
    if isFailing { try connection.run(Query.touch) }
    for job in jobs {
      let changes = connection.totalChanges
      if inSavepoints { try connection.run(Query.savepoint) }
      let transaction = SQLiteWrites(connection, group.changes)
      let outcome = job.run(transaction)
      if let failure = transaction.failure { throw failure }
      group.outcomes.append(outcome)
      if !outcome.threw {
        group.changes.take(transaction)
      } else if inSavepoints {
        try connection.run(Query.rollbackToSavepoint)
      } else if connection.totalChanges != changes {
        return nil
      }
      if inSavepoints { try connection.run(Query.release) }
    }
    return group
  }

  /// When another process holds the database, nothing was written, and the connection and the
  /// cache are as good as before.
  ///
  /// - Returns: what the callers are told.
  private func giveWay() -> StorageError {
    do throws(StorageError) {
      if let connection, connection.isInTransaction { try connection.run(Query.rollback) }
      shared.didNotCommit()
      note(isFailing: true)
    } catch {
      abandon(error)
    }
    return .unavailable(reason: "another process has locked the database")
  }

  /// After a failed commit nobody knows what reached the disk. The connection is dropped, which
  /// ends the transaction, and the next write begins on a new one.
  private func abandon(_ error: StorageError) {
    connection = nil
    checkpointedPages = 0
    shared.didNotCommit()
    shared.emptyCaches()
    if case .damaged = error { shared.stop(error) }
    // Without room, reads go on, and the next write may find some.
    if error.isOutage { note(isFailing: true) }
  }

  private func open() throws(StorageError) -> SQLiteConnection {
    if let connection { return connection }
    let opened = try SQLiteConnection.reopen(shared, role: .writer)
    // Opening may have recovered a commit that was reported as failed.
    shared.emptyCaches()
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
      // Readers that keep the log from starting over are waited for in the end, though not by
      // every write.
      let isOverdue = connection.logPages >= 4 * shared.limits.maxLogPages
      let isTruncation = isOverdue && ContinuousClock.now >= nextTruncation
      let isDone = try connection.checkpoint(isTruncation ? .truncate : .passive)
      if isTruncation, !isDone {
        let pause = shared.limits.checkpointRetryMilliseconds
        nextTruncation = .now.advanced(by: .milliseconds(pause))
      }
      checkpointedPages = connection.logPages
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
