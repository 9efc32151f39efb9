internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("CatalogueService writes")
struct CatalogueWriteTests {
  private func create(
    _ world: World, _ plan: Plan?
  ) async throws -> World.Reply<CreatePlanResponse> {
    try await world.call(.createPlan, CreatePlanRequest(plan))
  }

  private func update(
    _ world: World, _ plan: Plan?, mask: [String]? = nil
  ) async throws -> World.Reply<UpdatePlanResponse> {
    try await world.call(.updatePlan, UpdatePlanRequest(plan, mask: mask))
  }

  private func delete(
    _ world: World, _ id: Int64, etag: String = ""
  ) async throws -> World.Reply<DeletePlanResponse> {
    try await world.call(.deletePlan, DeletePlanRequest(id, etag: etag))
  }

  @Test("CreatePlan ignores what the server sets, and makes the code from the name")
  func create() async throws {
    let world = try await World()
    var plan = Plan.sample(name: "Großer Café-Plan")
    plan.id = 77
    plan.version = 9
    plan.etag = "x"
    plan.createTime = Timestamp(seconds: 1)
    plan.updateTime = Timestamp(seconds: 2)
    let written = try await world.create(plan)
    #expect(written.id == 1 && written.version == 1 && written.etag != "x")
    #expect(written.code == "grosser-cafe-plan")
    #expect(written.createTime == Timestamp(seconds: 1_767_225_600))
    let second = try await world.create(.sample(code: "other"))
    #expect(second.id == 2)
    #expect(second.etag != written.etag)
  }

  @Test("a taken code is ALREADY_EXISTS, given or made from the name")
  func codeTaken() async throws {
    let world = try await World()
    _ = try await world.create(.sample(code: "shared-basic"))
    for plan in [Plan.sample(code: "shared-basic", name: "Other"), Plan.sample()] {
      let status = try await create(world, plan).status()
      #expect(status.code == .alreadyExists)
      let details = try Details(status)
      #expect(details.reason == "PLAN_CODE_TAKEN")
      #expect(details.resource?.resourceName == "plans/shared-basic")
    }
    #expect(try await world.create(.sample(code: "next")).id == 2)
  }

  @Test("every bad field of a new plan is named, all at once")
  func invalidPlan() async throws {
    let world = try await World()
    #expect(try Details(try await create(world, nil).status()).fields == ["plan"])
    #expect(
      try Details(try await create(world, Plan()).status()).fields == [
        "plan.bandwidth_mb", "plan.databases", "plan.disk_space_mb", "plan.email_accounts",
        "plan.kind", "plan.name", "plan.price",
      ])
    var plan = Plan.sample(code: "Not A Slug", name: String(repeating: "é", count: 121))
    plan.description = String(repeating: "x", count: 2001)
    plan.kind = PlanKind(rawValue: 5)
    plan.diskSpaceMB = Quota(Quota.Kind.limit(-1))
    plan.bandwidthMB = Quota(Quota.Kind.unlimited(false))
    plan.emailAccounts = Quota()
    plan.price = Money(currencyCode: "eur", units: -1, nanos: -1)
    plan.setupFee = Money(currencyCode: "USD", units: 1, nanos: 1_000_000_000)
    plan.features = ["", "ok", String(repeating: "x", count: 201), "a\u{0}b"]
    let request = CreatePlanRequest(plan, requestID: "a\u{7}b")
    let reply: World.Reply<CreatePlanResponse> = try await world.call(.createPlan, request)
    #expect(reply.status().code == .invalidArgument)
    let details = try Details(reply.status())
    #expect(details.reason == "INVALID_FIELDS")
    #expect(
      details.fields == [
        "plan.bandwidth_mb.unlimited", "plan.code", "plan.description",
        "plan.disk_space_mb.limit", "plan.email_accounts", "plan.features[0]",
        "plan.features[2]", "plan.features[3]", "plan.kind", "plan.name",
        "plan.price.currency_code", "plan.price.nanos", "plan.price.units",
        "plan.setup_fee.currency_code", "plan.setup_fee.nanos", "request_id",
      ])
    #expect(details.badRequest?.fieldViolations.allSatisfy { !$0.description.isEmpty } == true)
  }

  @Test("the largest plan that is allowed is taken, and comes back whole")
  func limits() async throws {
    let world = try await World()
    var plan = Plan.sample(
      code: String(repeating: "z", count: 64), name: String(repeating: "👍🏽", count: 60))
    plan.description = String(repeating: "漢", count: 2000)
    plan.features = Array(repeating: String(repeating: "é", count: 200), count: 64)
    plan.diskSpaceMB = Quota(Quota.Kind.limit(.max))
    plan.price = Money(currencyCode: "JPY", units: .max, nanos: 999_999_999)
    plan.setupFee = nil
    let written = try await world.create(plan)
    #expect(written.name == plan.name && written.description == plan.description)
    #expect(written.features == plan.features && written.price == plan.price)
    plan.code = ""
    plan.features.append("one more")
    #expect(
      try Details(try await create(world, plan).status()).fields == ["plan.code", "plan.features"])
  }

  @Test("what follows overuse is NOTIFY unless it is said; an unknown action is refused")
  func overuse() async throws {
    let world = try await World()
    var plan = Plan.sample()
    plan.diskSpaceOveruse = .unspecified
    let written = try await world.create(plan)
    #expect(written.diskSpaceOveruse == .notify)
    #expect(written.bandwidthOveruse == .suspend)
    plan.bandwidthOveruse = OveruseAction(rawValue: 4)
    let status = try await create(world, plan).status()
    #expect(try Details(status).fields == ["plan.bandwidth_overuse"])
  }

  @Test("UpdatePlan without a mask, with an empty one or \"*\" replaces what clients set")
  func fullReplace() async throws {
    for mask in [nil, [], ["*"], ["name", "*"]] as [[String]?] {
      let world = try await World()
      let first = try await world.create(.sample(code: "basic"))
      world.clock.advance(seconds: 5)
      var edit = Plan.sample(name: "New")
      edit.id = first.id
      edit.kind = .vps
      edit.description = ""
      edit.setupFee = nil
      edit.features = []
      edit.isActive = false
      let second = try #require(try await update(world, edit, mask: mask).get().plan)
      edit.code = "basic"
      edit.version = 2
      edit.createTime = first.createTime
      edit.updateTime = Timestamp(seconds: 1_767_225_605)
      edit.etag = second.etag
      #expect(second == edit)
      #expect(second.etag != first.etag)
      #expect(try await world.get(1).get().plan == second)
    }
  }

  @Test("UpdatePlan with a mask writes those fields alone, and looks at no others")
  func masks() async throws {
    let world = try await World()
    var expected = try await world.create(.sample(code: "basic"))
    var edit = Plan()
    edit.id = 1
    edit.name = "Renamed"
    edit.code = "Anything"
    edit.isActive = false
    edit.setupFee = nil
    let second = try #require(
      try await update(world, edit, mask: ["name", "setup_fee", "is_active", "name"]).get().plan)
    expected.name = "Renamed"
    expected.setupFee = nil
    expected.isActive = false
    expected.version = 2
    expected.etag = second.etag
    #expect(second == expected)
    for path in [
      "description", "kind", "disk_space_mb", "bandwidth_mb", "email_accounts", "databases",
      "price", "features", "disk_space_overuse", "bandwidth_overuse",
    ] {
      var whole = Plan.sample()
      whole.id = 1
      #expect(try await update(world, whole, mask: [path]).get().plan?.name == "Renamed")
    }
  }

  @Test("a mask's unknown, fixed and server-set paths are named")
  func badMasks() async throws {
    let world = try await World()
    let plan = try await world.create(.sample())
    let cases = [
      ("code", "cannot be changed"), ("id", "set by the server"), ("etag", "set by the server"),
      ("version", "set by the server"), ("create_time", "set by the server"),
      ("update_time", "set by the server"), ("nope", "unknown path \"nope\""),
      ("price.units", "unknown path"), ("", "unknown path"), ("Name", "unknown path"),
      ("plan.name", "unknown path"),
    ]
    for (path, text) in cases {
      let details = try Details(try await update(world, plan, mask: ["name", path]).status())
      #expect(details.fields == ["update_mask"])
      #expect(details.badRequest?.fieldViolations.first?.description.contains(text) == true)
    }
    let two = try Details(try await update(world, plan, mask: ["code", "x", "*"]).status())
    #expect(two.badRequest?.fieldViolations.count == 1)
    #expect(
      two.badRequest?.fieldViolations.first?.description
        == "\"code\" cannot be changed; unknown path \"x\"")
  }

  @Test("a mask of any size is refused in few words")
  func largeMasks() async throws {
    let world = try await World()
    let plan = try await world.create(.sample())
    let long = String(repeating: "é", count: 1 << 20)
    let cases: [([String], String)] = [
      (Array(repeating: "name", count: 33), "must be at most 32 paths"),
      (Array(repeating: "x", count: 100_000), "must be at most 32 paths"),
      ([long], "unknown path \"\(String(repeating: "é", count: 64))…\""),
      (["a\u{202e}\n"], "unknown path \"a\u{fffd}\u{fffd}\""),
      ((0..<32).map { "x\($0)" }, "unknown path \"x0\" and 31 more"),
      (["code", "code", "id", "id"], "\"code\" cannot be changed; \"id\" is set by the server"),
    ]
    for (paths, description) in cases {
      let details = try Details(try await update(world, plan, mask: paths).status())
      #expect(details.badRequest?.fieldViolations.map(\.description) == [description])
    }
    let paths = Array(repeating: "name", count: 32)
    #expect(try await update(world, plan, mask: paths).get().plan?.version == 2)
  }

  @Test("texts of any size are refused in few words, and no code is made of a bad name")
  func largeTexts() async throws {
    let world = try await World()
    let long = String(repeating: "é", count: 1 << 20)
    var plan = Plan.sample(name: long)
    plan.description = long
    plan.price?.currencyCode = long
    plan.setupFee?.currencyCode = long
    plan.features = [long]
    let refused: World.Reply<CreatePlanResponse> = try await world.call(
      .createPlan, CreatePlanRequest(plan, requestID: long))
    #expect(
      try Details(refused.status()).fields == [
        "plan.description", "plan.features[0]", "plan.name", "plan.price.currency_code",
        "plan.setup_fee.currency_code", "request_id",
      ])
    #expect(refused.status().details.count < 2048)
    // No letter in it to make a code of: of a good name, that is a fault of its own.
    let nameless = try await create(world, .sample(name: String(repeating: "漢", count: 121)))
    #expect(try Details(nameless.status()).fields == ["plan.name"])
  }

  @Test("an etag of more than 64 bytes is refused")
  func largeETags() async throws {
    let world = try await World()
    var plan = try await world.create(.sample())
    plan.etag = String(repeating: "x", count: 65)
    #expect(try Details(try await update(world, plan).status()).fields == ["plan.etag"])
    let deletion = try await delete(world, plan.id, etag: plan.etag).status()
    #expect(try Details(deletion).fields == ["etag"])
    let stale = String(repeating: "x", count: 64)
    #expect(try await delete(world, plan.id, etag: stale).status().code == .aborted)
  }

  @Test("the faults of an update are told together with what only the plan can tell")
  func invalidUpdates() async throws {
    let world = try await World()
    let plan = try await world.create(.sample(code: "basic"))
    #expect(try Details(try await update(world, nil).status()).fields == ["plan"])
    var edit = plan
    edit.code = "other"
    edit.name = ""
    let full = try await update(world, edit).status()
    #expect(try Details(full).fields == ["plan.code", "plan.name"])
    edit = plan
    edit.code = "other"
    #expect(try Details(try await update(world, edit).status()).fields == ["plan.code"])
    edit = plan
    edit.price = Money(currencyCode: "USD", units: 1)
    let price = try await update(world, edit, mask: ["price"]).status()
    #expect(try Details(price).fields == ["plan.setup_fee.currency_code"])
    let both = try await update(world, edit).status()
    #expect(try Details(both).fields == ["plan.setup_fee.currency_code"])
    edit.setupFee = Money(currencyCode: "USD", units: 1)
    #expect(try await update(world, edit, mask: ["price", "setup_fee"]).get().plan?.version == 2)
    edit.id = 0
    #expect(try Details(try await update(world, edit).status()).fields == ["plan.id"])
    edit.id = 99
    edit.etag = ""
    #expect(try await update(world, edit).status().message == "Plan not found")
  }

  @Test("a stale etag is ABORTED, a current or empty one is not")
  func etags() async throws {
    let world = try await World()
    let first = try await world.create(.sample())
    let second = try #require(try await update(world, first).get().plan)
    for status in [
      try await update(world, first).status(),
      try await delete(world, first.id, etag: first.etag).status(),
      try await delete(world, first.id, etag: "nonsense").status(),
    ] {
      #expect(status.code == .aborted)
      #expect(try Details(status).reason == "ETAG_MISMATCH")
    }
    var unguarded = second
    unguarded.etag = ""
    let third = try #require(try await update(world, unguarded).get().plan)
    #expect(third.version == 3)
    _ = try await delete(world, third.id, etag: third.etag).get()
    #expect(try await world.get(first.id).status().code == .notFound)
  }

  @Test("a plan at the last version that can be counted is not updated any more")
  func lastVersion() async throws {
    let world = try await World()
    try await world.store.write { transaction in
      var plan = PlanRecord.blank(at: Instant(nanosecondsSinceEpoch: 0))
      plan.id = try transaction.nextPlanID()
      plan.code = "old"
      plan.version = .max
      try transaction.insert(plan)
    }
    var plan = Plan.sample()
    plan.id = 1
    let status = try await update(world, plan).status()
    #expect(status.code == .failedPrecondition)
    let details = try Details(status)
    #expect(details.reason == "PLAN_VERSIONS_EXHAUSTED")
    #expect(details.precondition?.violations.map(\.subject) == ["plans/1"])
    #expect(try await world.get(1).get().plan?.version == .max)
  }

  @Test("names and features are printable and not blank; descriptions may have lines and tabs")
  func texts() async throws {
    let world = try await World()
    let bad = [
      "a\nb", "a\tb", "a\u{7}", "a\u{202e}b", "a\u{2028}b", "a\u{0}", " ", "\u{3000}\u{a0}",
    ]
    for text in bad {
      var plan = Plan.sample(code: "c", name: text)
      plan.features = ["ok", text]
      let details = try Details(try await create(world, plan).status())
      #expect(details.fields == ["plan.features[1]", "plan.name"], "\(text.debugDescription)")
    }
    for text in ["a\rb", "a\u{202e}b", "a\u{0}"] {
      var plan = Plan.sample()
      plan.description = text
      #expect(try Details(try await create(world, plan).status()).fields == ["plan.description"])
    }
    var plan = Plan.sample(code: "good", name: " Größe 漢字 👍🏽 ")
    plan.description = " \n\tTwo lines,\n\tand a tab. "
    plan.features = ["- é"]
    let written = try await world.create(plan)
    #expect(written.name == plan.name && written.description == plan.description)
    plan.id = written.id
    plan.name = "a\u{202e}b"
    #expect(
      try Details(try await update(world, plan, mask: ["name"]).status()).fields == ["plan.name"])
  }

  @Test("DeletePlan is refused while packages are on any version, naming ten and the count")
  func planInUse() async throws {
    let world = try await World()
    let plan = try await world.create(.sample(code: "basic"))
    _ = try await update(world, plan).get()
    try await world.store.write { transaction in
      for number in 10..<22 {
        try transaction.insert(
          Sample.hostingPackage(UInt128(number), planID: plan.id),
          passwordHash: Sample.passwordHash)
      }
    }
    let status = try await delete(world, plan.id).status()
    #expect(status.code == .failedPrecondition)
    #expect(status.message.contains("12"))
    let details = try Details(status)
    #expect(details.reason == "PLAN_IN_USE")
    #expect(details.info?.metadata["package_count"] == "12")
    let violations = try #require(details.precondition?.violations)
    #expect(
      violations.map(\.subject)
        == (10..<20 as Range<UInt128>).map { "package-\(ULID(value: $0).text)" })
    #expect(violations.allSatisfy { $0.type == "PLAN_IN_USE" })
    #expect(try await world.get(plan.id).get().plan?.version == 2)
  }

  @Test("DeletePlan removes the plan with its history; its id is never given again")
  func deletes() async throws {
    let world = try await World()
    let plan = try await world.create(.sample(code: "basic"))
    _ = try await delete(world, plan.id).get()
    #expect(try await delete(world, plan.id).status().message == "Plan not found")
    #expect(try Details(try await delete(world, 0).status()).fields == ["id"])
    var history = ListPlanVersionsRequest()
    history.planID = plan.id
    let versions: World.Reply<ListPlanVersionsResponse> = try await world.call(
      .listPlanVersions, history)
    #expect(versions.status().code == .notFound)
    let again = try await world.create(.sample(code: "basic"))
    #expect(again.id == 2 && again.etag != plan.etag)
  }
}
