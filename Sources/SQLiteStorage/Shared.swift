internal import Storage
internal import Synchronization

/// What callers, the writer and the readers of one store share.
final class Shared: Sendable {
  let path: String
  let limits: SQLiteStore.Limits
  let plans: SnapshotCache<PlanSnapshot>
  let packages: SnapshotCache<PackageSnapshot>
  /// By user.
  let entitlements: SnapshotCache<EntitlementSnapshot>
  let writes: WorkQueue<Job<any WriteTransaction>>
  let reads: WorkQueue<Job<any ReadTransaction>>
  private let commits = Atomic(0)
  /// One bit for each thread whose database failed and has not worked since.
  private let failing = Atomic<UInt64>(0)
  private let isStopped = Atomic(false)
  private let ending = Mutex(Ending())

  private struct Ending {
    var damage: StorageError?
    var hasEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  init(path: String, limits: SQLiteStore.Limits, cacheCopies: Int) {
    self.path = path
    self.limits = limits
    plans = SnapshotCache(
      copies: cacheCopies, maxCopies: limits.maxCacheCopies, maxSnapshots: limits.maxCachedPlans,
      maxBytes: limits.maxCachedPlanBytes)
    packages = SnapshotCache(
      copies: cacheCopies, maxCopies: limits.maxCacheCopies,
      maxSnapshots: limits.maxCachedPackages, maxBytes: limits.maxCachedPackageBytes)
    entitlements = SnapshotCache(
      copies: cacheCopies, maxCopies: limits.maxCacheCopies,
      maxSnapshots: limits.maxCachedEntitlements, maxBytes: limits.maxCachedEntitlementBytes)
    writes = WorkQueue(maxJobs: limits.maxQueuedWrites)
    reads = WorkQueue(maxJobs: limits.maxQueuedReads)
  }

  var isAvailable: Bool {
    !isStopped.load(ordering: .acquiring) && failing.load(ordering: .acquiring) == 0
  }

  /// Notes whether the database of the thread with this number works.
  func note(thread: Int, isFailing: Bool) {
    let bit = UInt64(1) << UInt64(thread)
    if isFailing {
      failing.bitwiseOr(bit, ordering: .acquiringAndReleasing)
    } else if failing.load(ordering: .relaxed) & bit != 0 {
      failing.bitwiseAnd(~bit, ordering: .acquiringAndReleasing)
    }
  }

  /// Commits that reached the disk.
  var commitCount: Int { commits.load(ordering: .relaxed) }

  func noteCommit() {
    commits.add(1, ordering: .relaxed)
  }

  /// Why nothing may be done any more, not even what is queued.
  var damage: StorageError? {
    isStopped.load(ordering: .acquiring) ? ending.withLock { $0.damage } : nil
  }

  /// Takes no more calls; they get `error`. What is queued is still done, unless the data is
  /// damaged.
  func stop(_ error: StorageError) {
    if case .damaged = error { ending.withLock { $0.damage = error } }
    isStopped.store(true, ordering: .releasing)
    plans.close()
    packages.close()
    entitlements.close()
    writes.refuse(with: error)
    reads.refuse(with: error)
  }

  /// Returns once all is released.
  func waitForEnd() async {
    await withCheckedContinuation { continuation in
      let hasEnded = ending.withLock { ending in
        if !ending.hasEnded { ending.waiting.append(continuation) }
        return ending.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  func noteEnd() {
    let waiting = ending.withLock { ending in
      ending.hasEnded = true
      let waiting = ending.waiting
      ending.waiting = []
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// The caches as one.
extension Shared {
  /// Takes out what the writer is about to commit. ``didCommit(_:)`` must follow, or
  /// ``didNotCommit()``.
  func willCommit(_ changes: GroupChanges) {
    if !changes.plans.isEmpty { plans.willCommit(changes.plans) }
    if !changes.packages.isEmpty { packages.willCommit(changes.packages) }
    if !changes.entitlements.isEmpty { entitlements.willCommit(changes.entitlements) }
  }

  func didCommit(_ changes: GroupChanges) {
    if !changes.plans.isEmpty { plans.didCommit(true) }
    if !changes.packages.isEmpty { packages.didCommit(true) }
    if !changes.entitlements.isEmpty { entitlements.didCommit(true) }
  }

  func didNotCommit() {
    plans.didCommit(false)
    packages.didCommit(false)
    entitlements.didCommit(false)
  }

  func emptyCaches() {
    plans.removeAll()
    packages.removeAll()
    entitlements.removeAll()
  }
}

extension StorageError {
  /// Whether the database does not work at all, rather than having no room or no turn.
  var isOutage: Bool {
    switch self {
    case .unavailable, .damaged, .cannotOpen: true
    default: false
    }
  }
}
