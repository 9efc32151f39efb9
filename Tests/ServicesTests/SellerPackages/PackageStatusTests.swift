internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("GetPackageStatus")
struct PackageStatusTests {
  private func limit(_ count: Int64) -> Quota { Quota(Quota.Kind.limit(count)) }

  @Test("what is left of the current package is told", arguments: StoreKind.allCases)
  func details(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let start = fixture.clock.time
      let purchase = try await fixture.give(
        try await fixture.add(listings: .limit(10), features: ["a", "b"]))
      try await fixture.take("one", of: purchase, for: nil)
      try await fixture.take("two", of: purchase, for: 3600)
      fixture.clock.advance(seconds: 5 * 86_400 - 1000)
      try await fixture.take("three", of: purchase, for: 3600)
      fixture.clock.advance(seconds: 1000)
      let status = try await fixture.status()
      var details = SellerPackageStatus()
      details.purchaseID = purchase.id
      details.packageID = 1
      details.packageName = "Basic Seller"
      details.startTime = Timestamp(start)
      details.endTime = Timestamp(start.adding(seconds: 30 * 86_400))
      details.daysLeft = 25
      details.listingLimit = limit(10)
      // The second one's hold has expired, and nobody has deleted it.
      details.listingsUsed = 2
      details.listingsRemaining = limit(8)
      details.features = ["a", "b"]
      #expect(status == GetPackageStatusResponse(hasActivePackage: true, details: details))
    }
  }

  @Test("without a current package there are no details", arguments: StoreKind.allCases)
  func none(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let nothing = GetPackageStatusResponse(hasActivePackage: false, details: nil)
      #expect(try await fixture.status() == nothing)
      try await fixture.give(try await fixture.add())
      #expect(try await fixture.status(user: "20") == nothing)
      fixture.clock.advance(seconds: 30 * 86_400 - 1)
      #expect(try await fixture.status().details?.daysLeft == 1)
      fixture.clock.advance(seconds: 1)
      #expect(try await fixture.status() == nothing)
      #expect(try fixture.cachedStatus() == nothing)
      // Set back, the clock finds it as it was.
      fixture.clock.advance(seconds: -1)
      #expect(try await fixture.status().hasActivePackage)
    }
  }

  @Test("what is left of no limit is no limit; beyond one, nothing")
  func remaining() async throws {
    let fixture = SellerFixture()
    var purchase = try await fixture.give(try await fixture.add(listings: .unlimited))
    try await fixture.take("a", of: purchase, for: nil)
    try await fixture.take("b", of: purchase, for: nil)
    let unlimited = try #require(try await fixture.status().details)
    #expect(unlimited.listingsUsed == 2)
    #expect(unlimited.listingsRemaining == Quota(Quota.Kind.unlimited(true)))
    purchase.listingLimit = .limit(1)
    let smaller = purchase
    try await fixture.store.write { try $0.update(smaller) }
    let over = try #require(try await fixture.status().details)
    #expect(over.listingsUsed == 2 && over.listingsRemaining == limit(0))
  }

  @Test("what the store knows is answered at once, as it is now", arguments: StoreKind.allCases)
  func cache(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let purchase = try await fixture.give(try await fixture.add())
      fixture.clock.advance(seconds: 1000)
      let first = try await fixture.status()
      #expect(first.details?.daysLeft == 30)
      #expect(try fixture.cachedStatus() == first)
      #expect(fixture.kept != nil)
      // To the last second of its day, and back to its first.
      fixture.clock.advance(seconds: 86_400 - 1001)
      #expect(try fixture.cachedStatus() == first && fixture.kept != nil)
      fixture.clock.advance(seconds: -86_399)
      #expect(try fixture.cachedStatus() == first && fixture.kept != nil)
      fixture.clock.advance(seconds: 86_400)
      #expect(fixture.kept == nil)
      #expect(try fixture.cachedStatus()?.details?.daysLeft == 29)
      #expect(try await fixture.status().details?.daysLeft == 29)
      // A change of the slots is seen at once.
      try await fixture.take("a", of: purchase, for: 60)
      #expect(fixture.kept == nil)
      let held = try await fixture.status()
      #expect(held.details?.listingsUsed == 1)
      #expect(try fixture.cachedStatus() == held)
      fixture.clock.advance(seconds: 59)
      #expect(try fixture.cachedStatus() == held && fixture.kept != nil)
      // So is the end of a hold, which only the store can count.
      fixture.clock.advance(seconds: 1)
      #expect(try fixture.cachedStatus() == nil)
      #expect(try await fixture.status().details?.listingsUsed == 0)
      #expect(try fixture.cachedStatus() == nil)
      // And another purchase, and its end.
      let next = try await fixture.give(try await fixture.add("Next", days: 1))
      #expect(try await fixture.status().details?.purchaseID == next.id)
      #expect(try fixture.cachedStatus()?.details?.purchaseID == next.id)
      fixture.clock.advance(seconds: 86_400)
      #expect(try fixture.cachedStatus()?.hasActivePackage == false)
    }
  }

  @Test("what is kept of one user is not another's, and is answered without a task")
  func users() async throws {
    let world = try await World()
    let fixture = SellerFixture(store: world.store, clock: world.clock)
    let package = try await fixture.add()
    try await fixture.give(package, to: "10")
    try await fixture.give(package, to: "20")
    for user in ["10", "20", "10", "20"] {
      let reply: World.Reply<GetPackageStatusResponse> = try await world.call(
        .getPackageStatus, GetPackageStatusRequest(), as: .seller, user: user)
      #expect(try reply.get().details?.purchaseID == (user == "10" ? 1 : 2))
      #expect(reply.isImmediate)
    }
  }
}

extension SellerFixture {
  /// The encoded answer that is kept and holds now.
  fileprivate var kept: [UInt8]? {
    store.cachedEntitlement(of: "10")?.response(.packageStatus, at: clock.time)
  }
}
