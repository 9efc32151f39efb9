internal import Storage

/// What a ``SnapshotCache`` keeps: an immutable object around a state, which may be a record.
protocol CachedSnapshot: AnyObject, Sendable {
  associatedtype ID: Hashable & Sendable
  associatedtype State: Sendable
  /// What a commit may make of it.
  associatedtype Change: Sendable

  var state: State { get }
  var id: ID { get }
  /// A second key, if there is one.
  var code: ExactText? { get }

  init(_ state: State)

  /// What takes its place after a commit, with texts of its own; nil when nothing does, or when
  /// nobody knows what.
  func changed(by change: Change) -> Self?

  /// The state with texts that share no storage, and so no reference count, with this one's.
  static func withOwnTexts(_ state: State) -> State
  /// What the state and all that is kept of it take in memory, roughly.
  static func approximateBytes(_ state: State) -> Int
}

/// A snapshot of one record.
protocol CachedRecord: CachedSnapshot where Change == SnapshotChange<State> {
  /// What is made of the same record after something beside it has changed.
  init(renewing other: Self)
}

extension CachedRecord {
  func changed(by change: SnapshotChange<State>) -> Self? {
    switch change {
    case .written(let record): Self(Self.withOwnTexts(record))
    case .touched: Self(renewing: self)
    case .removed: nil
    }
  }
}

/// What a commit makes of a record that is cached.
enum SnapshotChange<Record: Sendable>: Sendable {
  case written(Record)
  /// The record is as it was; something that belongs to it is not.
  case touched
  case removed

  var isTouched: Bool {
    if case .touched = self { true } else { false }
  }
}

/// Records, and what belongs to them, that were asked for or written lately, as snapshots. Bounded,
/// and coherent with the database:
///
/// - The writer takes what it changes out of the cache before it commits, and puts what became of
///   it in before it acknowledges, where it was before: what nobody asked for is not copied. In
///   between, nobody sees the one state here and the other one there, and nothing of what is
///   changing is filled in.
/// - A reader fills in what it read only if no commit has begun or ended since before it read.
/// - A reader takes what is here for what its own transaction would find only if it has been here
///   since before that transaction began: a commit that changed it would have taken it out.
///
/// The cache is kept in copies, one for each core, with boxes and texts of their own: the hot
/// path shares no lock and no reference count with other cores. A commit goes to all of them.
final class SnapshotCache<Snapshot: CachedSnapshot>: Sendable {
  typealias Changes = [Snapshot.ID: Snapshot.Change]

  private let copies: [SnapshotCacheCopy<Snapshot>]

  /// - Parameter count: How many copies; rounded up to a power of two.
  init(copies count: Int, maxCopies: Int, maxSnapshots: Int, maxBytes: Int) {
    var power = 1
    while power < min(count, maxCopies) { power *= 2 }
    copies = (0..<power).map { _ in
      SnapshotCacheCopy(maxSnapshots: maxSnapshots, maxBytes: maxBytes)
    }
  }

  private var copy: SnapshotCacheCopy<Snapshot> {
    copies[ThreadNumber.current & (copies.count - 1)]
  }

  /// What the last commit left.
  func find(_ id: Snapshot.ID) -> Snapshot? {
    copy.find(id)
  }

  func find(code: String) -> Snapshot? {
    copy.find(code: ExactText(code))
  }

  /// What a transaction finds that began after `generation` was asked for.
  func find(_ id: Snapshot.ID, since generation: UInt64) -> Snapshot? {
    copy.find(id, since: generation)
  }

  /// Names the state before a read, for ``fill(_:since:)`` and ``find(_:since:)``.
  var generation: UInt64 { copies[0].generation }

  /// Adds what was read in a transaction that began after `generation` was asked for.
  func fill(_ state: Snapshot.State, since generation: UInt64) {
    for copy in copies { copy.fill(state, since: generation) }
  }

  /// Takes out what the writer is about to commit. ``didCommit(_:)`` must follow.
  func willCommit(_ changes: Changes) {
    for copy in copies { copy.beginChange(changes) }
  }

  /// Puts what the commit made of it where it was; nothing if it failed.
  func didCommit(_ isCommitted: Bool) {
    for copy in copies { copy.endChange(isCommitted) }
  }

  func removeAll() {
    for copy in copies { copy.removeAll() }
  }

  /// Empties the cache for good.
  func close() {
    for copy in copies { copy.close() }
  }
}

extension SnapshotCache where Snapshot == PlanSnapshot {
  func plan(_ key: PlanKey) -> PlanSnapshot? {
    switch key {
    case .id(let id): find(id)
    case .code(let code): find(code: code)
    }
  }
}
