internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Domains of different accounts")
struct HeldDomainsTests {
  /// A package of `account` with these domains.
  private func create(
    _ world: World, _ domains: [String], account: String
  ) async throws -> World.Reply<CreatePackageResponse> {
    var package = HostingPackage.sample("user-\(domains[0].filter { $0 != "." })")
    package.domainName = domains[0]
    package.extraDomainNames = Array(domains.dropFirst())
    return try await world.call(.createPackage, CreatePackageRequest(package), account: account)
  }

  private func created(
    _ world: World, _ domains: [String], account: String
  ) async throws -> HostingPackage {
    try #require(try await create(world, domains, account: account).get().hostingPackage)
  }

  private func expectTaken<Response: Message>(
    _ reply: World.Reply<Response>, _ resource: String, _ texts: String...
  ) throws {
    let status = reply.status()
    #expect(status.code == .alreadyExists)
    let details = try Details(status)
    #expect(details.reason == "DOMAIN_TAKEN")
    #expect(details.resource?.resourceName == "domains/\(resource)")
    for text in texts { #expect(status.message.contains(text)) }
  }

  @Test("nobody gets a domain below another account's", arguments: StoreKind.allCases)
  func below(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      _ = try await world.create(.sample(code: "basic"))
      _ = try await created(world, ["example.com"], account: "one")
      for domains in [
        ["shop.example.com"], ["a.b.example.com"], ["free.example", "www.example.com"],
      ] {
        try expectTaken(
          try await create(world, domains, account: "two"), "example.com",
          "lies in \"example.com\"")
      }
      // Its own account does, and whatever only looks like it is free.
      _ = try await created(world, ["shop.example.com"], account: "one")
      _ = try await created(world, ["my-example.com", "example.com.example"], account: "two")
    }
  }

  @Test("nobody gets a domain above another account's", arguments: StoreKind.allCases)
  func above(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      _ = try await world.create(.sample(code: "basic"))
      let shop = try await created(world, ["a.shop.example.com"], account: "two")
      for domain in ["example.com", "shop.example.com"] {
        let reply = try await create(world, [domain], account: "one")
        try expectTaken(reply, domain, "below \"\(domain)\"")
        // Whose it is, and what it is called, is not told.
        #expect(!reply.status().message.contains("a.shop"))
      }
      let gone: World.Reply<DeletePackageResponse> = try await world.call(
        .deletePackage, DeletePackageRequest(shop.id), account: "two")
      _ = try gone.get()
      _ = try await created(world, ["example.com"], account: "one")
      // It was given away meanwhile.
      let back: World.Reply<UndeletePackageResponse> = try await world.call(
        .undeletePackage, UndeletePackageRequest(shop.id), account: "two")
      try expectTaken(back, "example.com", "lies in")
    }
  }

  @Test("accounts are told apart by their bytes", arguments: StoreKind.allCases)
  func exactAccounts(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      _ = try await world.create(.sample(code: "basic"))
      _ = try await created(world, ["b.example.com"], account: "caf\u{e9}")
      let below = try await create(world, ["a.b.example.com"], account: "cafe\u{301}")
      try expectTaken(below, "b.example.com", "lies in")
      let above = try await create(world, ["example.com"], account: "cafe\u{301}")
      try expectTaken(above, "example.com", "below")
    }
  }

  @Test(
    "an update is refused for what it adds, not for what was there", arguments: StoreKind.allCases)
  func updates(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      _ = try await world.create(.sample(code: "basic"))
      _ = try await created(world, ["example.com"], account: "one")
      var mine = try await created(world, ["mine.example"], account: "two")
      let id = try #require(PackageID.parse(mine.id))
      mine.extraDomainNames = ["shop.example.com"]
      let refused: World.Reply<UpdatePackageResponse> = try await world.call(
        .updatePackage, UpdatePackageRequest(mine), account: "two")
      try expectTaken(refused, "example.com", "shop.example.com")
      // From before there was this rule.
      try await store.write { transaction in
        guard var record = try transaction.hostingPackage(id)?.record else { return }
        record.extraDomainNames = ["shop.example.com"]
        record.revision += 1
        try transaction.update(record)
      }
      mine.etag = ""
      mine.name = "Renamed"
      let renamed: World.Reply<UpdatePackageResponse> = try await world.call(
        .updatePackage, UpdatePackageRequest(mine), account: "two")
      #expect(try renamed.get().hostingPackage?.extraDomainNames == ["shop.example.com"])
    }
  }
}
