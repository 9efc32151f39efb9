internal import Storage

/// A thread's reading: takes what is queued and answers it, several calls on one snapshot.
final class Reader {
  private let shared: Shared
  /// Which bit of the store's health is this thread's.
  private let thread: Int
  private var connection: SQLiteConnection?
  private var isFailing = false

  init(_ shared: Shared, thread: Int, _ connection: SQLiteConnection) {
    self.shared = shared
    self.thread = thread
    self.connection = connection
  }

  /// Runs until the queue ends.
  func run() {
    while true {
      let patience = isFailing ? shared.limits.retryMilliseconds : nil
      switch shared.reads.take(upTo: shared.limits.maxGroupedReads, waiting: patience) {
      case .jobs(let jobs):
        answer(jobs[...])
      case .timedOut:
        answer([])
      case .ended:
        connection = nil
        return
      }
    }
  }

  /// Answers all jobs in one transaction, and in a next one those that a failure left.
  private func answer(_ jobs: ArraySlice<Job<any ReadTransaction>>) {
    var jobs = jobs
    repeat {
      let count = jobs.count
      do {
        try answerSome(&jobs)
        note(isFailing: false)
      } catch {
        connection = nil
        if case .damaged = error { shared.stop(error) }
        note(isFailing: error.isOutage)
        if jobs.count == count { jobs.popFirst()?.refuse(error) }
      }
    } while !jobs.isEmpty
  }

  /// - Throws: when the connection is of no use any more. The callers of the jobs that are gone
  ///   from `jobs` have their answer.
  private func answerSome(
    _ jobs: inout ArraySlice<Job<any ReadTransaction>>
  ) throws(StorageError) {
    if let damage = shared.damage { throw damage }
    let connection = try open()
    let caches = ReadCaches(shared)
    try connection.run(Query.begin)
    // Only the first statement takes the snapshot. It must be there before anything is taken from
    // a cache, for a commit in between would show in what is read of the database alone.
    try connection.run(Query.look)
    while let job = jobs.first {
      jobs.removeFirst()
      if job.cancellation.isCancelled {
        job.refuse(CancellationError())
        continue
      }
      let transaction = SQLiteReads(connection, caches)
      let outcome = job.run(transaction)
      outcome.settle(transaction.failure)
      if let failure = transaction.failure { throw failure }
    }
    // There is nothing to commit, and after damage SQLite would refuse to.
    try connection.run(Query.rollback)
  }

  private func open() throws(StorageError) -> SQLiteConnection {
    if let connection { return connection }
    let opened = try SQLiteConnection.reopen(shared, role: .reader)
    connection = opened
    return opened
  }

  private func note(isFailing: Bool) {
    self.isFailing = isFailing
    shared.note(thread: thread, isFailing: isFailing)
  }
}
