internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("SellerPackageSeed")
struct SellerPackageSeedTests {
  private func packages(_ world: World) async throws -> [SellerPackage] {
    try await world.listSellerPackages(showInactive: true, as: .admin).get().sellerPackages
  }

  private static let features = [
    ["Standard listings", "Sales overview", "Email support"],
    [
      "Standard listings", "Featured listings", "Sales overview", "Sales statistics",
      "Priority support",
    ],
    [
      "Standard listings", "Featured listings", "Listings on the front page", "Sales overview",
      "Sales statistics", "Bulk upload", "Personal support",
    ],
  ]

  @Test("an empty store starts with three packages, on sale", arguments: StoreKind.allCases)
  func plants(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      for store in [store, RerunningStore(MemoryStore())] as [any Store] {
        let world = try await World(store: store)
        try await world.services.seed()
        let packages = try await packages(world)
        #expect(packages.map(\.id) == [1, 2, 3])
        #expect(packages.map(\.name) == ["Basic Seller", "Professional Seller", "Premium Seller"])
        #expect(
          packages.map(\.price)
            == [9, 24, 49].map {
              Money(currencyCode: "USD", units: $0, nanos: 990_000_000)
            })
        #expect(packages.map(\.durationDays) == [30, 30, 30])
        #expect(
          packages.map(\.listingLimit) == [10, 30, 100].map { Quota(Quota.Kind.limit($0)) })
        #expect(
          packages.map(\.description) == [
            "For who sells now and then.", "For who sells regularly.",
            "For who sells for a living.",
          ])
        #expect(packages.map(\.features) == Self.features)
        #expect(packages.allSatisfy { $0.isActive })
        // Five plans, and these.
        let audited = try await store.read {
          try AuditChain.verify(partition: "catalogue", in: $0)
        }
        #expect(audited == 8)
      }
    }
  }

  @Test("the packages pass the rules that an Admin's must pass")
  func valid() async throws {
    let world = try await World()
    #expect(try await world.services.seedSellerPackages())
    for package in try await packages(world) {
      let reply: World.Reply<UpdateSellerPackageResponse> = try await world.call(
        .updateSellerPackage, UpdateSellerPackageRequest(package))
      #expect(try reply.get().sellerPackage?.features == package.features)
    }
  }

  @Test("a store that was given its plans before gets them too, once")
  func later() async throws {
    let world = try await World()
    #expect(try await world.services.seedCatalogue())
    #expect(try await packages(world).isEmpty)
    try await world.services.seed()
    #expect(try await packages(world).count == 3)
    for id in 1...3 as ClosedRange<Int64> {
      let reply: World.Reply<DeleteSellerPackageResponse> = try await world.call(
        .deleteSellerPackage, DeleteSellerPackageRequest(id))
      _ = try reply.get()
    }
    #expect(try await !world.services.seedSellerPackages())
    try await world.services.seed()
    #expect(try await packages(world).isEmpty)
  }

  @Test("a store that has packages of its own is left alone, then and later")
  func notEmpty() async throws {
    let world = try await World()
    var own = SellerPackage.sample("Own")
    own.isActive = false
    let package = try await world.createSellerPackage(own)
    #expect(try await !world.services.seedSellerPackages())
    let reply: World.Reply<DeleteSellerPackageResponse> = try await world.call(
      .deleteSellerPackage, DeleteSellerPackageRequest(package.id))
    _ = try reply.get()
    #expect(try await !world.services.seedSellerPackages())
    #expect(try await packages(world).isEmpty)
  }
}
