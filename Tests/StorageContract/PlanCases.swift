internal import Storage
internal import Testing

extension ContractCase {
  static let plans = [
    ContractCase("a plan comes back as it was written", aPlanComesBack),
    ContractCase("every text and every number is kept exactly", extremesAreKept),
    ContractCase("codes that look alike but differ in bytes are two", codesDifferByBytes),
    ContractCase("ids and codes are unique", idsAndCodesAreUnique),
    ContractCase("a code is free again once given up", codesAreFreed),
    ContractCase("of racing inserts of one code one wins", racingInserts),
    ContractCase("every version is kept", everyVersionIsKept),
    ContractCase("a version is written once", aVersionIsWrittenOnce),
    ContractCase("a deleted plan is gone with its versions", aDeletedPlanIsGone),
    ContractCase("a plan that is not there can be neither updated nor deleted", missingPlans),
    ContractCase("plan ids count up and never come back", planIDsCountUp),
    ContractCase("plan ids end with an error", planIDsEnd),
  ]

  private static func aPlanComesBack(_ store: any Store) async throws {
    var plan = Sample.plan(1)
    plan.setupFee = MoneyRecord(currencyCode: "EUR", units: 5, nanos: 1)
    plan.isActive = false
    let written = plan
    try await store.write { try $0.insert(written) }
    try await store.read { transaction throws in
      #expect(try transaction.plan(.id(1)) == written)
      #expect(try transaction.plan(.code("plan-1")) == written)
      #expect(try transaction.plan(id: 1, version: 1) == written)
      #expect(try transaction.plan(.id(2)) == nil)
      #expect(try transaction.plan(.code("plan-2")) == nil)
      #expect(try transaction.plan(id: 1, version: 2) == nil)
    }
  }

  private static func extremesAreKept(_ store: any Store) async throws {
    let texts = [
      "", "\0", "a\0b", "\0\0", "é", "e\u{301}", "日本語", "👩‍👩‍👧‍👦", "\u{FFFF}\u{10FFFF}", "'\"",
      "12:ab,", ",", ":", "\n\r\t", String(repeating: "ü", count: 2000),
    ]
    let numbers: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    var plans: [PlanRecord] = []
    for (position, text) in texts.enumerated() {
      let number = numbers[position % numbers.count]
      let small: Int32 = position % 2 == 0 ? .min : .max
      var plan = Sample.plan(Int64(position) &- 5, code: text, name: text, version: small)
      plan.description = text
      plan.kind = PlanRecord.Kind.allCases[position % 4]
      plan.diskSpaceMB = .limit(number)
      plan.price = MoneyRecord(currencyCode: text, units: number, nanos: small)
      plan.setupFee = MoneyRecord(currencyCode: text, units: number, nanos: small)
      plan.features = position % 3 == 0 ? [] : [text, "", text]
      plan.createTime = Sample.at(number)
      plan.updateTime = Sample.at(-1 ^ number)
      plans.append(plan)
    }
    let written = plans
    try await store.write { transaction throws in
      for plan in written { try transaction.insert(plan) }
    }
    try await store.read { transaction throws in
      for plan in written {
        let found = try transaction.plan(.code(plan.code))
        #expect(found == plan)
        #expect(found.map { Array($0.code.utf8) } == Array(plan.code.utf8))
        #expect(found?.features.map { Array($0.utf8) } == plan.features.map { Array($0.utf8) })
        #expect(try transaction.plan(id: plan.id, version: plan.version) == plan)
      }
    }
  }

  private static func codesDifferByBytes(_ store: any Store) async throws {
    // One scalar, and "e" with a combining accent: equal for String, not for a database.
    let one = "caf\u{E9}"
    let two = "cafe\u{301}"
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1, code: one))
      #expect(try transaction.plan(.code(two)) == nil)
      try transaction.insert(Sample.plan(2, code: two))
      try transaction.insert(Sample.replay(one))
      try transaction.insert(Sample.replay(two))
      try transaction.setSetting(one, to: "1")
    }
    try await store.read { transaction throws in
      #expect(try transaction.plan(.code(one))?.id == 1)
      #expect(try transaction.plan(.code(two))?.id == 2)
      #expect(try transaction.setting(two) == nil)
    }
    #expect((store.cachedPlan(.code(one))?.record.id ?? 1) == 1)
    #expect((store.cachedPlan(.code(two))?.record.id ?? 2) == 2)
  }

  private static func idsAndCodesAreUnique(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1))
      try transaction.insert(Sample.plan(2))
    }
    await expect(.planIDTaken, store) { try $0.insert(Sample.plan(1, code: "other")) }
    await expect(.planIDTaken, store) { try $0.insert(Sample.plan(1)) }
    await expect(.planIDTaken, store) { try $0.insert(Sample.plan(1, code: "plan-2")) }
    await expect(.planCodeTaken, store) { try $0.insert(Sample.plan(3, code: "plan-1")) }
    await expect(.planCodeTaken, store) {
      try $0.update(Sample.plan(2, code: "plan-1", version: 2))
    }
    let left = try await store.read { try $0.plans(PlanQuery(limit: 9)) }
    #expect(left == [Sample.plan(1), Sample.plan(2)])
  }

  private static func codesAreFreed(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1, code: "a"))
      try transaction.insert(Sample.plan(2, code: "b"))
    }
    try await store.write { transaction throws in
      try transaction.update(Sample.plan(1, code: "c", version: 2))
      try transaction.update(Sample.plan(2, code: "a", version: 2))
      try transaction.update(Sample.plan(1, code: "b", version: 3))
    }
    let found = try await store.read { transaction throws in
      try ["a", "b", "c"].map { try transaction.plan(.code($0))?.id }
    }
    #expect(found == [2, 1, nil])
    #expect((store.cachedPlan(.code("a"))?.record.id ?? 2) == 2)
    #expect((store.cachedPlan(.code("b"))?.record.id ?? 1) == 1)
    #expect(store.cachedPlan(.code("c")) == nil)
    try await store.write { transaction throws in
      try transaction.deletePlan(id: 2)
      try transaction.insert(Sample.plan(3, code: "a"))
    }
    #expect(try await store.read { try $0.plan(.code("a"))?.id } == 3)
  }

  private static func racingInserts(_ store: any Store) async throws {
    let outcomes = await concurrently(64) { number in
      try await store.write { try $0.insert(Sample.plan(Int64(number) + 1, code: "wanted")) }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 as? StorageError == .planCodeTaken } == 63)
    let winner = outcomes.firstIndex { $0 == nil }
    let holder = try await store.read { try $0.plan(.code("wanted"))?.id }
    #expect(holder == winner.map { Int64($0) + 1 })
  }

  private static func everyVersionIsKept(_ store: any Store) async throws {
    try await store.write { try $0.insert(Sample.plan(1)) }
    for version in 2...40 as ClosedRange<Int32> {
      try await store.write {
        try $0.update(Sample.plan(1, name: "Version \(version)", version: version))
      }
    }
    try await store.read { transaction throws in
      #expect(try transaction.plan(.id(1))?.version == 40)
      #expect(try transaction.plan(id: 1, version: 1) == Sample.plan(1))
      #expect(try transaction.plan(id: 1, version: 17)?.name == "Version 17")
      #expect(try transaction.plan(id: 1, version: 40)?.name == "Version 40")
      #expect(try transaction.plan(id: 1, version: 41) == nil)
      var seen: [Int32] = []
      while true {
        let page = try transaction.planVersions(id: 1, below: seen.last, limit: 7)
        if page.isEmpty { break }
        #expect(page.count <= 7)
        seen += page.map(\.version)
      }
      #expect(seen == (1...40).reversed())
      #expect(try transaction.planVersions(id: 1, below: 1, limit: 7) == [])
      #expect(try transaction.planVersions(id: 1, below: nil, limit: 0) == [])
      #expect(try transaction.planVersions(id: 1, below: nil, limit: -1) == [])
      #expect(try transaction.planVersions(id: 2, below: nil, limit: 7) == [])
    }
  }

  private static func aVersionIsWrittenOnce(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1))
      try transaction.update(Sample.plan(1, version: 2))
      try transaction.insert(Sample.plan(2))
    }
    for version in [1, 2] as [Int32] {
      await expect(.planVersionTaken, store) {
        try $0.update(Sample.plan(1, name: "again", version: version))
      }
      await expect(.planVersionTaken, store) {
        try $0.update(Sample.plan(1, code: "plan-2", version: version))
      }
    }
    let versions = try await store.read { try $0.planVersions(id: 1, below: nil, limit: 9) }
    #expect(versions == [Sample.plan(1, version: 2), Sample.plan(1)])
  }

  private static func aDeletedPlanIsGone(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1))
      try transaction.update(Sample.plan(1, version: 2))
      try transaction.insert(Sample.plan(2))
    }
    try await store.write { try $0.deletePlan(id: 1) }
    #expect(store.cachedPlan(.id(1)) == nil)
    #expect(store.cachedPlan(.code("plan-1")) == nil)
    try await store.read { transaction throws in
      #expect(try transaction.plan(.id(1)) == nil)
      #expect(try transaction.plan(.code("plan-1")) == nil)
      #expect(try transaction.plan(id: 1, version: 1) == nil)
      #expect(try transaction.plan(id: 1, version: 2) == nil)
      #expect(try transaction.planVersions(id: 1, below: nil, limit: 9) == [])
      #expect(try transaction.plans(PlanQuery(limit: 9)) == [Sample.plan(2)])
    }
  }

  private static func missingPlans(_ store: any Store) async throws {
    await expect(.planMissing, store) { try $0.update(Sample.plan(1)) }
    await expect(.planMissing, store) { try $0.deletePlan(id: 1) }
    try await store.write { try $0.insert(Sample.plan(2)) }
    await expect(.planMissing, store) { try $0.update(Sample.plan(1, code: "plan-2")) }
  }

  private static func planIDsCountUp(_ store: any Store) async throws {
    let taken = try await store.write { transaction throws in
      [try transaction.nextPlanID(), try transaction.nextPlanID()]
    }
    #expect(taken == [1, 2])
    try await store.write { try $0.insert(Sample.plan(40)) }
    try await store.write { try $0.deletePlan(id: 40) }
    #expect(try await store.write { try $0.nextPlanID() } == 41)
    try await store.write { try $0.insert(Sample.plan(7)) }
    #expect(try await store.write { try $0.nextPlanID() } == 42)
    let outcomes = await concurrently(50) { _ in
      try await store.write { transaction throws in
        try transaction.insert(Sample.plan(try transaction.nextPlanID()))
      }
    }
    #expect(failures(outcomes) == [])
    let ids = try await store.read { try $0.plans(PlanQuery(limit: 100)).map(\.id) }
    #expect(ids == [7] + Array(43...92))
  }

  private static func planIDsEnd(_ store: any Store) async throws {
    try await store.write { try $0.insert(Sample.plan(.max - 1)) }
    #expect(try await store.write { try $0.nextPlanID() } == .max)
    await expect(.full, store) { _ = try $0.nextPlanID() }
    try await store.write { try $0.insert(Sample.plan(.min)) }
    #expect(try await store.read { try $0.plans(PlanQuery(limit: 9)).first?.id } == .min)
  }

  /// Expects that a write with this body fails so.
  private static func expect(
    _ error: StorageError, _ store: any Store,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Void
  ) async {
    await #expect(throws: error, sourceLocation: sourceLocation) { try await store.write(body) }
  }
}
