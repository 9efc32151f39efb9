internal import Storage
internal import Synchronization

/// Fails every transaction, and knows nothing.
struct FailingStore: Store {
  let error: any Error & Sendable

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result { throw error }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result { throw error }

  func cachedPlan(_ key: PlanKey) -> PlanSnapshot? { nil }
  func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? { nil }
  func cachedEntitlement(of userID: String) -> EntitlementSnapshot? { nil }
  var isAvailable: Bool { false }
  func close() async {}
}

/// Counts transactions, and never has a plan at hand.
final class CountingStore: Store {
  let base = MemoryStore()
  private let counts = Mutex((reads: 0, writes: 0, refusals: 0))

  var reads: Int { counts.withLock { $0.reads } }
  var writes: Int { counts.withLock { $0.writes } }

  /// Finds itself overloaded for the next so many reads.
  func refuseReads(_ count: Int) { counts.withLock { $0.refusals = count } }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    let isRefused = counts.withLock { counts in
      counts.reads += 1
      counts.refusals -= 1
      return counts.refusals >= 0
    }
    guard !isRefused else { throw StorageError.overloaded }
    return try await base.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    counts.withLock { $0.writes += 1 }
    return try await base.write(body)
  }

  func cachedPlan(_ key: PlanKey) -> PlanSnapshot? { nil }
  func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? { nil }
  func cachedEntitlement(of userID: String) -> EntitlementSnapshot? { nil }
  var isAvailable: Bool { base.isAvailable }
  func close() async { await base.close() }
}
