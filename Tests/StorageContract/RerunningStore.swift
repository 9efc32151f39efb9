package import Storage

/// A store that runs every write body twice, the first time for nothing, as an adapter does
/// that lost a race. A body that does more than change its transaction shows here.
package final class RerunningStore: Store {
  private struct LostRace: Error {}

  private let store: any Store

  package init(_ store: any Store) {
    self.store = store
  }

  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    try await store.read(body)
  }

  package func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    do {
      try await store.write { transaction throws in
        _ = try? body(transaction)
        throw LostRace()
      }
    } catch is LostRace {}
    return try await store.write(body)
  }

  package func cachedPlan(_ key: PlanKey) -> PlanSnapshot? {
    store.cachedPlan(key)
  }

  package func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? {
    store.cachedHostingPackage(id)
  }

  package func cachedEntitlement(of userID: String) -> EntitlementSnapshot? {
    store.cachedEntitlement(of: userID)
  }

  package var isAvailable: Bool { store.isAvailable }

  package func close() async {
    await store.close()
  }
}
