internal import Storage
internal import Testing

extension ContractCase {
  static let closing = [
    ContractCase("a closed store refuses every call", closedStoreRefuses),
    ContractCase("closing twice, and at once, is closing", closingTwice),
    ContractCase("calls that race with closing finish or are refused", callsRacingWithClosing),
  ]

  private static func closedStoreRefuses(_ store: any Store) async throws {
    try await store.write { try $0.insert(Sample.plan(1)) }
    _ = try await store.read { try $0.plan(.id(1)) }
    #expect(store.isAvailable)
    await store.close()
    #expect(!store.isAvailable)
    #expect(store.cachedPlan(.id(1)) == nil)
    await #expect(throws: StorageError.closed) { try await store.read { try $0.plan(.id(1)) } }
    await #expect(throws: StorageError.closed) { try await store.write { try $0.nextPlanID() } }
  }

  private static func closingTwice(_ store: any Store) async throws {
    let outcomes = await concurrently(4) { _ in await store.close() }
    #expect(failures(outcomes) == [])
    await store.close()
    #expect(!store.isAvailable)
  }

  private static func callsRacingWithClosing(_ store: any Store) async throws {
    let outcomes = await concurrently(60) { number in
      if number == 30 {
        await store.close()
      } else if number % 2 == 0 {
        try await store.write { try $0.insert(Sample.plan(Int64(number) + 1)) }
      } else {
        _ = try await store.read { try $0.plan(.id(Int64(number))) }
      }
    }
    #expect(outcomes.allSatisfy { $0 == nil || $0 as? StorageError == .closed })
  }
}
