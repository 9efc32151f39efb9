internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("CatalogueService reads")
struct CatalogueReadTests {
  private func list(
    _ world: World, pageSize: Int32 = 0, token: String = "", kind: PlanKind = .unspecified,
    activeOnly: Bool = false, orderBy: String = ""
  ) async throws -> World.Reply<ListPlansResponse> {
    var request = ListPlansRequest()
    request.pageSize = pageSize
    request.pageToken = token
    request.kind = kind
    request.activeOnly = activeOnly
    request.orderBy = orderBy
    return try await world.call(.listPlans, request, as: .sales)
  }

  private func listActive(
    _ world: World, pageSize: Int32 = 0, token: String = "", kind: PlanKind = .unspecified,
    orderBy: String = ""
  ) async throws -> World.Reply<ListActivePlansResponse> {
    var request = ListActivePlansRequest()
    request.pageSize = pageSize
    request.pageToken = token
    request.kind = kind
    request.orderBy = orderBy
    return try await world.call(.listActivePlans, request, as: .sales)
  }

  private func versions(
    _ world: World, _ id: Int64, pageSize: Int32 = 0, token: String = ""
  ) async throws -> World.Reply<ListPlanVersionsResponse> {
    var request = ListPlanVersionsRequest()
    request.planID = id
    request.pageSize = pageSize
    request.pageToken = token
    return try await world.call(.listPlanVersions, request, as: .support)
  }

  /// Seven plans: kinds, prices and activity mixed.
  private func filled() async throws -> World {
    let world = try await World()
    let kinds: [PlanKind] = [.shared, .vps]
    for number in 0..<7 {
      var plan = Plan.sample(code: "p\(number)", name: "Plan \(9 - number)")
      plan.kind = kinds[number % 2]
      plan.isActive = number != 2
      plan.setupFee = nil
      plan.price = Money(currencyCode: number == 3 ? "AUD" : "EUR", units: Int64(number % 3))
      _ = try await world.create(plan)
    }
    return world
  }

  @Test("GetPlan finds a plan by id and by code, with every field as it was written")
  func getPlan() async throws {
    let world = try await World()
    let written = try await world.create(.sample(code: "basic"))
    #expect(written.id == 1 && written.version == 1 && !written.etag.isEmpty)
    #expect(written.createTime == Timestamp(seconds: 1_767_225_600))
    #expect(written.updateTime == written.createTime)
    var expected = Plan.sample(code: "basic")
    expected.id = 1
    expected.version = 1
    expected.createTime = written.createTime
    expected.updateTime = written.updateTime
    expected.etag = written.etag
    #expect(written == expected)
    let byID = try await world.get(1)
    #expect(try byID.get().plan == written)
    let byCode: World.Reply<GetPlanResponse> = try await world.call(
      .getPlan, GetPlanRequest(plan: .code("basic")))
    #expect(try byCode.get().plan == written)
    #expect(byID.isImmediate && byCode.isImmediate)
    #expect(byID.principal == "default/10")
  }

  @Test("GetPlan answers the same with and without the cache, and right after an update")
  func cacheIsCoherent() async throws {
    let counting = CountingStore()
    let slow = try await World(store: counting)
    let fast = try await World(store: counting.base)
    let plan = try await slow.create(.sample())
    for version in 1...3 as ClosedRange<Int32> {
      let waited = try await slow.get(plan.id)
      let immediate = try await fast.get(plan.id)
      #expect(!waited.isImmediate && immediate.isImmediate)
      #expect(waited.bytes == immediate.bytes)
      #expect(try waited.get().plan?.version == version)
      let byVersion = try await fast.get(plan.id, version: version)
      #expect(byVersion.isImmediate)
      #expect(byVersion.bytes == immediate.bytes)
      var edit = plan
      edit.etag = ""
      edit.name = "v\(version)"
      let update: World.Reply<UpdatePlanResponse> = try await slow.call(
        .updatePlan, UpdatePlanRequest(edit))
      _ = try update.get()
    }
    let delete: World.Reply<DeletePlanResponse> = try await slow.call(
      .deletePlan, DeletePlanRequest(plan.id))
    _ = try delete.get()
    #expect(try await fast.get(plan.id).status().code == .notFound)
  }

  @Test("GetPlan gives old versions, and NOT_FOUND for plans and versions that are not there")
  func getPlanVersions() async throws {
    let world = try await World()
    let first = try await world.create(.sample(code: "basic"))
    var edit = first
    edit.name = "Renamed"
    let update: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(edit))
    let second = try #require(try update.get().plan)
    #expect(try await world.get(1, version: 1).get().plan == first)
    #expect(try await world.get(1, version: 2).get().plan == second)
    #expect(try await world.get(1).get().plan == second)
    let byCode: World.Reply<GetPlanResponse> = try await world.call(
      .getPlan, GetPlanRequest(plan: .code("basic"), version: 1))
    #expect(try byCode.get().plan == first)
    for request in [
      GetPlanRequest(plan: .id(2)), GetPlanRequest(plan: .id(1), version: 3),
      GetPlanRequest(plan: .code("nope")), GetPlanRequest(plan: .code("BASIC")),
    ] {
      let reply: World.Reply<GetPlanResponse> = try await world.call(.getPlan, request)
      let status = reply.status()
      #expect(status.code == .notFound)
      #expect(status.message == "Plan not found")
      let details = try Details(status)
      #expect(details.reason == "PLAN_NOT_FOUND")
      #expect(details.resource?.resourceType == "packd.v1.Plan")
    }
  }

  @Test("GetPlan tells all that is wrong with a request")
  func getPlanInvalid() async throws {
    let world = try await World()
    let cases: [(GetPlanRequest, [String])] = [
      (GetPlanRequest(), ["plan"]), (GetPlanRequest(plan: .id(0)), ["id"]),
      (GetPlanRequest(plan: .id(-1), version: -1), ["id", "version"]),
      (GetPlanRequest(plan: .code("")), ["code"]),
    ]
    for (request, fields) in cases {
      let reply: World.Reply<GetPlanResponse> = try await world.call(.getPlan, request)
      #expect(reply.status().code == .invalidArgument)
      let details = try Details(reply.status())
      #expect(details.reason == "INVALID_FIELDS")
      #expect(details.fields == fields)
    }
  }

  @Test("a code that no plan can have is NOT_FOUND, and neither looked for nor sent back")
  func impossibleCodes() async throws {
    let counting = CountingStore()
    let world = try await World(store: counting)
    for code in [String(repeating: "é", count: 1 << 21), "Not A Slug", "7", "a\u{202e}b"] {
      let reply: World.Reply<GetPlanResponse> = try await world.call(
        .getPlan, GetPlanRequest(plan: .code(code)))
      #expect(reply.status().code == .notFound)
      #expect(reply.status().message == "Plan not found")
      #expect(try Details(reply.status()).resource?.resourceName == "plans")
    }
    #expect(counting.reads == 0)
  }

  @Test("lists in each order, page by page, every plan once")
  func pages() async throws {
    let world = try await filled()
    let orders: [(String, [Int64])] = [
      ("", [1, 2, 3, 4, 5, 6, 7]), ("id", [1, 2, 3, 4, 5, 6, 7]),
      ("name", [7, 6, 5, 4, 3, 2, 1]), ("price", [4, 1, 7, 2, 5, 3, 6]),
    ]
    for (order, ids) in orders {
      for size in 1...8 as ClosedRange<Int32> {
        var found: [Int64] = []
        var token = ""
        repeat {
          let page = try await list(world, pageSize: size, token: token, orderBy: order).get()
          #expect(page.plans.count <= Int(size))
          found += page.plans.map(\.id)
          token = page.nextPageToken
        } while !token.isEmpty && found.count < 20
        #expect(found == ids, "\(order) by \(size)")
      }
    }
  }

  @Test("filters by kind and activity; ListActivePlans never shows others")
  func filters() async throws {
    let world = try await filled()
    #expect(try await list(world, kind: .vps).get().plans.map(\.id) == [2, 4, 6])
    #expect(try await list(world, activeOnly: true).get().plans.map(\.id) == [1, 2, 4, 5, 6, 7])
    let both = try await list(world, kind: .shared, activeOnly: true).get()
    #expect(both.plans.map(\.id) == [1, 5, 7])
    #expect(try await list(world, kind: .dedicated).get().plans.isEmpty)
    #expect(try await listActive(world).get().plans.map(\.id) == [1, 2, 4, 5, 6, 7])
    #expect(try await listActive(world, kind: .shared).get().plans.map(\.id) == [1, 5, 7])
    let first = try await listActive(world, pageSize: 5, orderBy: "name").get()
    let rest = try await listActive(
      world, pageSize: 5, token: first.nextPageToken, orderBy: "name"
    ).get()
    #expect((first.plans + rest.plans).map(\.id) == [7, 6, 5, 4, 2, 1])
    #expect(rest.nextPageToken.isEmpty)
  }

  @Test("page_size 0 is 50, and more than 1,000 is 1,000")
  func pageSizes() async throws {
    let world = try await World()
    try await world.store.write { transaction in
      for number in 1...1001 {
        var plan = PlanRecord.blank(at: Instant(nanosecondsSinceEpoch: 0))
        plan.id = try transaction.nextPlanID()
        plan.code = "p\(number)"
        try transaction.insert(plan)
      }
    }
    #expect(try await list(world).get().plans.count == 50)
    #expect(try await listActive(world).get().plans.isEmpty)
    let full = try await list(world, pageSize: .max).get()
    #expect(full.plans.count == 1000)
    let rest = try await list(world, pageSize: 1000, token: full.nextPageToken).get()
    #expect(rest.plans.map(\.id) == [1001])
    #expect(rest.nextPageToken.isEmpty)
  }

  @Test("a page ends before it outgrows what clients take, and the list goes on")
  func largePlans() async throws {
    let world = try await World()
    var plan = Plan.sample()
    plan.description = String(repeating: "漢", count: 2000)
    plan.features = Array(repeating: String(repeating: "漢", count: 200), count: 64)
    for number in 0..<100 {
      plan.code = "p\(number)"
      _ = try await world.create(plan)
    }
    var found: [Int64] = []
    var token = ""
    repeat {
      let reply = try await list(world, pageSize: 1000, token: token)
      let page = try reply.get()
      #expect(reply.bytes.count < 4 * 1024 * 1024)
      #expect(!page.plans.isEmpty)
      found += page.plans.map(\.id)
      token = page.nextPageToken
    } while !token.isEmpty && found.count <= 100
    #expect(found == Array(1...100))
  }

  @Test("pages neither repeat nor lose a plan that stays, while others come and go")
  func stable() async throws {
    let world = try await filled()
    let first = try await list(world, pageSize: 3).get()
    _ = try await world.create(.sample(code: "new"))
    let delete: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(3))
    _ = try delete.get()
    let rest = try await list(world, pageSize: 100, token: first.nextPageToken).get()
    #expect(rest.plans.map(\.id) == [4, 5, 6, 7, 8])
  }

  @Test("list requests with faults name each of them")
  func invalidLists() async throws {
    let world = try await filled()
    let all = try await list(
      world, pageSize: -1, token: "x", kind: PlanKind(rawValue: 9), orderBy: "size")
    let details = try Details(all.status())
    #expect(details.fields == ["kind", "order_by", "page_size", "page_token"])
    #expect(details.reason == "INVALID_FIELDS")
    let active = try await listActive(
      world, pageSize: -1, token: "x", kind: PlanKind(rawValue: -1), orderBy: "ID")
    #expect(
      try Details(active.status()).fields == ["kind", "order_by", "page_size", "page_token"])
    let versions = try await versions(world, 0, pageSize: -5, token: "x")
    #expect(try Details(versions.status()).fields == ["page_size", "page_token", "plan_id"])
  }

  @Test("a page token is good for its own query only")
  func foreignTokens() async throws {
    let world = try await filled()
    let token = try await list(world, pageSize: 2).get().nextPageToken
    #expect(try await list(world, pageSize: 4, token: token).get().plans.count == 4)
    let others = [
      try await list(world, token: token, kind: .vps).status(),
      try await list(world, token: token, activeOnly: true).status(),
      try await list(world, token: token, orderBy: "name").status(),
      try await listActive(world, token: token).status(),
      try await versions(world, 1, token: token).status(),
    ]
    for status in others {
      #expect(status.code == .invalidArgument)
      #expect(try Details(status).fields == ["page_token"])
    }
    // The default order by its own name is the same query.
    #expect(try await list(world, token: token, orderBy: "id").get().plans.count == 5)
  }

  @Test("a forged token whose position is of another list is refused, not followed")
  func forgedTokens() async throws {
    let world = try await filled()
    let plans = PageToken.Query(CatalogueMethod.listPlans.path, "0", "false", "0")
    for position in [PageToken.Position.planVersion(3), .plan(.name("x", id: 1))] {
      let reply = try await list(world, token: PageToken.encode(position, of: plans))
      #expect(try Details(reply.status()).fields == ["page_token"])
    }
    let history = PageToken.Query(CatalogueMethod.listPlanVersions.path, "1")
    let reply = try await versions(world, 1, token: PageToken.encode(.plan(.id(1)), of: history))
    #expect(try Details(reply.status()).fields == ["page_token"])
  }

  @Test("ListPlanVersions gives the history, newest first, page by page")
  func history() async throws {
    let world = try await World()
    var plan = try await world.create(.sample(code: "basic"))
    var written = [plan]
    for number in 2...5 {
      world.clock.advance(seconds: 60)
      plan.name = "Name \(number)"
      let reply: World.Reply<UpdatePlanResponse> = try await world.call(
        .updatePlan, UpdatePlanRequest(plan))
      plan = try #require(try reply.get().plan)
      written.insert(plan, at: 0)
    }
    #expect(try await versions(world, 1).get().plans == written)
    var found: [Plan] = []
    var token = ""
    repeat {
      let page = try await versions(world, 1, pageSize: 2, token: token).get()
      found += page.plans
      token = page.nextPageToken
    } while !token.isEmpty && found.count < 10
    #expect(found == written)
    #expect(Set(written.map(\.etag)).count == 5)
    #expect(try await versions(world, 2).status().message == "Plan not found")
  }
}
