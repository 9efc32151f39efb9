internal import Storage

/// The plans that were asked for or written lately. Bounded, and coherent with the database:
///
/// - The writer takes the plans that it changes out of the cache before it commits, and puts
///   what they became in before it acknowledges, where they were before: a plan that nobody
///   asked for is not copied. In between, nobody sees the one state here and
///   the other one there, and nothing is filled in.
/// - A reader fills in what it read only if no commit has begun or ended since before it read.
///
/// The cache is kept in copies, one for each core, with boxes and texts of their own: the hot
/// path shares no lock and no reference count with other cores. A commit goes to all of them.
final class PlanCache: Sendable {
  private let copies: [PlanCacheCopy]

  /// - Parameter count: How many copies; rounded up to a power of two.
  init(copies count: Int, limits: SQLiteStore.Limits) {
    var power = 1
    while power < min(count, limits.maxCacheCopies) { power *= 2 }
    copies = (0..<power).map { _ in PlanCacheCopy(limits) }
  }

  func plan(_ key: PlanKey) -> PlanSnapshot? {
    copies[ThreadNumber.current & (copies.count - 1)].find(key)
  }

  /// Names the state before a read, for ``fill(_:since:)``.
  var generation: UInt64 { copies[0].generation }

  /// Adds a plan that was read in a transaction that began after `generation` was asked for.
  func fill(_ plan: PlanRecord, since generation: UInt64) {
    for copy in copies { copy.fill(plan, since: generation) }
  }

  /// Takes plans out that the writer is about to commit. ``didCommit(_:)`` must follow.
  func willCommit(_ ids: some Collection<Int64>) {
    for copy in copies { copy.beginChange(removing: ids) }
  }

  /// Puts what the commit made of the plans where they were; nothing if it failed.
  func didCommit(_ plans: some Collection<PlanRecord>) {
    for copy in copies { copy.endChange(adding: plans) }
  }

  func removeAll() {
    for copy in copies { copy.removeAll() }
  }

  /// Empties the cache for good.
  func close() {
    for copy in copies { copy.close() }
  }
}
