internal import Storage
internal import Synchronization

/// Runs the body of every transaction twice, as an adapter may after a serialization failure:
/// the first run is rolled back.
struct RerunStore: Store {
  let base = MemoryStore()

  private struct Again: Error {}

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    _ = try? await base.read { try body($0) }
    return try await base.read { try body($0) }
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    do {
      try await base.write { transaction in
        _ = try body(transaction)
        throw Again()
      }
    } catch {
      // Whatever the first run came to, the second one counts.
    }
    return try await base.write { try body($0) }
  }

  func cachedPlan(_ key: PlanKey) -> PlanSnapshot? { base.cachedPlan(key) }
  var isAvailable: Bool { base.isAvailable }
  func close() async { await base.close() }
}

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
  var isAvailable: Bool { base.isAvailable }
  func close() async { await base.close() }
}
