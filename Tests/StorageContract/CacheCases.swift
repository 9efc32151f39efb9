internal import Storage
internal import Testing

extension ContractCase {
  static let cache = [
    ContractCase("an acknowledged write is what the cache answers, if it answers", cacheFollows),
    ContractCase("a rolled back write never shows in the cache", cacheIgnoresRollback),
    ContractCase("no reader sees a plan older than one already seen", cacheIsNeverStale),
    ContractCase("a code that wanders is never answered with its old plan", wanderingCodes),
  ]

  private static func cacheFollows(_ store: any Store) async throws {
    try await store.write { try $0.insert(Sample.plan(1)) }
    for version in 2...30 as ClosedRange<Int32> {
      // A read may fill the cache, so that there is something to go stale.
      _ = try await store.read { try $0.plan(.id(1)) }
      let code = "code-\(version)"
      try await store.write { try $0.update(Sample.plan(1, code: code, version: version)) }
      #expect((store.cachedPlan(.id(1))?.record.version ?? version) == version)
      #expect((store.cachedPlan(.code(code))?.record.version ?? version) == version)
      #expect(store.cachedPlan(.code("code-\(version - 1)")) == nil)
    }
    _ = try await store.read { try $0.plan(.id(1)) }
    try await store.write { try $0.deletePlan(id: 1) }
    #expect(store.cachedPlan(.id(1)) == nil)
    #expect(store.cachedPlan(.code("code-30")) == nil)
  }

  private static func cacheIgnoresRollback(_ store: any Store) async throws {
    try await store.write { try $0.insert(Sample.plan(1)) }
    _ = try await store.read { try $0.plan(.id(1)) }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.update(Sample.plan(1, code: "never", version: 2))
        try transaction.insert(Sample.plan(2))
        #expect(store.cachedPlan(.code("never")) == nil)
        throw BodyFailure()
      }
    }
    #expect((store.cachedPlan(.id(1))?.record ?? Sample.plan(1)) == Sample.plan(1))
    #expect(store.cachedPlan(.code("never")) == nil)
    #expect(store.cachedPlan(.id(2)) == nil)
  }

  private static func cacheIsNeverStale(_ store: any Store) async throws {
    let planCount = 3
    try await store.write { transaction throws in
      for id in 1...Int64(planCount) { try transaction.insert(Sample.plan(id)) }
    }
    let seen = (0..<planCount).map { _ in Watermark() }
    let writersLeft = Watermark()
    let outcomes = await concurrently(planCount + 5) { number in
      if number < planCount {
        defer { writersLeft.raise(to: 1) }
        for version in 2...120 as ClosedRange<Int32> {
          let plan = Sample.plan(Int64(number) + 1, version: version)
          try await store.write { try $0.update(plan) }
          seen[number].raise(to: Int64(version))
        }
        return
      }
      var round = number
      while writersLeft.value == 0 {
        round += 1
        let index = round % planCount
        let key: PlanKey =
          round % 2 == 0 ? .id(Int64(index) + 1) : .code("plan-\(index + 1)")
        let floor = seen[index].value
        var found = store.cachedPlan(key)?.record
        if found == nil { found = try await store.read { try $0.plan(key) } }
        let version = Int64(found?.version ?? 0)
        if version < floor { throw BodyFailure() }
        seen[index].raise(to: version)
        if round % 64 == 0 { await Task.yield() }
      }
    }
    #expect(failures(outcomes) == [])
  }

  private static func wanderingCodes(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1, code: "here"))
      try transaction.insert(Sample.plan(2, code: "there"))
    }
    let moves = Watermark()
    let outcomes = await concurrently(4) { number in
      if number == 0 {
        defer { moves.raise(to: .max) }
        for move in 1...100 as ClosedRange<Int64> {
          let (holder, other) = move % 2 == 0 ? (1, 2) as (Int64, Int64) : (2, 1)
          let version = Int32(move) * 2
          try await store.write { transaction throws in
            try transaction.update(Sample.plan(other, code: "between", version: version))
            try transaction.update(Sample.plan(holder, code: "here", version: version))
            try transaction.update(Sample.plan(other, code: "there", version: version + 1))
          }
          moves.raise(to: move)
        }
        return
      }
      while true {
        let before = moves.value
        if before == .max { return }
        let cached = store.cachedPlan(.code("here"))
        let after = moves.value
        // Nobody else moves it, so a move that began shows as one or two counts.
        let holder: Int64 = before % 2 == 0 ? 1 : 2
        if let cached, before == after, cached.record.id != holder,
          Int64(cached.record.version / 2) <= before, before > 0
        {
          throw BodyFailure()
        }
        if cached == nil { _ = try await store.read { try $0.plan(.code("here")) } }
        await Task.yield()
      }
    }
    #expect(failures(outcomes) == [])
  }
}
