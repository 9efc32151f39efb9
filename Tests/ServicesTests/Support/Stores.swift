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
  var isAvailable: Bool { false }
  func close() async {}
}

/// Counts transactions, and never has a plan at hand.
final class CountingStore: Store {
  let base = MemoryStore()
  private let counts = Mutex((reads: 0, writes: 0))

  var reads: Int { counts.withLock { $0.reads } }
  var writes: Int { counts.withLock { $0.writes } }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    counts.withLock { $0.reads += 1 }
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
  var isAvailable: Bool { base.isAvailable }
  func close() async { await base.close() }
}
