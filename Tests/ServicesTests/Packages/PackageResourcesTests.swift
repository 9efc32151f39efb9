internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("PackageService resources")
struct PackageResourcesTests {
  /// A package that may have two mailboxes, one database, and any number of the rest.
  private func world(
    _ store: any Store = MemoryStore()
  ) async throws -> (World, HostingPackage) {
    let world = try await World(store: store)
    var plan = Plan.sample(code: "basic")
    plan.emailAccounts = Quota(Quota.Kind.limit(2))
    plan.databases = Quota(Quota.Kind.limit(1))
    _ = try await world.create(plan)
    return (world, try await world.package())
  }

  @Test("an attached resource is what was asked for, with what the server sets")
  func attach() async throws {
    let (world, package) = try await world()
    var resource = PackageResource(.mailbox, "Info@Site.Example")
    resource.id = "resource-x"
    resource.packageID = "package-x"
    resource.createTime = Timestamp(seconds: 1)
    resource.etag = "x"
    let attached = try await world.attach(resource, to: package).get()
    #expect(attached.id.hasPrefix("resource-") && attached.id.count == 35)
    #expect(attached.packageID == package.id)
    #expect(attached.kind == .mailbox && attached.name == "info@site.example")
    #expect(attached.createTime == Timestamp(seconds: 1_767_225_600))
    #expect(attached.etag.count == 11)
    #expect(try await world.resources(of: package) == [attached])
  }

  @Test("attaching and detaching are writes of the package")
  func packageMoves() async throws {
    let (world, package) = try await world()
    let resource = try await world.attach(.backup, "a", to: package).get()
    let attached = try #require(try await world.getPackage(package.id).get().hostingPackage)
    #expect(attached.etag != package.etag)
    world.clock.advance(seconds: 9)
    _ = try await world.detach(resource).get()
    let detached = try #require(try await world.getPackage(package.id).get().hostingPackage)
    #expect(![package.etag, attached.etag].contains(detached.etag))
    #expect(detached.updateTime == Timestamp(world.clock.time))
  }

  @Test("a kind and a name are attached once; another kind may have the same name")
  func taken() async throws {
    let (world, package) = try await world()
    _ = try await world.attach(.backup, "monday", to: package).get()
    let status = try await world.attach(.backup, "monday", to: package).status()
    #expect(status.code == .alreadyExists)
    #expect(try Details(status).reason == "RESOURCE_TAKEN")
    _ = try await world.attach(.database, "monday", to: package).get()
    #expect(try await world.resources(of: package).count == 2)
  }

  @Test("the plan's limits count mailboxes and databases, and nothing else")
  func limits() async throws {
    let (world, package) = try await world()
    for name in ["a", "b"] {
      _ = try await world.attach(.mailbox, "\(name)@site.example", to: package).get()
    }
    let mailbox = try await world.attach(.mailbox, "c@site.example", to: package).status()
    #expect(mailbox.code == .resourceExhausted)
    #expect(try Details(mailbox).reason == "RESOURCE_LIMIT_EXCEEDED")
    #expect(mailbox.message.contains("email_accounts is 2"))
    _ = try await world.attach(.database, "a", to: package).get()
    let database = try await world.attach(.database, "b", to: package).status()
    #expect(database.message.contains("databases is 1"))
    for number in 0..<5 {
      _ = try await world.attach(.backup, "backup \(number)", to: package).get()
    }
    #expect(try await world.resources(of: package).count == 8)
  }

  @Test("a detached resource gives its place back, and is not found again")
  func detach() async throws {
    let (world, package) = try await world()
    let resource = try await world.attach(.database, "a", to: package).get()
    _ = try await world.detach(resource).get()
    let again = try await world.detach(resource).status()
    #expect(again.code == .notFound)
    #expect(try Details(again).reason == "RESOURCE_NOT_FOUND")
    let next = try await world.attach(.database, "a", to: package).get()
    #expect(next.id != resource.id && next.etag != resource.etag)
    #expect(try await world.resources(of: package) == [next])
  }

  @Test("a detach needs the resource's own etag or none, and its own package")
  func detachGuards() async throws {
    let (world, package) = try await world()
    let other = try await world.package("other")
    var resource = try await world.attach(.database, "a", to: package).get()
    var request = DetachResourceRequest(resource)
    request.etag = "stale"
    let stale: World.Reply<DetachResourceResponse> = try await world.call(
      .detachResource, request)
    #expect(stale.status().code == .aborted)
    #expect(try Details(stale.status()).reason == "ETAG_MISMATCH")
    resource.packageID = other.id
    #expect(try await world.detach(resource).status().code == .notFound)
    for id in ["", "resource-", "resource-" + String(repeating: "0", count: 26), other.id] {
      request.resourceID = id
      let reply: World.Reply<DetachResourceResponse> = try await world.call(
        .detachResource, request)
      #expect(reply.status().code == (id.isEmpty ? .invalidArgument : .notFound))
    }
    #expect(try await world.resources(of: package).count == 1)
  }

  @Test("a suspended package is attached to, a deleted one is not")
  func states() async throws {
    let (world, package) = try await world()
    let suspended: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .billing))
    _ = try suspended.get()
    let resource = try await world.attach(.database, "a", to: package).get()
    _ = try await world.detach(resource).get()
    _ = try await world.attach(.backup, "b", to: package).get()
    let deleted: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(package.id, force: true))
    _ = try deleted.get()
    for status in [
      try await world.attach(.database, "a", to: package).status(),
      try await world.detach(resource).status(),
    ] {
      #expect(status.code == .failedPrecondition)
      #expect(try Details(status).reason == "PACKAGE_DELETED")
    }
    #expect(try await world.resources(of: package).isEmpty)
  }

  @Test(
    "attaching is blocked while more is used than the plan allows, where it says so",
    arguments: [PlanRecord.Overuse.notify, .block, .suspend])
  func overuse(policy: PlanRecord.Overuse) async throws {
    let (world, package) = try await world()
    let id = try #require(PackageID.parse(package.id))
    try await world.store.write { transaction in
      // The version that the package is on, with its policy.
      let plan = try #require(try transaction.plan(.code("basic")))
      var next = plan
      next.version += 1
      next.diskSpaceOveruse = policy
      try transaction.update(next)
      var moved = try #require(try transaction.hostingPackage(id)).record
      moved.planVersion = next.version
      try transaction.update(moved)
      let limit: Int64 = 1024 * 1_048_576
      try transaction.setDiskScan(
        DiskScanRecord(
          packageID: id, scanTime: world.clock.time, totalBytes: limit + 1, totalFiles: 1),
        content: [])
    }
    let reply = try await world.attach(.backup, "a", to: package)
    guard policy == .block else {
      _ = try reply.get()
      return
    }
    #expect(reply.status().code == .failedPrecondition)
    let details = try Details(reply.status())
    #expect(details.reason == "OVERUSE_BLOCKED")
    #expect(
      details.precondition?.violations.map(\.subject) == [
        "packages/\(package.id)/disk_space_mb"
      ])
    try await world.store.write { transaction in
      try transaction.setDiskScan(
        DiskScanRecord(
          packageID: id, scanTime: world.clock.time, totalBytes: 1, totalFiles: 1), content: [])
    }
    _ = try await world.attach(.backup, "a", to: package).get()
  }

  @Test("what is wrong with a request is told at once, with what only the package can tell")
  func violations() async throws {
    let (world, package) = try await world()
    var request = AttachResourceRequest()
    let empty: World.Reply<AttachResourceResponse> = try await world.call(
      .attachResource, request)
    #expect(try Details(empty.status()).fields == ["package_id", "resource"])
    request.packageID = package.id
    request.resource = PackageResource(.mailbox, "info@other.example")
    request.requestID = "a\u{7}"
    let reply: World.Reply<AttachResourceResponse> = try await world.call(
      .attachResource, request)
    #expect(reply.status().code == .invalidArgument)
    #expect(try Details(reply.status()).fields == ["request_id", "resource.name"])
  }

  @Test("a retry gets the first answer, and validate_only attaches nothing")
  func replay() async throws {
    let (world, package) = try await world()
    var request = AttachResourceRequest()
    request.packageID = package.id
    request.resource = PackageResource(.database, "a")
    request.validateOnly = true
    let dry: World.Reply<AttachResourceResponse> = try await world.call(.attachResource, request)
    #expect(try dry.get().resource?.name == "a")
    #expect(try await world.resources(of: package).isEmpty)
    request.validateOnly = false
    request.requestID = "r-1"
    let first: World.Reply<AttachResourceResponse> = try await world.call(
      .attachResource, request)
    let second: World.Reply<AttachResourceResponse> = try await world.call(
      .attachResource, request)
    #expect(!first.isReplay && second.isReplay)
    #expect(first.bytes == second.bytes && !first.bytes.isEmpty)
    request.resource?.name = "b"
    let other: World.Reply<AttachResourceResponse> = try await world.call(
      .attachResource, request)
    #expect(try Details(other.status()).reason == "IDEMPOTENCY_MISMATCH")
    #expect(try await world.resources(of: package).count == 1)
  }

  @Test("each attach and detach has its audit record and its change")
  func traces() async throws {
    let (world, package) = try await world()
    let resource = try await world.attach(.database, "a", to: package).get()
    _ = try await world.detach(resource).get()
    let (audit, changes) = try await world.store.read { transaction in
      (
        try transaction.auditRecords(partition: "account/default", after: 1, limit: 10),
        try transaction.packageChanges(accountID: "default", after: 1, limit: 10)
      )
    }
    let name = "packages/\(package.id)/resources/\(resource.id)"
    #expect(audit.map(\.resource) == [name, name])
    #expect(audit.map(\.beforeETag) == ["", resource.etag])
    #expect(audit.map(\.afterETag) == [resource.etag, ""])
    #expect(changes.map(\.kind) == [.updated, .updated])
  }

  @Test("a list is in the order of attaching, paged, by kind if asked for")
  func list() async throws {
    let (world, package) = try await world()
    var expected: [PackageResource] = []
    for number in 0..<7 {
      let kind: ResourceKind = number.isMultiple(of: 2) ? .backup : .sslCertificate
      expected.append(
        try await world.attach(kind, "b\(number).site.example", to: package).get())
    }
    for size in [1, 2, 3, 7, 50] as [Int32] {
      #expect(try await world.resources(of: package, size: size) == expected)
      #expect(
        try await world.resources(of: package, kind: .backup, size: size)
          == expected.filter { $0.kind == .backup })
    }
  }

  @Test("a page token is good for its own package and kind alone")
  func listToken() async throws {
    let (world, package) = try await world()
    let other = try await world.package("other")
    for name in ["a", "b"] { _ = try await world.attach(.backup, name, to: package).get() }
    var request = ListResourcesRequest()
    request.packageID = package.id
    request.pageSize = 1
    let first: World.Reply<ListResourcesResponse> = try await world.call(.listResources, request)
    request.pageToken = try first.get().nextPageToken
    #expect(!request.pageToken.isEmpty)
    var otherKind = request
    otherKind.kind = .backup
    var otherPackage = request
    otherPackage.packageID = other.id
    for request in [otherKind, otherPackage] {
      let reply: World.Reply<ListResourcesResponse> = try await world.call(
        .listResources, request)
      #expect(try Details(reply.status()).fields == ["page_token"])
    }
    request.pageSize = -1
    request.kind = ResourceKind(rawValue: 9)
    request.packageID = ""
    let wrong: World.Reply<ListResourcesResponse> = try await world.call(.listResources, request)
    #expect(
      try Details(wrong.status()).fields == ["kind", "package_id", "page_size", "page_token"])
  }

  @Test("64 racing callers never get more than the limit", arguments: StoreKind.allCases)
  func race(kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let (world, package) = try await world(store)
      let codes = await withTaskGroup(of: Status.Code?.self) { group in
        for number in 0..<64 {
          group.addTask {
            let reply = try? await world.attach(
              .mailbox, "m\(number)@site.example", to: package)
            guard let reply else { return nil }
            if case .failure(let status) = reply { return status.code }
            return .ok
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.count { $0 == .ok } == 2)
      #expect(codes.count { $0 == .resourceExhausted } == 62)
      #expect(try await world.resources(of: package).count == 2)
    }
  }
}
