internal import Storage
internal import Testing

extension ContractCase {
  static let transactions = [
    ContractCase("a write is seen by the next read", aWriteIsSeen),
    ContractCase("a write sees its own changes", aWriteSeesItself),
    ContractCase("a throwing body leaves nothing in any table", aThrowLeavesNothing),
    ContractCase("a throwing body brings back what it changed and deleted", aThrowRestores),
    ContractCase("a refused statement leaves the rest of its body", aRefusalIsLocal),
    ContractCase("neighbours of throwing bodies are kept", neighboursAreKept),
    ContractCase("a read sees one moment", aReadSeesOneMoment),
    ContractCase("concurrent increments all count", incrementsAllCount),
    ContractCase("of two writers that each rely on the other's row one yields", noWriteSkew),
    ContractCase("a body's error and result reach the caller", outcomesReachTheCaller),
    ContractCase("a cancelled call writes all or nothing", cancellationIsAllOrNothing),
  ]

  private static func aWriteIsSeen(_ store: any Store) async throws {
    for number in 1...20 {
      try await store.write { try $0.setSetting("last", to: "\(number)") }
      #expect(try await store.read { try $0.setting("last") } == "\(number)")
    }
  }

  private static func aWriteSeesItself(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1))
      #expect(try transaction.plan(.code("plan-1")) == Sample.plan(1))
      #expect(try transaction.plans(PlanQuery(order: .price, limit: 5)).map(\.id) == [1])
      try transaction.deletePlan(id: 1)
      #expect(try transaction.plan(.id(1)) == nil)
      #expect(try transaction.plans(PlanQuery(order: .name, limit: 5)) == [])
    }
  }

  private static func aThrowLeavesNothing(_ store: any Store) async throws {
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        let id = try transaction.nextPlanID()
        try transaction.insert(Sample.plan(id))
        try transaction.insert(
          Sample.hostingPackage(1, planID: id), passwordHash: Sample.passwordHash)
        try transaction.insert(Sample.replay("r"))
        try transaction.append(Sample.audit(1))
        try transaction.setSetting("seeded", to: "yes")
        throw BodyFailure()
      }
    }
    try await store.read { transaction throws in
      #expect(try transaction.plan(.id(1)) == nil)
      #expect(try transaction.plan(.code("plan-1")) == nil)
      #expect(try transaction.plan(id: 1, version: 1) == nil)
      for order in PlanQuery.Order.allCases {
        #expect(try transaction.plans(PlanQuery(order: order, limit: 5)) == [])
      }
      #expect(try transaction.hostingPackageCount(onPlan: 1) == 0)
      #expect(try transaction.replay(Sample.replay("r").key) == nil)
      #expect(try transaction.auditHead(partition: "catalogue") == nil)
      #expect(try transaction.setting("seeded") == nil)
    }
    #expect(store.cachedPlan(.id(1)) == nil)
    #expect(try await store.write { try $0.nextPlanID() } == 1)
  }

  private static func aThrowRestores(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(1))
      try transaction.update(Sample.plan(1, name: "Second", version: 2))
      try transaction.insert(Sample.plan(2))
      try transaction.insert(Sample.replay("r", expires: 5))
      try transaction.setSetting("seeded", to: "yes")
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.update(Sample.plan(1, code: "moved", name: "Third", version: 3))
        try transaction.deletePlan(id: 1)
        try transaction.update(Sample.plan(2, code: "plan-1", version: 2))
        _ = try transaction.deleteReplays(expiredBefore: Sample.at(9), limit: 9)
        try transaction.setSetting("seeded", to: "no")
        throw BodyFailure()
      }
    }
    try await store.read { transaction throws in
      let second = Sample.plan(1, name: "Second", version: 2)
      #expect(try transaction.plan(.code("plan-1")) == second)
      #expect(try transaction.planVersions(id: 1, below: nil, limit: 9).map(\.version) == [2, 1])
      #expect(try transaction.plans(PlanQuery(order: .name, limit: 9)).map(\.id) == [2, 1])
      #expect(try transaction.replay(Sample.replay("r").key) == Sample.replay("r", expires: 5))
      #expect(try transaction.setting("seeded") == "yes")
    }
    let expired = try await store.write {
      try $0.deleteReplays(expiredBefore: Sample.at(9), limit: 9)
    }
    #expect(expired == 1)
  }

  private static func aRefusalIsLocal(_ store: any Store) async throws {
    try await store.write { try $0.insert(Sample.plan(1)) }
    try await store.write { transaction throws in
      try transaction.insert(Sample.plan(2))
      #expect(throws: StorageError.planCodeTaken) {
        try transaction.update(Sample.plan(2, code: "plan-1", version: 2))
      }
      #expect(throws: StorageError.planIDTaken) { try transaction.insert(Sample.plan(1)) }
      try transaction.update(Sample.plan(2, name: "After", version: 2))
    }
    let versions = try await store.read { try $0.planVersions(id: 2, below: nil, limit: 9) }
    #expect(versions == [Sample.plan(2, name: "After", version: 2), Sample.plan(2)])
  }

  private static func neighboursAreKept(_ store: any Store) async throws {
    let outcomes = await concurrently(200) { number in
      try await store.write { transaction throws in
        try transaction.insert(Sample.plan(Int64(number) + 1))
        if number % 3 == 0 { throw BodyFailure() }
      }
    }
    for (number, outcome) in outcomes.enumerated() {
      #expect((outcome == nil) == (number % 3 != 0))
    }
    let kept = try await store.read { try $0.plans(PlanQuery(limit: 1000)).map(\.id) }
    let expected = (1...200 as ClosedRange<Int64>).filter { ($0 - 1) % 3 != 0 }
    #expect(kept == expected)
  }

  private static func aReadSeesOneMoment(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.setSetting("a", to: "0")
      try transaction.setSetting("b", to: "0")
    }
    let outcomes = await concurrently(8) { number in
      for step in 1...100 {
        if number < 4 {
          try await store.write { transaction throws in
            try transaction.setSetting("a", to: "\(number) \(step)")
            try transaction.setSetting("b", to: "\(number) \(step)")
          }
        } else {
          try await store.read { transaction throws in
            let first = try transaction.setting("a")
            #expect(try transaction.setting("b") == first)
            #expect(try transaction.setting("a") == first)
          }
        }
      }
    }
    #expect(failures(outcomes) == [])
  }

  private static func incrementsAllCount(_ store: any Store) async throws {
    let outcomes = await concurrently(16) { _ in
      for _ in 1...25 {
        try await store.write { transaction throws in
          let count = Int(try transaction.setting("count") ?? "0") ?? 0
          try transaction.setSetting("count", to: "\(count + 1)")
        }
      }
    }
    #expect(failures(outcomes) == [])
    #expect(try await store.read { try $0.setting("count") } == "400")
  }

  private static func noWriteSkew(_ store: any Store) async throws {
    for round in 1...30 {
      let names = ["left \(round)", "right \(round)"]
      let outcomes = await concurrently(2) { number in
        try await store.write { transaction throws in
          if try transaction.setting(names[1 - number]) != nil { throw BodyFailure() }
          try transaction.setSetting(names[number], to: "on call")
        }
      }
      #expect(outcomes.count { $0 == nil } == 1)
    }
  }

  private static func outcomesReachTheCaller(_ store: any Store) async throws {
    #expect(try await store.write { _ in 42 } == 42)
    #expect(try await store.read { _ in "read" } == "read")
    await #expect(throws: BodyFailure()) { try await store.read { _ in throw BodyFailure() } }
    await #expect(throws: StorageError.planMissing) {
      try await store.write { try $0.deletePlan(id: 9) }
    }
    #expect(store.isAvailable)
  }

  private static func cancellationIsAllOrNothing(_ store: any Store) async throws {
    for number in 1...50 as ClosedRange<Int64> {
      let call = Task {
        try await store.write { transaction throws in
          try transaction.insert(Sample.plan(number))
          try transaction.insert(
            Sample.hostingPackage(UInt128(number), planID: number),
            passwordHash: Sample.passwordHash)
        }
      }
      if number % 2 == 0 { await Task.yield() }
      call.cancel()
      let outcome = await call.result
      let (plan, packages) = try await store.read { transaction throws in
        (
          try transaction.plan(.id(number)),
          try transaction.hostingPackageCount(onPlan: number)
        )
      }
      switch outcome {
      case .success:
        #expect(plan != nil && packages == 1)
      case .failure(let error):
        #expect(error is CancellationError)
        #expect(plan == nil && packages == 0)
      }
    }
  }
}

/// Runs `body` `count` times at once; what each one threw, by its number.
func concurrently(
  _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
) async -> [(any Error)?] {
  await withTaskGroup(of: (Int, (any Error)?).self) { group in
    for number in 0..<count {
      group.addTask {
        do {
          try await body(number)
          return (number, nil)
        } catch {
          return (number, error)
        }
      }
    }
    var errors = [(any Error)?](repeating: nil, count: count)
    for await (number, error) in group { errors[number] = error }
    return errors
  }
}

/// What went wrong, for an expectation to show.
func failures(_ outcomes: [(any Error)?]) -> [String] {
  outcomes.compactMap { error in error.map { "\($0)" } }
}
