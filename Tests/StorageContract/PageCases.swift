internal import Storage
internal import Testing

extension ContractCase {
  static let pages = [
    ContractCase("pages of any size list every plan once, in order", pagesListEveryPlan),
    ContractCase("names are ordered by their UTF-8 bytes", namesByBytes),
    ContractCase("prices are ordered by currency, units, nanos, id", pricesInOrder),
    ContractCase("a cursor need not name a plan that is there", cursorsBetweenPlans),
    ContractCase("a cursor of another order is refused", cursorsOfAnotherOrder),
    ContractCase("pages of nothing are empty", pagesOfNothing),
    ContractCase("plans that stay are listed once while others come and go", pagesUnderWrites),
  ]

  /// Every combination of filter and order.
  static let queries = PlanQuery.Order.allCases.flatMap { order in
    ([nil] + PlanRecord.Kind.allCases).flatMap { (kind: PlanRecord.Kind?) in
      [false, true].map {
        PlanQuery(kind: kind, activeOnly: $0, order: order, limit: 10)
      }
    }
  }

  /// All pages of the query, from the first.
  static func allPages(
    _ query: PlanQuery, of store: any Store
  ) async throws -> [PlanRecord] {
    var query = query
    var found: [PlanRecord] = []
    while true {
      let asked = query
      let page = try await store.read { try $0.plans(asked) }
      #expect(page.count <= query.limit)
      found += page
      guard let last = page.last, page.count == query.limit else { return found }
      query.after = cursor(at: last, in: query.order)
    }
  }

  static func cursor(at plan: PlanRecord, in order: PlanQuery.Order) -> PlanQuery.Cursor {
    switch order {
    case .id: .id(plan.id)
    case .name: .name(plan.name, id: plan.id)
    case .price: .price(plan.price, id: plan.id)
    }
  }

  /// What a query must find among `plans`, as one page.
  static func expected(_ query: PlanQuery, among plans: [PlanRecord]) -> [PlanRecord] {
    plans.filter { (query.kind ?? $0.kind) == $0.kind && ($0.isActive || !query.activeOnly) }
      .sorted { a, b in
        switch query.order {
        case .id:
          return a.id < b.id
        case .name:
          let (x, y) = (Array(a.name.utf8), Array(b.name.utf8))
          return x == y ? a.id < b.id : x.lexicographicallyPrecedes(y)
        case .price:
          let (x, y) = (Array(a.price.currencyCode.utf8), Array(b.price.currencyCode.utf8))
          if x != y { return x.lexicographicallyPrecedes(y) }
          return (a.price.units, a.price.nanos, a.id) < (b.price.units, b.price.nanos, b.id)
        }
      }
  }

  private static func variedPlans(_ count: Int64) -> [PlanRecord] {
    var random = SeededNumbers(seed: 7)
    return (1...count).map { id in
      let names = ["A", "a", "Ä", "b", "", "\u{FF5E}", "𝄞"]
      var plan = Sample.plan(id, name: names.randomElement(using: &random))
      plan.kind = PlanRecord.Kind.allCases.randomElement(using: &random) ?? .vps
      plan.isActive = Int.random(in: 0..<3, using: &random) > 0
      plan.price = MoneyRecord(
        currencyCode: ["EUR", "USD"].randomElement(using: &random) ?? "EUR",
        units: Int64.random(in: -2...2, using: &random),
        nanos: Int32.random(in: -1...1, using: &random))
      return plan
    }
  }

  private static func pagesListEveryPlan(_ store: any Store) async throws {
    let plans = variedPlans(150)
    try await store.write { transaction throws in
      for plan in plans.reversed() { try transaction.insert(plan) }
    }
    for var query in queries {
      for limit in [1, 7, 150, 1000] {
        query.limit = limit
        #expect(try await allPages(query, of: store) == expected(query, among: plans))
      }
    }
  }

  private static func namesByBytes(_ store: any Store) async throws {
    // U+FF5E comes before U+1D11E in UTF-8, and after it in UTF-16.
    let names = ["", "\0", "A", "B", "a", "a\0", "aa", "e\u{301}", "é", "\u{FF5E}", "𝄞"]
    try await store.write { transaction throws in
      for (position, name) in names.enumerated().reversed() {
        try transaction.insert(Sample.plan(Int64(100 - position), name: name))
      }
    }
    let found = try await allPages(PlanQuery(order: .name, limit: 3), of: store)
    #expect(found.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
  }

  private static func pricesInOrder(_ store: any Store) async throws {
    let prices = [
      MoneyRecord(currencyCode: "", units: 5, nanos: 5),
      MoneyRecord(currencyCode: "EUR", units: .min, nanos: .min),
      MoneyRecord(currencyCode: "EUR", units: -1, nanos: -5),
      MoneyRecord(currencyCode: "EUR", units: 0, nanos: 0),
      MoneyRecord(currencyCode: "EUR", units: .max, nanos: .max),
      MoneyRecord(currencyCode: "USD", units: 1, nanos: 2),
      MoneyRecord(currencyCode: "USD", units: 1, nanos: 10),
      MoneyRecord(currencyCode: "USD", units: 10, nanos: 0),
    ]
    try await store.write { transaction throws in
      for (position, price) in prices.enumerated() {
        for id in [Int64(position) + 50, Int64(position) + 1] {
          var plan = Sample.plan(id)
          plan.price = price
          try transaction.insert(plan)
        }
      }
    }
    let found = try await allPages(PlanQuery(order: .price, limit: 3), of: store)
    #expect(found.map(\.price) == prices.flatMap { [$0, $0] })
    #expect(found.map(\.id) == prices.indices.flatMap { [Int64($0) + 1, Int64($0) + 50] })
  }

  private static func cursorsBetweenPlans(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for id in [10, 20, 30] as [Int64] {
        try transaction.insert(Sample.plan(id, name: "name \(id)"))
      }
    }
    let cases: [(PlanQuery.Order, PlanQuery.Cursor, [Int64])] = [
      (.id, .id(.min), [10, 20, 30]), (.id, .id(15), [20, 30]), (.id, .id(30), []),
      (.id, .id(.max), []), (.name, .name("", id: 0), [10, 20, 30]),
      (.name, .name("name 20", id: 19), [20, 30]), (.name, .name("name 20", id: 21), [30]),
      (.name, .name("zzz", id: 1), []), (.price, .price(Sample.money(20), id: 20), [30]),
      (.price, .price(Sample.money(20, nanos: 0), id: 99), [20, 30]),
      (.price, .price(MoneyRecord(currencyCode: "ZZZ", units: 0, nanos: 0), id: 0), []),
    ]
    for (order, cursor, ids) in cases {
      let query = PlanQuery(order: order, after: cursor, limit: 9)
      #expect(try await store.read { try $0.plans(query).map(\.id) } == ids)
    }
  }

  private static func cursorsOfAnotherOrder(_ store: any Store) async throws {
    let plan = Sample.plan(1)
    try await store.write { try $0.insert(plan) }
    for order in PlanQuery.Order.allCases {
      for other in PlanQuery.Order.allCases where other != order {
        let query = PlanQuery(order: order, after: cursor(at: plan, in: other), limit: 9)
        await #expect(throws: PlanQuery.InvalidCursor.self) {
          try await store.read { try $0.plans(query) }
        }
      }
    }
  }

  private static func pagesOfNothing(_ store: any Store) async throws {
    for query in queries {
      #expect(try await store.read { try $0.plans(query) } == [])
    }
    try await store.write { try $0.insert(Sample.plan(1)) }
    for var query in queries {
      for limit in [0, -1, .min] {
        query.limit = limit
        let asked = query
        #expect(try await store.read { try $0.plans(asked) } == [])
      }
    }
  }

  private static func pagesUnderWrites(_ store: any Store) async throws {
    let staying = variedPlans(120).map { plan in
      var plan = plan
      plan.id *= 2
      return plan
    }
    try await store.write { transaction throws in
      for plan in staying { try transaction.insert(plan) }
    }
    let isDone = Watermark()
    async let changes: Void = comeAndGo(store, until: isDone)
    for query in queries {
      let found = try await allPages(query, of: store)
      let kept = found.filter { $0.id % 2 == 0 && $0.id <= 240 }
      #expect(kept == expected(query, among: staying))
      #expect(found.allSatisfy { (query.kind ?? $0.kind) == $0.kind })
      #expect(found.allSatisfy { $0.isActive || !query.activeOnly })
    }
    isDone.raise(to: 1)
    try await changes
  }

  /// Adds, changes and deletes plans of odd ids.
  private static func comeAndGo(_ store: any Store, until isDone: Watermark) async throws {
    var random = SeededNumbers(seed: 11)
    var round: Int32 = 1
    while isDone.value == 0 {
      round += 1
      let version = round
      let source = variedPlans(40).shuffled(using: &random)
      try await store.write { transaction throws in
        for template in source.prefix(10) {
          var plan = template
          plan.id = plan.id * 2 + 1
          plan.code = "passing-\(plan.id)"
          if try transaction.plan(.id(plan.id)) == nil {
            try transaction.insert(plan)
          } else if plan.id % 4 == 1 {
            try transaction.deletePlan(id: plan.id)
          } else {
            plan.version = version
            plan.name += "x\(version % 5)"
            try transaction.update(plan)
          }
        }
      }
    }
  }
}
