internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("Seller packages kept by Admins")
struct SellerPackageAdminTests {
  private func create(
    _ world: World, _ package: SellerPackage?
  ) async throws -> World.Reply<CreateSellerPackageResponse> {
    try await world.call(.createSellerPackage, CreateSellerPackageRequest(package))
  }

  private func update(
    _ world: World, _ package: SellerPackage?, mask: [String]? = nil
  ) async throws -> World.Reply<UpdateSellerPackageResponse> {
    try await world.call(.updateSellerPackage, UpdateSellerPackageRequest(package, mask: mask))
  }

  private func delete(
    _ world: World, _ request: DeleteSellerPackageRequest
  ) async throws -> World.Reply<DeleteSellerPackageResponse> {
    try await world.call(.deleteSellerPackage, request)
  }

  @Test("a package is written as it was sent, and what the server sets is the server's")
  func create() async throws {
    for store in [MemoryStore(), RerunningStore(MemoryStore())] as [any Store] {
      let world = try await World(store: store)
      var package = SellerPackage.sample()
      package.id = 77
      package.etag = "x"
      package.createTime = Timestamp(seconds: 1)
      package.updateTime = Timestamp(seconds: 2)
      let written = try await world.createSellerPackage(package)
      var expected = SellerPackage.sample()
      expected.id = 1
      expected.createTime = Timestamp(seconds: 1_767_225_600)
      expected.updateTime = expected.createTime
      expected.etag = written.etag
      #expect(written == expected && written.etag != "x" && !written.etag.isEmpty)
      #expect(try await world.getSellerPackage(1).get().sellerPackage == written)
      let second = try await world.createSellerPackage(.sample("Other"))
      #expect(second.id == 2 && second.etag != written.etag)
    }
  }

  @Test("a taken name is ALREADY_EXISTS, to whom it is given newly or anew")
  func nameTaken() async throws {
    let world = try await World()
    _ = try await world.createSellerPackage(.sample("A"))
    var second = try await world.createSellerPackage(.sample("B"))
    second.name = "A"
    for status in [
      try await create(world, .sample("A")).status(), try await update(world, second).status(),
    ] {
      #expect(status.code == .alreadyExists)
      #expect(status.message == "A seller package named \"A\" exists")
      let details = try Details(status)
      #expect(details.reason == "SELLER_PACKAGE_NAME_TAKEN")
      #expect(details.resource?.resourceType == "packd.v1.SellerPackage")
      #expect(details.resource?.resourceName == "sellerPackages/1")
    }
    // Its own name is not taken from it, nor is one whose bytes are others.
    second.name = "B"
    #expect(try await update(world, second).get().sellerPackage?.name == "B")
    _ = try await world.createSellerPackage(.sample("Caf\u{e9}"))
    #expect(try await world.createSellerPackage(.sample("Cafe\u{301}")).id == 4)
  }

  @Test("every bad field of a package is named, all at once")
  func invalid() async throws {
    let world = try await World()
    #expect(try Details(try await create(world, nil).status()).fields == ["seller_package"])
    #expect(
      try Details(try await create(world, SellerPackage()).status()).fields == [
        "seller_package.duration_days", "seller_package.listing_limit", "seller_package.name",
        "seller_package.price",
      ])
    var package = SellerPackage.sample(String(repeating: "é", count: 121))
    package.description = String(repeating: "x", count: 2001)
    package.price = Money(currencyCode: "usd", units: -1, nanos: 1_000_000_000)
    package.durationDays = 3661
    package.listingLimit = Quota(Quota.Kind.limit(-1))
    package.features = ["", "ok", String(repeating: "x", count: 201), "a\u{0}b"]
    let request = CreateSellerPackageRequest(package, requestID: "a\u{7}b")
    let reply: World.Reply<CreateSellerPackageResponse> = try await world.call(
      .createSellerPackage, request)
    let expected = [
      "request_id", "seller_package.description", "seller_package.duration_days",
      "seller_package.features[0]", "seller_package.features[2]", "seller_package.features[3]",
      "seller_package.listing_limit.limit", "seller_package.name",
      "seller_package.price.currency_code", "seller_package.price.nanos",
      "seller_package.price.units",
    ]
    #expect(reply.status().code == .invalidArgument)
    #expect(try Details(reply.status()).fields == expected)
    package.id = 0
    package.etag = String(repeating: "e", count: 65)
    let edit: World.Reply<UpdateSellerPackageResponse> = try await world.call(
      .updateSellerPackage, UpdateSellerPackageRequest(package, requestID: "a\u{7}b"))
    #expect(
      try Details(edit.status()).fields
        == (expected + ["seller_package.id", "seller_package.etag"]).sorted())
    for days: Int32 in [0, -1, .min, .max] {
      var package = SellerPackage.sample()
      package.durationDays = days
      #expect(
        try Details(try await create(world, package).status()).fields
          == ["seller_package.duration_days"])
    }
  }

  @Test("a price is what can be charged: a whole number of the currency's smallest unit")
  func price() async throws {
    let world = try await World()
    let cases: [(String, Int64, Int32, Bool)] = [
      ("USD", 9, 990_000_000, true), ("USD", 0, 0, true), ("USD", 0, 10_000_000, true),
      ("USD", 9, 995_000_000, false), ("USD", 0, 1, false), ("JPY", 1200, 0, true),
      ("JPY", 1200, 500_000_000, false), ("KWD", 1, 5_000_000, true),
      ("KWD", 1, 500_000, false), ("USD", .max / 100, 70_000_000, true), ("JPY", .max, 0, true),
      ("USD", .max / 100, 80_000_000, false), ("USD", .max, 0, false),
    ]
    for (number, (currency, units, nanos, isValid)) in cases.enumerated() {
      var package = SellerPackage.sample("Package \(number)")
      package.price = Money(currencyCode: currency, units: units, nanos: nanos)
      let reply = try await create(world, package)
      if isValid {
        #expect(try reply.get().sellerPackage?.price == package.price, "\(currency) \(units)")
      } else {
        #expect(try Details(reply.status()).fields == ["seller_package.price"])
      }
    }
    var package = SellerPackage.sample("Dear")
    package.price = Money(currencyCode: "USD", units: .max, nanos: 0)
    let violations = try Details(try await create(world, package).status()).badRequest
    #expect(violations?.fieldViolations.map(\.description) == ["is too large"])
  }

  @Test("the largest package that is allowed is taken, and pages of such end early")
  func limits() async throws {
    let world = try await World()
    for number in 0..<80 {
      var package = SellerPackage.sample("\(number)" + String(repeating: "漢", count: 118))
      package.description = String(repeating: "漢", count: 2000)
      package.features = Array(repeating: String(repeating: "漢", count: 200), count: 64)
      package.listingLimit = Quota(Quota.Kind.limit(.max))
      package.durationDays = 3660
      let written = try await world.createSellerPackage(package)
      #expect(written.features == package.features && written.description == package.description)
    }
    let sizes = try await everyPage { token in
      let page = try await world.listSellerPackages(pageSize: 1000, token: token)
      #expect(page.bytes.count <= Limits.maxPageBytes + 64 * 1024)
      return ([try page.get().sellerPackages.count], try page.get().nextPageToken)
    }
    #expect(sizes.reduce(0, +) == 80 && sizes.count > 1 && !sizes.contains(0))
  }

  @Test("an update writes the fields that its mask names, and all without one")
  func masks() async throws {
    for mask in [nil, [], ["*"], ["name", "*"]] as [[String]?] {
      let world = try await World()
      let first = try await world.createSellerPackage(.sample())
      world.clock.advance(seconds: 5)
      var edit = SellerPackage.sample("New")
      edit.id = first.id
      edit.description = ""
      edit.price = Money(currencyCode: "EUR", units: 5)
      edit.durationDays = 7
      edit.listingLimit = Quota(Quota.Kind.unlimited(true))
      edit.features = []
      edit.isActive = false
      let second = try #require(try await update(world, edit, mask: mask).get().sellerPackage)
      edit.createTime = first.createTime
      edit.updateTime = Timestamp(seconds: 1_767_225_605)
      edit.etag = second.etag
      #expect(second == edit && second.etag != first.etag)
      #expect(try await world.getSellerPackage(first.id).get().sellerPackage == second)
    }
    for (field, change) in Self.changes {
      let world = try await World()
      let first = try await world.createSellerPackage(.sample())
      var all = SellerPackage.sample("New")
      for (_, change) in Self.changes { change(&all) }
      all.id = first.id
      let second = try #require(
        try await update(world, all, mask: [field, field]).get().sellerPackage)
      var expected = first
      change(&expected)
      expected.etag = second.etag
      #expect(second == expected, "\(field)")
    }
    #expect(Self.changes.map(\.0) == SellerPackageField.allCases.map(\.rawValue))
  }

  private static let changes: [(String, @Sendable (inout SellerPackage) -> Void)] = [
    ("name", { $0.name = "New" }), ("description", { $0.description = "" }),
    ("price", { $0.price = Money(currencyCode: "EUR", units: 5) }),
    ("duration_days", { $0.durationDays = 7 }),
    ("listing_limit", { $0.listingLimit = Quota(Quota.Kind.unlimited(true)) }),
    ("features", { $0.features = [] }), ("is_active", { $0.isActive = false }),
  ]

  @Test("a mask names what clients set, and is not longer than it need be")
  func badMasks() async throws {
    let world = try await World()
    let package = try await world.createSellerPackage(.sample())
    func description(_ mask: [String]) async throws -> String? {
      let details = try Details(try await update(world, package, mask: mask).status())
      #expect(details.fields == ["update_mask"])
      return details.badRequest?.fieldViolations.first?.description
    }
    #expect(try await description(["id", "name", "id"]) == "\"id\" is set by the server")
    #expect(try await description(["etag", "*"]) == "\"etag\" is set by the server")
    #expect(
      try await description(["price.units", "x"]) == "unknown path \"price.units\" and 1 more")
    #expect(
      try await description(Array(repeating: "name", count: 33)) == "must be at most 32 paths")
    #expect(try await world.getSellerPackage(1).get().sellerPackage == package)
    // What the mask does not name is not looked at.
    var unnamed = SellerPackage()
    unnamed.id = 1
    unnamed.name = "New"
    #expect(
      try await update(world, unnamed, mask: ["name"]).get().sellerPackage?.durationDays == 30)
  }

  @Test("an etag that is not current is ABORTED, and none is not asked for")
  func etags() async throws {
    let world = try await World()
    let first = try await world.createSellerPackage(.sample())
    let second = try #require(try await update(world, first).get().sellerPackage)
    for status in [
      try await update(world, first).status(),
      try await delete(world, DeleteSellerPackageRequest(1, etag: first.etag)).status(),
      try await delete(world, DeleteSellerPackageRequest(1, etag: "nonsense")).status(),
    ] {
      #expect(status.code == .aborted)
      let details = try Details(status)
      #expect(details.reason == "ETAG_MISMATCH")
      #expect(details.resource?.resourceName == "sellerPackages/1")
    }
    var unguarded = second
    unguarded.etag = ""
    let third = try #require(try await update(world, unguarded).get().sellerPackage)
    #expect(third.etag != second.etag && third.etag != first.etag)
    _ = try await delete(world, DeleteSellerPackageRequest(1, etag: third.etag)).get()
    #expect(try await world.getSellerPackage(1).status().code == .notFound)
  }

  @Test("a package is deleted unless it is current for any user", arguments: StoreKind.allCases)
  func delete(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      let fixture = SellerFixture(store: store, clock: world.clock)
      let (basic, pro) = (try await fixture.add(days: 1), try await fixture.add("Pro", days: 2))
      try await fixture.give(basic, to: "20")
      try await fixture.give(basic, to: "10")
      try await fixture.give(pro, to: "10")
      for (validatesOnly, id) in [(false, basic.id), (true, basic.id), (false, pro.id)] {
        let request = DeleteSellerPackageRequest(id, validateOnly: validatesOnly)
        let status = try await delete(world, request).status()
        #expect(status.code == .failedPrecondition)
        let details = try Details(status)
        #expect(details.reason == "SELLER_PACKAGE_IN_USE")
        #expect(details.precondition?.violations.map(\.subject) == ["sellerPackages/\(id)"])
      }
      world.clock.advance(seconds: 86_400)
      _ = try await delete(world, DeleteSellerPackageRequest(basic.id, validateOnly: true)).get()
      _ = try await world.getSellerPackage(basic.id).get()
      _ = try await delete(world, DeleteSellerPackageRequest(basic.id)).get()
      #expect(try await world.getSellerPackage(basic.id).status().code == .notFound)
      for id in [basic.id, 99] {
        let status = try await delete(world, DeleteSellerPackageRequest(id)).status()
        #expect(status.code == .notFound && status.message == "Package not found")
        var package = SellerPackage.sample("Else")
        package.id = id
        #expect(try await update(world, package).status().code == .notFound)
      }
      #expect(
        try Details(try await delete(world, DeleteSellerPackageRequest(0)).status()).fields
          == ["id"])
      // Who bought it keeps it, and no other package gets its id.
      #expect(try await fixture.myPackages(user: "20").purchases.map(\.packageID) == [basic.id])
      #expect(try await world.createSellerPackage(.sample()).id == 3)
    }
  }

  @Test("what was bought keeps its terms when the package changes")
  func terms() async throws {
    let world = try await World()
    let fixture = SellerFixture(store: world.store, clock: world.clock)
    try await fixture.give(try await fixture.add())
    let before = try await fixture.status()
    var package = SellerPackage.sample("New")
    package.id = 1
    package.listingLimit = Quota(Quota.Kind.limit(1))
    package.features = []
    package.durationDays = 1
    _ = try await update(world, package).get()
    #expect(try await fixture.status() == before)
  }

  @Test("a retry gets the first answer; validate_only answers so and writes nothing")
  func replay() async throws {
    let world = try await World()
    let create = CreateSellerPackageRequest(.sample(), requestID: "c")
    let first: World.Reply<CreateSellerPackageResponse> = try await world.call(
      .createSellerPackage, create)
    let again: World.Reply<CreateSellerPackageResponse> = try await world.call(
      .createSellerPackage, create)
    #expect(again.isReplay && again.bytes == first.bytes)
    let trial: World.Reply<CreateSellerPackageResponse> = try await world.call(
      .createSellerPackage, CreateSellerPackageRequest(.sample("Other"), validateOnly: true))
    #expect(try trial.get().sellerPackage?.name == "Other")
    let package = try #require(try first.get().sellerPackage)
    var edit = package
    edit.name = "Edited"
    let update: World.Reply<UpdateSellerPackageResponse> = try await world.call(
      .updateSellerPackage, UpdateSellerPackageRequest(edit, validateOnly: true))
    #expect(try update.get().sellerPackage?.name == "Edited")
    #expect(
      try await world.listSellerPackages().get().sellerPackages == [package])
  }

  @Test("each change is in the catalogue's audit chain")
  func audit() async throws {
    let world = try await World()
    let first = try await world.createSellerPackage(.sample())
    let second = try #require(try await update(world, first).get().sellerPackage)
    _ = try await delete(world, DeleteSellerPackageRequest(1, requestID: "d")).get()
    let records = try await world.store.read { transaction in
      #expect(try AuditChain.verify(partition: "catalogue", in: transaction) == 3)
      return try transaction.auditRecords(partition: "catalogue", after: 0, limit: 10)
    }
    #expect(records.map(\.resource) == Array(repeating: "sellerPackages/1", count: 3))
    #expect(records.map(\.beforeETag) == ["", first.etag, second.etag])
    #expect(records.map(\.afterETag) == [first.etag, second.etag, ""])
    #expect(records.map(\.actor) == Array(repeating: "default/10", count: 3))
    #expect(records.last?.requestID == "d")
  }
}
