internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Mutations")
struct MutationsTests {
  /// Plain, and over a store that runs each body twice.
  static let stores: [@Sendable () -> any Store] = [{ MemoryStore() }, { RerunStore() }]

  private func audit(_ world: World) async throws -> [AuditRecord] {
    try await world.store.read { transaction in
      _ = try AuditChain.verify(partition: "catalogue", in: transaction)
      return try transaction.auditRecords(partition: "catalogue", after: 0, limit: 1000)
    }
  }

  private func create(
    _ world: World, _ request: CreatePlanRequest, user: String = "10", account: String? = nil
  ) async throws -> World.Reply<CreatePlanResponse> {
    try await world.call(.createPlan, request, user: user, account: account)
  }

  @Test("the same request again gets the same bytes and changes nothing", arguments: stores)
  func replay(store: @Sendable () -> any Store) async throws {
    let world = try await World(store: store())
    let request = CreatePlanRequest(.sample(), requestID: "r1")
    let first = try await create(world, request)
    world.clock.advance(seconds: 3600)
    let second = try await create(world, request)
    #expect(!first.isReplay && second.isReplay)
    #expect(first.bytes == second.bytes)
    #expect(try first.get().plan?.id == 1)
    #expect(try await audit(world).count == 1)
    #expect(try await world.create(.sample(code: "next")).id == 2)
  }

  @Test("updates and deletions are replayed too, also after the plan has moved on")
  func replayOthers() async throws {
    let world = try await World()
    let plan = try await world.create(.sample())
    let update = UpdatePlanRequest(plan, requestID: "u")
    let first: World.Reply<UpdatePlanResponse> = try await world.call(.updatePlan, update)
    let delete = DeletePlanRequest(plan.id, requestID: "d")
    let gone: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, delete)
    _ = try gone.get()
    let second: World.Reply<UpdatePlanResponse> = try await world.call(.updatePlan, update)
    #expect(second.isReplay && second.bytes == first.bytes)
    let again: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, delete)
    #expect(again.isReplay)
    _ = try again.get()
  }

  @Test("a request_id with another request is IDEMPOTENCY_MISMATCH")
  func mismatch() async throws {
    let world = try await World()
    _ = try await create(world, CreatePlanRequest(.sample(), requestID: "r1")).get()
    for request in [
      CreatePlanRequest(.sample(code: "other"), requestID: "r1"),
      CreatePlanRequest(.sample(), requestID: "r1", validateOnly: true),
    ] {
      let reply = try await create(world, request)
      #expect(reply.status().code == .invalidArgument)
      #expect(try Details(reply.status()).reason == "IDEMPOTENCY_MISMATCH")
      #expect(!reply.isReplay)
    }
  }

  @Test("a request_id is its caller's and its method's own")
  func keys() async throws {
    let world = try await World()
    _ = try await create(world, CreatePlanRequest(.sample(code: "a"), requestID: "r")).get()
    let user = try await create(
      world, CreatePlanRequest(.sample(code: "b"), requestID: "r"), user: "11")
    #expect(try user.get().plan?.id == 2)
    let account = try await create(
      world, CreatePlanRequest(.sample(code: "c"), requestID: "r"), account: "acme")
    #expect(try account.get().plan?.id == 3)
    let method: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(3, requestID: "r"))
    _ = try method.get()
    // Accounts and users that only look the same when they are put together.
    let slash = try await create(
      world, CreatePlanRequest(.sample(code: "d"), requestID: "r"), user: "b/c", account: "a")
    let moved = try await create(
      world, CreatePlanRequest(.sample(code: "e"), requestID: "r"), user: "c", account: "a/b")
    #expect(try slash.get().plan?.id == 4)
    #expect(try moved.get().plan?.id == 5)
  }

  @Test("the order of the fields on the wire makes no other request")
  func wireOrder() async throws {
    let world = try await World()
    let request = CreatePlanRequest(.sample(), requestID: "r1")
    let first = try await create(world, request)
    var bare = request
    bare.requestID = ""
    var onlyID = CreatePlanRequest()
    onlyID.requestID = "r1"
    let token = TestToken.hs256(sub: "10", roles: ["Admin"], expireTime: world.clock.time)
    let second: World.Reply<CreatePlanResponse> = try await world.call(
      .createPlan, bytes: onlyID.encoded() + bare.encoded(), authorization: "Bearer \(token)")
    #expect(second.isReplay && second.bytes == first.bytes)
  }

  @Test("final refusals are kept, details and all, and outlive their cause", arguments: stores)
  func storedRefusals(store: @Sendable () -> any Store) async throws {
    let world = try await World(store: store())
    let plan = try await world.create(.sample(code: "basic"))
    let taken = CreatePlanRequest(.sample(code: "basic"), requestID: "taken")
    let missing = DeletePlanRequest(9, requestID: "missing")
    let first = try await create(world, taken)
    #expect(first.status().code == .alreadyExists && !first.isReplay)
    let absent: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, missing)
    #expect(absent.status().code == .notFound)
    #expect(try await audit(world).count == 1)
    let gone: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(plan.id))
    _ = try gone.get()
    let second = try await create(world, taken)
    #expect(second.isReplay)
    #expect(second.status().code == .alreadyExists)
    #expect(second.status().message == first.status().message)
    #expect(second.status().details == first.status().details)
    let still: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, missing)
    #expect(still.isReplay && still.status().details == absent.status().details)
  }

  @Test("ABORTED and INVALID_ARGUMENT are not kept: the same request_id may go on")
  func notStored() async throws {
    let world = try await World()
    var plan = try await world.create(.sample())
    plan.etag = "stale"
    let request = UpdatePlanRequest(plan, requestID: "u")
    for _ in 0..<2 {
      let stale: World.Reply<UpdatePlanResponse> = try await world.call(.updatePlan, request)
      #expect(stale.status().code == .aborted && !stale.isReplay)
    }
    plan.code = "other"
    plan.etag = ""
    let invalid: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(plan, requestID: "u"))
    #expect(invalid.status().code == .invalidArgument)
    plan.code = ""
    let good: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(plan, requestID: "u"))
    #expect(try good.get().plan?.version == 2)
  }

  @Test("validate_only answers as if done and writes nothing at all", arguments: stores)
  func validateOnly(store: @Sendable () -> any Store) async throws {
    let world = try await World(store: store())
    let plan = try await world.create(.sample(code: "basic"))
    let dry = try await create(
      world, CreatePlanRequest(.sample(code: "dry"), requestID: "r", validateOnly: true))
    #expect(try dry.get().plan?.code == "dry")
    #expect(try dry.get().plan?.id == 2)
    let taken = try await create(
      world, CreatePlanRequest(.sample(code: "basic"), requestID: "s", validateOnly: true))
    #expect(taken.status().code == .alreadyExists)
    var edit = plan
    edit.name = "Dry"
    let updated: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(edit, requestID: "t", validateOnly: true))
    #expect(try updated.get().plan?.version == 2)
    let deleted: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(plan.id, requestID: "u", validateOnly: true))
    _ = try deleted.get()
    #expect(try await world.get(plan.id).get().plan == plan)
    #expect(try await world.get(2).status().code == .notFound)
    #expect(try await audit(world).count == 1)
    let kept = try await world.store.read { transaction in
      try ["CreatePlan", "UpdatePlan", "DeletePlan"].flatMap { method in
        try ["r", "s", "t", "u"].compactMap {
          try transaction.replay(
            ReplayKey(
              caller: "default/10", method: "/packd.v1.CatalogueService/\(method)", requestID: $0))
        }
      }
    }
    #expect(kept.isEmpty)
    #expect(
      try await create(world, CreatePlanRequest(.sample(code: "dry"), requestID: "r")).get().plan?
        .id == 2)
  }

  @Test("each mutation leaves one audit record, and refusals none", arguments: stores)
  func auditRecords(store: @Sendable () -> any Store) async throws {
    let world = try await World(store: store())
    let plan = try #require(
      try await create(world, CreatePlanRequest(.sample(), requestID: "r1"), account: "acme")
        .get().plan)
    world.clock.advance(seconds: 1)
    let updated: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(plan))
    let next = try #require(try updated.get().plan)
    let stale: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(plan))
    #expect(stale.status().code == .aborted)
    let deleted: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(plan.id))
    _ = try deleted.get()
    let records = try await audit(world)
    #expect(
      records.map(\.method).map { $0.split(separator: "/").last } == [
        "CreatePlan", "UpdatePlan", "DeletePlan",
      ])
    #expect(records.map(\.beforeETag) == ["", plan.etag, next.etag])
    #expect(records.map(\.afterETag) == [plan.etag, next.etag, ""])
    #expect(records.map(\.actor) == ["acme/10", "default/10", "default/10"])
    #expect(records.map(\.requestID) == ["r1", "", ""])
    #expect(records.allSatisfy { $0.resource == "plans/1" })
    #expect(
      records[1].time.nanosecondsSinceEpoch - records[0].time.nanosecondsSinceEpoch == 1_000_000_000
    )
  }

  @Test("request_id is 1 to 128 printable characters")
  func requestIDs() async throws {
    let world = try await World()
    let good = [String(repeating: "é", count: 128), "a b", "👍🏽"]
    for (index, id) in good.enumerated() {
      let request = CreatePlanRequest(.sample(code: "g\(index)"), requestID: id)
      _ = try await create(world, request).get()
      #expect(try await create(world, request).isReplay)
    }
    for id in [String(repeating: "x", count: 129), "a\nb", "\u{0}", "a\u{202e}b", "\u{2028}"] {
      let status = try await create(world, CreatePlanRequest(.sample(), requestID: id)).status()
      #expect(try Details(status).fields == ["request_id"])
      let delete: World.Reply<DeletePlanResponse> = try await world.call(
        .deletePlan, DeletePlanRequest(1, requestID: id))
      #expect(try Details(delete.status()).fields == ["request_id"])
      let update: World.Reply<UpdatePlanResponse> = try await world.call(
        .updatePlan, UpdatePlanRequest(nil, requestID: id))
      #expect(try Details(update.status()).fields == ["plan", "request_id"])
    }
  }

  @Test("replay records last 48 hours, and the purge takes only older ones, in batches")
  func purge() async throws {
    let world = try await World()
    let count = Limits.replayPurgeBatchRecords + 10
    for number in 0..<count {
      _ = try await create(
        world, CreatePlanRequest(.sample(code: "basic"), requestID: "r\(number)"))
    }
    world.clock.advance(seconds: 24 * 3600)
    let young = CreatePlanRequest(.sample(code: "young"), requestID: "young")
    _ = try await create(world, young).get()
    #expect(try await world.services.purgeExpiredReplays() == 0)
    world.clock.advance(seconds: 24 * 3600 + 1)
    #expect(try await world.services.purgeExpiredReplays() == count)
    #expect(try await create(world, young).isReplay)
    let old = try await create(world, CreatePlanRequest(.sample(code: "basic"), requestID: "r0"))
    #expect(!old.isReplay && old.status().code == .alreadyExists)
  }

  @Test("racing retries of one request have one effect")
  func racing() async throws {
    let world = try await World()
    let request = CreatePlanRequest(.sample(), requestID: "r")
    let replies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<50 {
        group.addTask { try await self.create(world, request).bytes }
      }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(replies.count == 1)
    #expect(try await audit(world).count == 1)
  }
}
