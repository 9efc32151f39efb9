internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("CreatePackage")
struct PackageCreateTests {
  private func create(
    _ world: World, _ request: CreatePackageRequest, as role: Role = .admin,
    account: String? = nil
  ) async throws -> World.Reply<CreatePackageResponse> {
    try await world.call(.createPackage, request, as: role, account: account)
  }

  private func world(
    store: any Store = MemoryStore(), packages: PackageSettings = PackageSettings()
  ) async throws -> World {
    let world = try await World(store: store, packages: packages)
    _ = try await world.create(.sample(code: "basic"))
    return world
  }

  @Test("a new package is active, configured, on its plan's version; the server's fields are its")
  func created() async throws {
    let world = try await world()
    let plan = try #require(try await world.get(1).get().plan)
    _ =
      try await world.call(.updatePlan, UpdatePlanRequest(plan)) as World.Reply<UpdatePlanResponse>
    var package = HostingPackage.sample()
    package.domainName = "BÜCHER.example"
    package.extraDomainNames = ["www.bücher.example", "Other.example"]
    package.documentRoots = ["other.EXAMPLE": "other", "bücher.example": "web/root"]
    package.stackUsers = ["zoe", "adam"]
    package.id = "package-x"
    package.accountID = "theirs"
    package.planID = 77
    package.planVersion = 7
    package.status = .deleted
    package.etag = "x"
    package.deleteTime = Timestamp(seconds: 1)
    package.configuration = PackageConfiguration()
    let reply = try await create(world, CreatePackageRequest(package), as: .sales, account: "acme")
    let made = try #require(try reply.get().hostingPackage)
    #expect(made.id.hasPrefix("package-") && made.id.utf8.count == 34)
    #expect(made.accountID == "acme" && made.name == "xn--bcher-kva.example")
    #expect(made.domainName == "xn--bcher-kva.example")
    #expect(made.extraDomainNames == ["www.xn--bcher-kva.example", "other.example"])
    #expect(
      made.documentRoots == ["other.example": "other", "xn--bcher-kva.example": "web/root"])
    #expect(made.packageType == "basic" && made.planID == 1 && made.planVersion == 2)
    #expect(made.status == .active && made.suspensions.isEmpty)
    #expect(made.username == "site" && made.stackUsers == ["adam", "zoe"])
    #expect(made.createTime == Timestamp(seconds: 1_767_225_600))
    #expect(made.updateTime == made.createTime)
    #expect(made.deleteTime == nil && made.purgeTime == nil && made.etag.utf8.count == 11)
    let configuration = try #require(made.configuration)
    #expect(configuration.phpVersion == "8.3" && configuration.phpMemoryLimitMB == 128)
    #expect(configuration.phpMaxExecutionTimeS == 30 && configuration.phpUploadMaxMB == 32)
    #expect(configuration.sslEnabled && configuration.forceHTTPS && configuration.http2Enabled)
    #expect(configuration.backupEnabled && configuration.custom == [:])
    #expect(configuration.etag != made.etag && configuration.etag.utf8.count == 11)
    let kept = try await world.getPackage(made.id, account: "acme").get()
    #expect(kept.hostingPackage == made)
  }

  @Test("every fault is named, all at once")
  func invalid() async throws {
    let world = try await world()
    #expect(
      try Details(try await create(world, CreatePackageRequest(nil)).status()).fields
        == ["hosting_package"])
    #expect(
      try Details(
        try await create(world, CreatePackageRequest(HostingPackage(), password: "")).status()
      ).fields == [
        "hosting_package.domain_name", "hosting_package.package_type", "hosting_package.username",
        "password",
      ])
    var package = HostingPackage.sample("site", type: "unknown")
    package.name = String(repeating: "x", count: 121)
    package.extraDomainNames = ["ok.example", "-bad.example", "OK.example", "site.example"]
    package.documentRoots = ["site.example": "../x", "not-mine.example": "x", "a b": "x"]
    package.username = "Root"
    package.stackUsers = ["a", "", "a", "b\u{0}"]
    let request = CreatePackageRequest(
      package, password: "short", requestID: String(repeating: "x", count: 129))
    let status = try await create(world, request).status()
    #expect(status.code == .invalidArgument)
    #expect(
      try Details(status).fields == [
        "hosting_package.document_roots[\"a b\"]",
        "hosting_package.document_roots[\"not-mine.example\"]",
        "hosting_package.document_roots[\"site.example\"]",
        "hosting_package.extra_domain_names[1]", "hosting_package.extra_domain_names[2]",
        "hosting_package.extra_domain_names[3]", "hosting_package.name",
        "hosting_package.package_type", "hosting_package.stack_users[1]",
        "hosting_package.stack_users[2]", "hosting_package.stack_users[3]",
        "hosting_package.username", "password", "request_id",
      ])
    var many = HostingPackage.sample()
    many.extraDomainNames = (0...100).map { "d\($0).example" }
    many.stackUsers = (0...100).map { "u\($0)" }
    for number in 0...101 { many.documentRoots["d\(number).example"] = "x" }
    #expect(
      try Details(try await create(world, CreatePackageRequest(many)).status()).fields == [
        "hosting_package.document_roots", "hosting_package.extra_domain_names",
        "hosting_package.stack_users",
      ])
  }

  @Test("the largest package that is allowed is taken, and comes back whole")
  func largest() async throws {
    let world = try await world()
    var package = HostingPackage.sample()
    package.name = String(repeating: "👍🏽", count: 60)
    package.username = "a" + String(repeating: "_", count: 31)
    let label = String(repeating: "x", count: 61)
    package.extraDomainNames = (0..<100).map { "\($0).\(label).\(label).\(label).example" }
    for domain in package.extraDomainNames + [package.domainName] {
      package.documentRoots[domain] = String(repeating: "漢", count: 255)
    }
    package.stackUsers = (0..<100).map { number in
      (number < 10 ? "0" : "") + "\(number)" + String(repeating: "é", count: 126)
    }
    let password = String(repeating: "é", count: 256)
    let reply = try await create(world, CreatePackageRequest(package, password: password))
    let made = try #require(try reply.get().hostingPackage)
    #expect(made.extraDomainNames == package.extraDomainNames && made.name == package.name)
    #expect(made.documentRoots == package.documentRoots && made.stackUsers == package.stackUsers)
  }

  @Test("an unknown or inactive type is INVALID_ARGUMENT on its field", arguments: ["gone", "old"])
  func unknownType(type: String) async throws {
    let world = try await world()
    var old = Plan.sample(code: "old")
    old.isActive = false
    _ = try await world.create(old)
    let reply = try await create(world, CreatePackageRequest(.sample(type: type)))
    #expect(reply.status().code == .invalidArgument)
    #expect(try Details(reply.status()).fields == ["hosting_package.package_type"])
  }

  @Test("a taken domain and a taken username are ALREADY_EXISTS and named, domains first")
  func taken() async throws {
    let world = try await world()
    var first = HostingPackage.sample("first")
    first.extraDomainNames = ["shared.example"]
    _ = try await create(world, CreatePackageRequest(first), account: "acme").get()
    for taken in ["first.example", "SHARED.example"] {
      var package = HostingPackage.sample("first")
      package.domainName = "free.example"
      package.extraDomainNames = ["also-free.example", taken]
      let status = try await create(world, CreatePackageRequest(package)).status()
      #expect(status.code == .alreadyExists)
      let details = try Details(status)
      #expect(details.reason == "DOMAIN_TAKEN")
      #expect(details.resource?.resourceName == "domains/" + taken.lowercased())
      #expect(status.message.contains(taken.lowercased()))
    }
    var package = HostingPackage.sample("first")
    package.domainName = "free.example"
    let status = try await create(world, CreatePackageRequest(package)).status()
    #expect(status.code == .alreadyExists)
    #expect(try Details(status).reason == "USERNAME_TAKEN")
    #expect(try Details(status).resource?.resourceName == "usernames/first")
  }

  @Test("an account takes as many packages as it may, deleted ones not counted")
  func quota() async throws {
    var settings = PackageSettings()
    settings.maxPackagesPerAccount = 2
    let world = try await world(packages: settings)
    let first = try await world.package("aaa")
    _ = try await world.package("bbb")
    let status = try await create(world, CreatePackageRequest(.sample("ccc"))).status()
    #expect(status.code == .resourceExhausted)
    let details = try Details(status)
    #expect(details.reason == "PACKAGE_QUOTA_EXCEEDED")
    #expect(details.quota?.violations.map(\.subject) == ["accounts/default"])
    _ = try await create(world, CreatePackageRequest(.sample("ccc")), account: "acme").get()
    let deleted: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(first.id))
    _ = try deleted.get()
    _ = try await create(world, CreatePackageRequest(.sample("ddd"))).get()
    let back: World.Reply<UndeletePackageResponse> = try await world.call(
      .undeletePackage, UndeletePackageRequest(first.id))
    #expect(try Details(back.status()).reason == "PACKAGE_QUOTA_EXCEEDED")
  }

  @Test("a retry gets the first answer; with another password it is another request")
  func replay() async throws {
    let world = try await world()
    var package = HostingPackage.sample()
    package.extraDomainNames = ["a.example", "b.example"]
    package.documentRoots = ["a.example": "a", "b.example": "b"]
    let request = CreatePackageRequest(package, requestID: "r")
    let first = try await create(world, request)
    #expect(!first.isReplay)
    let second = try await create(world, request)
    #expect(second.isReplay && second.bytes == first.bytes)
    var other = request
    other.password = "another long password"
    #expect(try Details(try await create(world, other).status()).reason == "IDEMPOTENCY_MISMATCH")
    other = request
    other.hostingPackage?.name = "Other"
    #expect(try Details(try await create(world, other).status()).reason == "IDEMPOTENCY_MISMATCH")
    // Encoders write a map in any order.
    let entries = [("b.example", "b"), ("a.example", "a")].flatMap { key, value in
      let entry = [0x0a, UInt8(key.utf8.count)] + key.utf8 + [0x12, 1] + value.utf8
      return [0x32, UInt8(entry.count)] + entry
    }
    package.documentRoots = [:]
    let body = package.encoded() + entries
    var rest = request
    rest.hostingPackage = nil
    let bytes = [0x0a, UInt8(body.count)] + body + rest.encoded()
    let reordered: World.Reply<CreatePackageResponse> = try await world.call(
      path: PackageMethod.createPackage.path, bytes: bytes,
      authorization: world.authorization(.admin))
    #expect(reordered.isReplay && reordered.bytes == first.bytes)
  }

  @Test("racing retries make one package, racing others of one domain make one too")
  func racing() async throws {
    let world = try await world()
    let same = CreatePackageRequest(.sample(), requestID: "r")
    let replies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<20 { group.addTask { try await self.create(world, same).bytes } }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(replies.count == 1)
    let codes = try await withThrowingTaskGroup(of: Status.Code.self) { group in
      // As many as may wait for a password of one account.
      for number in 0..<Limits.maxWaitingCreationsPerAccount {
        group.addTask {
          var package = HostingPackage.sample("racer\(number)")
          package.domainName = "race.example"
          let reply = try await self.create(world, CreatePackageRequest(package))
          guard case .failure(let status) = reply.result else { return .ok }
          return status.code
        }
      }
      return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(codes == [.ok: 1, .alreadyExists: Limits.maxWaitingCreationsPerAccount - 1])
  }

  @Test("no password is hashed for a request that is refused, or only to be validated")
  func hashing() async throws {
    let world = try await world()
    _ = try await world.package("first")
    let started = world.services.passwordCounts.started
    #expect(started == 1)
    let refused = [
      CreatePackageRequest(.sample("first")), CreatePackageRequest(.sample(type: "gone")),
      CreatePackageRequest(.sample(), password: "short"),
    ]
    for request in refused {
      #expect(try await create(world, request).status().code != .ok)
    }
    let dry = try await create(world, CreatePackageRequest(.sample("dry"), validateOnly: true))
    #expect(try dry.get().hostingPackage?.username == "dry")
    #expect(world.services.passwordCounts.started == started)
    // Nothing was written: neither the package nor its names.
    _ = try await create(world, CreatePackageRequest(.sample("dry"))).get()
    #expect(world.services.passwordCounts.started == started + 1)
  }

  @Test("a body that runs twice makes one package, one audit record, one change")
  func rerun() async throws {
    let store = RerunningStore(MemoryStore())
    let world = try await world(store: store)
    let package = try await world.package()
    let (audit, changes) = try await store.read { transaction in
      _ = try AuditChain.verify(partition: "account/default", in: transaction)
      return (
        try transaction.auditRecords(partition: "account/default", after: 0, limit: 10),
        try transaction.packageChanges(accountID: "default", after: 0, limit: 10)
      )
    }
    #expect(audit.map(\.resource) == ["packages/" + package.id])
    #expect(audit.map(\.afterETag) == [package.etag] && audit.map(\.beforeETag) == [""])
    #expect(changes.map(\.kind) == [.created])
    #expect(try changes.map { try HostingPackage(decoding: $0.package) } == [package])
  }
}
