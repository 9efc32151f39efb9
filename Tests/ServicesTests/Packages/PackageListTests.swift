internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("GetPackage and ListPackages")
struct PackageListTests {
  private func list(
    _ world: World, as role: Role = .admin, user: String = "10", account: String? = nil,
    _ fill: (inout ListPackagesRequest) -> Void = { _ in }
  ) async throws -> World.Reply<ListPackagesResponse> {
    var request = ListPackagesRequest()
    fill(&request)
    return try await world.call(.listPackages, request, as: role, user: user, account: account)
  }

  private func names(_ reply: World.Reply<ListPackagesResponse>) throws -> [String] {
    try reply.get().hostingPackages.map(\.username)
  }

  /// All pages, one behind the other.
  private func all(
    _ world: World, size: Int32, _ fill: (inout ListPackagesRequest) -> Void = { _ in }
  ) async throws -> (names: [String], pages: Int) {
    var names: [String] = []
    var token = ""
    var pages = 0
    repeat {
      let page = try await list(world) {
        fill(&$0)
        $0.pageSize = size
        $0.pageToken = token
      }.get()
      names += page.hostingPackages.map(\.username)
      token = page.nextPageToken
      pages += 1
    } while !token.isEmpty && pages < 1000
    return (names, pages)
  }

  @Test("packages are listed newest first, page by page, each once and as GetPackage shows it")
  func pages() async throws {
    let world = try await World()
    for number in 0..<7 { _ = try await world.package("app\(number)") }
    _ = try await world.package("theirs", account: "acme")
    let expected = (0..<7).reversed().map { "app\($0)" }
    for (size, pages) in [(1, 7), (3, 3), (7, 1), (50, 1), (5000, 1)] {
      let found = try await all(world, size: Int32(size))
      #expect(found.names == expected && found.pages == pages)
    }
    let listed = try await list(world).get().hostingPackages
    for package in listed {
      #expect(try await world.getPackage(package.id).get().hostingPackage == package)
    }
    // What comes meanwhile does not move what is still to come.
    let first = try await list(world) { $0.pageSize = 3 }.get()
    _ = try await world.package("late")
    let next = try await list(world) { $0.pageToken = first.nextPageToken }
    #expect(try names(next) == ["app3", "app2", "app1", "app0"])
  }

  @Test("each filter keeps what it should, alone and together")
  func filters() async throws {
    let world = try await World()
    _ = try await world.package("alpha", stackUsers: ["u", "v"])
    _ = try await world.package("beta", type: "wide", stackUsers: ["v"])
    let gamma = try await world.package("gamma")
    let delta = try await world.package("delta", stackUsers: ["u"])
    let suspended: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(gamma.id, .admin))
    _ = try suspended.get()
    let deleted: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(delta.id))
    _ = try deleted.get()
    let cases: [([String], (inout ListPackagesRequest) -> Void)] = [
      (["gamma", "beta", "alpha"], { _ in }),
      (["delta", "gamma", "beta", "alpha"], { $0.showDeleted = true }),
      (["beta", "alpha"], { $0.status = .active }),
      (["gamma"], { $0.status = .suspended }),
      (
        ["delta"],
        {
          $0.status = .deleted; $0.showDeleted = true
        }
      ),
      (["beta"], { $0.packageType = "wide" }),
      ([], { $0.packageType = "no such" }),
      (["beta"], { $0.domainContains = "ETA.ex" }),
      (["gamma", "beta", "alpha"], { $0.domainContains = "." }),
      ([], { $0.domainContains = "delta" }),
      (["alpha"], { $0.stackUser = "u" }),
      (["beta", "alpha"], { $0.stackUser = "v" }),
      (
        ["alpha"],
        {
          $0.stackUser = "v"; $0.packageType = "basic"
        }
      ),
      (
        ["delta", "alpha"],
        {
          $0.stackUser = "u"; $0.showDeleted = true
        }
      ),
    ]
    for (expected, fill) in cases {
      #expect(try names(try await list(world, fill)) == expected)
      #expect(try await all(world, size: 1, fill).names == expected)
    }
  }

  @Test("a bad request is told field by field, a token of another query among it")
  func invalid() async throws {
    let world = try await World()
    for number in 0..<3 { _ = try await world.package("app\(number)") }
    let reply = try await list(world) {
      $0.pageSize = -1
      $0.pageToken = "x"
      $0.status = HostingPackageStatus(rawValue: 9)
      $0.packageType = String(repeating: "x", count: 65)
      $0.domainContains = String(repeating: "x", count: 254)
      $0.stackUser = "a\u{0}"
    }
    #expect(
      try Details(reply.status()).fields == [
        "domain_contains", "package_type", "page_size", "page_token", "stack_user", "status",
      ])
    let hidden = try await list(world) { $0.status = .deleted }
    #expect(try Details(hidden.status()).fields == ["status"])
    let token = try await list(world) { $0.pageSize = 1 }.get().nextPageToken
    let others: [(inout ListPackagesRequest) -> Void] = [
      { $0.status = .active }, { $0.packageType = "basic" }, { $0.domainContains = "p" },
      { $0.stackUser = "u" }, { $0.showDeleted = true },
    ]
    for other in others {
      let reply = try await list(world) {
        other(&$0)
        $0.pageToken = token
      }
      #expect(try Details(reply.status()).fields == ["page_token"])
    }
    let theirs = try await list(world, account: "acme") { $0.pageToken = token }
    #expect(try Details(theirs.status()).fields == ["page_token"])
    let position = PageToken.encode(
      .text("x"), of: PageToken.Query(PackageMethod.listPackages.path))
    let forged = try await list(world) { $0.pageToken = position }
    #expect(try Details(forged.status()).fields == ["page_token"])
  }

  @Test("a page looks at no more than it may, and says where to go on")
  func scanning() async throws {
    let world = try await World()
    let first = try await world.package("needle")
    let record = try #require(try await world.record(first))
    let count = Limits.maxScannedPackages + 10
    try await world.store.write { transaction in
      for number in 0..<count {
        var package = record
        package.id = ULID(value: record.id.value + UInt128(number) + 1)
        package.domainName = "hay\(number).example"
        package.username = "hay\(number)"
        try transaction.insert(package, passwordHash: "")
      }
    }
    let page = try await list(world) { $0.domainContains = "needle" }.get()
    #expect(page.hostingPackages.isEmpty && !page.nextPageToken.isEmpty)
    let found = try await all(world, size: 50) { $0.domainContains = "needle" }
    #expect(found.names == ["needle"] && found.pages == 2)
    let everything = try await all(world, size: 1000)
    #expect(everything.names.count == count + 1 && everything.pages == 3)
  }

  @Test("a page ends before it outgrows a message, and goes on with the next package")
  func bytes() async throws {
    let world = try await World()
    let first = try await world.package("large")
    var record = try #require(try await world.record(first))
    for number in 0..<60 {
      record.configuration.custom["k\(number)"] = String(repeating: "漢", count: 1024)
    }
    try await world.store.write { [record] transaction in
      for number in 0..<40 {
        var package = record
        package.id = ULID(value: record.id.value + UInt128(number) + 1)
        package.domainName = "large\(number).example"
        package.username = "large\(number)"
        try transaction.insert(package, passwordHash: "")
      }
    }
    let reply = try await list(world) { $0.pageSize = 100 }
    #expect(reply.bytes.count <= Limits.maxPageBytes + 100)
    #expect(try reply.get().hostingPackages.count < 20)
    let found = try await all(world, size: 100)
    #expect(found.names == (0..<40).reversed().map { "large\($0)" } + ["large"])
  }

  @Test("GetPackage answers at once once it was read, with the package as it is now")
  func cached() async throws {
    let world = try await World()
    let package = try await world.package()
    _ = try await world.getPackage(package.id).get()
    let cached = try await world.getPackage(package.id)
    #expect(cached.isImmediate)
    #expect(try cached.get().hostingPackage == package)
    let suspended: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .admin))
    let now = try #require(try suspended.get().hostingPackage)
    #expect(try await world.getPackage(package.id).get().hostingPackage == now)
  }

  @Test(
    "what is no package's id is NOT_FOUND; an empty one is a fault",
    arguments: [
      "x", "package-", "package-0", "package-01ARZ3NDEKTSV4RRFFQ69G5FAV",
      "resource-01ARZ3NDEKTSV4RRFFQ69G5FAV", "package-01arz3ndektsv4rrffq69g5fav", "\u{0}",
    ])
  func ids(id: String) async throws {
    let world = try await World()
    let status = try await world.getPackage(id).status()
    #expect(status.code == .notFound && status.message == "Package not found")
    #expect(try Details(status).reason == "PACKAGE_NOT_FOUND")
    #expect(try Details(try await world.getPackage("").status()).fields == ["id"])
  }
}
