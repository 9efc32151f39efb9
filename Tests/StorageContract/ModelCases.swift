internal import Storage
internal import Testing

extension ContractCase {
  static let model = [
    ContractCase("random transactions have the outcomes of the store in memory", likeMemory)
  ]

  private static func likeMemory(_ store: any Store) async throws {
    let reference = MemoryStore()
    var random = SeededNumbers(seed: 2024)
    for _ in 0..<600 {
      let steps = (0..<Int.random(in: 1...6, using: &random)).map { _ in Step(using: &random) }
      let isThrown = Int.random(in: 0..<5, using: &random) == 0
      let expected = await outcome(of: steps, isThrown: isThrown, on: reference)
      #expect(await outcome(of: steps, isThrown: isThrown, on: store) == expected)
    }
    for query in queries {
      #expect(
        try await allPages(query, of: store) == (try await allPages(query, of: reference)))
    }
    for id in 1...12 as ClosedRange<Int64> {
      #expect(
        try await store.read { try $0.planVersions(id: id, below: nil, limit: 1000) }
          == (try await reference.read { try $0.planVersions(id: id, below: nil, limit: 1000) }))
      let cached = store.cachedPlan(.id(id))?.record
      if let cached { #expect(cached == reference.cachedPlan(.id(id))?.record) }
    }
    let (packages, expected) = (
      try await PackageStep.everything(store), try await PackageStep.everything(reference)
    )
    for (found, expected) in zip(packages, expected) { #expect(found == expected) }
    #expect(packages.count == expected.count)
    for number in 1...6 as ClosedRange<UInt128> {
      let id = ULID(value: number)
      if let cached = store.cachedHostingPackage(id)?.record {
        #expect(cached == reference.cachedHostingPackage(id)?.record)
      }
    }
    #expect(try await SellerStep.everything(store) == SellerStep.everything(reference))
    for number in 1...5 {
      guard let cached = store.cachedEntitlement(of: "user \(number)") else { continue }
      let expected = reference.cachedEntitlement(of: "user \(number)")
      #expect(cached.record == expected?.record)
      #expect(cached.slots == expected?.slots)
    }
    await reference.close()
  }

  /// What each step gave, or how the transaction failed.
  private static func outcome(
    of steps: [Step], isThrown: Bool, on store: any Store
  ) async -> [String] {
    do {
      return try await store.write { transaction throws in
        let results = steps.map { step in
          do {
            return try step.run(transaction)
          } catch {
            return "\(error)"
          }
        }
        if isThrown { throw BodyFailure() }
        return results
      }
    } catch {
      return ["\(error)"]
    }
  }

  private enum Step {
    case nextPlanID
    case insert(PlanRecord)
    case update(PlanRecord)
    case delete(Int64)
    case package(PackageStep)
    case seller(SellerStep)
    case insertReplay(ReplayRecord)
    case expireReplays(Int64, limit: Int)
    case append(AuditRecord)
    case set(String, String)
    case list(PlanQuery)
    case find(PlanKey)
    case history(Int64, below: Int32?)

    init(using random: inout SeededNumbers) {
      let id = Int64.random(in: 1...12, using: &random)
      let small = Int64.random(in: 1...6, using: &random)
      var plan = Sample.plan(
        id, code: "code-\(small)-\(id % 4)", name: "name \(small)",
        version: Int32.random(in: 1...30, using: &random))
      plan.isActive = small > 2
      plan.kind = PlanRecord.Kind.allCases.randomElement(using: &random) ?? .shared
      plan.price = Sample.money(small)
      switch Int.random(in: 0..<46, using: &random) {
      case 0: self = .nextPlanID
      case 1, 2: self = .insert(plan)
      case 3, 4: self = .update(plan)
      case 5: self = .delete(id)
      case 6, 14..<30: self = .package(PackageStep(using: &random))
      case 30..<46: self = .seller(SellerStep(using: &random))
      case 7:
        let number = Int64.random(in: 0..<40, using: &random)
        self = .insertReplay(Sample.replay("r\(number)", expires: number))
      case 8: self = .expireReplays(small * 7, limit: Int(id % 3))
      case 9: self = .append(Sample.audit(small, partition: "user \(id)"))
      case 10: self = .set("setting \(small)", "\(id)")
      case 11:
        let order = PlanQuery.Order.allCases.randomElement(using: &random) ?? .id
        self = .list(
          PlanQuery(
            kind: id > 6 ? plan.kind : nil, activeOnly: id % 2 == 0, order: order,
            after: small > 3 ? cursor(at: plan, in: order) : nil, limit: Int(small)))
      case 12: self = .find(small > 3 ? .id(id) : .code(plan.code))
      default: self = .history(id, below: small > 3 ? plan.version : nil)
      }
    }

    func run(_ transaction: any WriteTransaction) throws -> String {
      switch self {
      case .nextPlanID: return "\(try transaction.nextPlanID())"
      case .insert(let plan): try transaction.insert(plan)
      case .update(let plan): try transaction.update(plan)
      case .delete(let id): try transaction.deletePlan(id: id)
      case .package(let step): return try step.run(transaction)
      case .seller(let step): return try step.run(transaction)
      case .insertReplay(let replay): try transaction.insert(replay)
      case .expireReplays(let time, let limit):
        return "\(try transaction.deleteReplays(expiredBefore: Sample.at(time), limit: limit))"
      case .append(let record):
        try transaction.append(record)
        let last = try transaction.auditHead(partition: record.partition)
        return "\(last?.sequence ?? 0)"
      case .set(let name, let value):
        let old = try transaction.setting(name)
        try transaction.setSetting(name, to: value)
        return old ?? "none"
      case .list(let query): return "\(try transaction.plans(query))"
      case .find(let key): return try transaction.plan(key).map { "\($0)" } ?? "none"
      case .history(let id, let version):
        return "\(try transaction.planVersions(id: id, below: version, limit: 4))"
      }
      return "done"
    }
  }
}
