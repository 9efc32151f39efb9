internal import API
internal import Crypto
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("Mutations")
struct MutationsTests {
  /// Plain, and over a store that runs each body twice.
  static let stores: [@Sendable () -> any Store] = [
    { MemoryStore() }, { RerunningStore(MemoryStore()) },
  ]

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

  @Test("a request is its bytes: an unknown field, at any depth, or another order is another")
  func requestBytes() async throws {
    let world = try await World()
    var bare = CreatePlanRequest(.sample())
    var onlyID = CreatePlanRequest()
    onlyID.requestID = "r1"
    let plain = bare.encoded() + onlyID.encoded()
    let unknown: [UInt8] = [0xf8, 0x06, 0x01]
    // A second part of the plan, which merges into it: field 1, of three bytes.
    let unknownInPlan: [UInt8] = [0x0a, 0x03] + unknown
    bare.requestID = "r1"
    let token = TestToken.hs256(sub: "10", roles: ["Admin"], expireTime: world.clock.time)
    func send(_ bytes: [UInt8]) async throws -> World.Reply<CreatePlanResponse> {
      try await world.call(.createPlan, bytes: bytes, authorization: "Bearer \(token)")
    }
    let first = try await send(plain)
    _ = try first.get()
    for other in [plain + unknown, plain + unknownInPlan, onlyID.encoded() + plain] {
      let reply = try await send(other)
      #expect(try Details(reply.status()).reason == "IDEMPOTENCY_MISMATCH")
    }
    let again = try await send(plain)
    #expect(again.isReplay && again.bytes == first.bytes)
    // The message as one encoder writes it: the same bytes here, in the order of the fields.
    #expect(try await send(bare.encoded()).isReplay)
  }

  @Test("refusals are not kept: without its cause, the same request goes through")
  func refusalsPass() async throws {
    let world = try await World()
    let plan = try await world.create(.sample(code: "basic"))
    let taken = CreatePlanRequest(.sample(code: "basic"), requestID: "taken")
    for _ in 0..<2 {
      let reply = try await create(world, taken)
      #expect(reply.status().code == .alreadyExists && !reply.isReplay)
    }
    try await world.store.write {
      try $0.insert(
        Sample.hostingPackage(1, planID: plan.id), passwordHash: Sample.passwordHash)
    }
    let used = DeletePlanRequest(plan.id, requestID: "used")
    for _ in 0..<2 {
      let refused: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, used)
      #expect(refused.status().code == .failedPrecondition && !refused.isReplay)
    }
    let early = DeletePlanRequest(2, requestID: "early")
    let absent: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, early)
    #expect(absent.status().code == .notFound)
    #expect(try await audit(world).count == 1)

    // Ids are given in turn: the plan that was not there yet is there now.
    #expect(try await world.create(.sample(code: "late")).id == 2)
    let late: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, early)
    _ = try late.get()
    let again: World.Reply<DeletePlanResponse> = try await world.call(.deletePlan, early)
    #expect(again.isReplay)
  }

  @Test("a record that holds an error is answered with it")
  func errorRecords() async throws {
    let world = try await World()
    let request = CreatePlanRequest(.sample(), requestID: "r")
    let record = ReplayRecord(
      key: ReplayKey(
        caller: "default/10", method: "/packd.v1.CatalogueService/CreatePlan", requestID: "r"),
      requestHash: Array(SHA256.hash(data: request.encoded())), statusCode: 9,
      statusMessage: "Declined", statusDetails: [8, 9], response: [], createTime: world.clock.time,
      expireTime: nil)
    try await world.store.write { try $0.insert(record) }
    let reply = try await create(world, request)
    #expect(reply.isReplay)
    #expect(reply.status().code == .failedPrecondition)
    #expect(reply.status().message == "Declined" && reply.status().details == [8, 9])
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

  private func fill(_ store: any Store, _ count: Int, expireTime: Instant) async throws {
    try await store.write { transaction in
      for number in 0..<count {
        try transaction.insert(
          ReplayRecord(
            key: ReplayKey(caller: "c", method: "m", requestID: String(number)), requestHash: [],
            statusCode: 0, statusMessage: "", statusDetails: [], response: [],
            createTime: Instant(nanosecondsSinceEpoch: 0), expireTime: expireTime))
      }
    }
  }

  @Test("replay records last 48 hours, and the purge takes only older ones")
  func purge() async throws {
    let world = try await World()
    let old = CreatePlanRequest(.sample(code: "old"), requestID: "old")
    _ = try await create(world, old).get()
    world.clock.advance(seconds: 24 * 3600)
    let young = CreatePlanRequest(.sample(code: "young"), requestID: "young")
    _ = try await create(world, young).get()
    #expect(try await world.services.purgeExpiredReplays() == 0)
    world.clock.advance(seconds: 24 * 3600 + 1)
    #expect(try await world.services.purgeExpiredReplays() == 1)
    #expect(try await create(world, young).isReplay)
    #expect(try await create(world, old).status().code == .alreadyExists)
  }

  @Test("a purge leaves nothing that had expired when it began, and takes it in small parts")
  func largePurge() async throws {
    let counting = CountingStore()
    let world = try await World(store: counting)
    try await fill(counting, 100_001, expireTime: world.clock.time)
    world.clock.advance(seconds: 1)
    let writes = counting.writes
    #expect(try await world.services.purgeExpiredReplays() == 100_001)
    #expect(counting.writes - writes == 100_001 / Limits.replayPurgeBatchRecords + 1)
  }

  @Test("others write while a purge is under way")
  func purgeBesideWrites() async throws {
    let counting = CountingStore()
    let world = try await World(store: counting)
    try await fill(counting, 20_000, expireTime: world.clock.time)
    world.clock.advance(seconds: 1)
    async let purged = world.services.purgeExpiredReplays()
    let before = counting.writes
    for number in 0..<5 {
      _ = try await world.create(.sample(code: "p\(number)"))
    }
    #expect(counting.writes - before < 20)
    #expect(try await purged == 20_000)
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
