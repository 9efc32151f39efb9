internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("Listing slots")
struct ListingTests {
  private static func refusal(_ body: () async throws -> Void) async throws -> SellerPackageRefusal
  {
    try #require(await #expect(throws: SellerPackageRefusal.self) { try await body() })
  }

  @Test("a slot is held, committed and released", arguments: StoreKind.allCases)
  func lifecycle(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let package = try await fixture.add(listings: .limit(2))
      try await fixture.give(package)
      let held = try await fixture.reserve("a", seconds: 60)
      #expect(held.userID == "10" && held.listingID == "a" && held.state == .held)
      #expect(held.createTime == Timestamp(fixture.clock.time))
      #expect(held.expireTime == Timestamp(fixture.clock.time.adding(seconds: 60)))
      #expect(try await fixture.remaining() == 1)
      let committed = try await fixture.commit("a")
      #expect(committed.state == .committed && committed.expireTime == nil)
      #expect(committed.createTime == held.createTime)
      #expect(try await fixture.commit("a") == committed)
      #expect(try await fixture.reserve("a") == committed)
      #expect(try await fixture.remaining() == 1)
      try await fixture.release("a")
      try await fixture.release("a")
      #expect(try await fixture.remaining() == 2)
      let refusal = try await Self.refusal { _ = try await fixture.commit("a") }
      #expect(refusal == .slotNotFound(listingID: "a"))
    }
  }

  @Test("of 64 who race, as many have a slot as there are", arguments: StoreKind.allCases)
  func race(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      try await fixture.give(try await fixture.add(listings: .limit(10)))
      let outcomes = await withTaskGroup { group in
        for number in 0..<64 {
          group.addTask { await Result { try await fixture.reserve("listing-\(number)") } }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let refusals = outcomes.compactMap { outcome -> SellerPackageRefusal? in
        guard case .failure(let error) = outcome else { return nil }
        return error as? SellerPackageRefusal
      }
      #expect(refusals.count == 54)
      #expect(refusals.allSatisfy { $0 == .listingLimitReached(userID: "10", limit: 10) })
      #expect(try await fixture.remaining() == 0)
    }
  }

  @Test("a hold frees itself when its time is over, and not before", arguments: StoreKind.allCases)
  func expiry(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      try await fixture.give(try await fixture.add(listings: .limit(1)))
      _ = try await fixture.reserve("a", seconds: 60)
      fixture.clock.advance(seconds: 59)
      #expect(try await fixture.remaining() == 0)
      await #expect(throws: SellerPackageRefusal.self) { try await fixture.reserve("b") }
      fixture.clock.advance(seconds: 1)
      #expect(try await fixture.remaining() == 1)
      let refusal = try await Self.refusal { _ = try await fixture.commit("a") }
      #expect(refusal == .slotNotFound(listingID: "a"))
      _ = try await fixture.reserve("b")
      await #expect(throws: SellerPackageRefusal.self) { try await fixture.reserve("a") }
    }
  }

  @Test("a hold that has expired among many is held again", arguments: StoreKind.allCases)
  func manyExpired(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      try await fixture.give(try await fixture.add(listings: .limit(500)))
      let count = Limits.maxExpiredSlotsPerCall + 5
      for number in 0..<count { _ = try await fixture.reserve("l\(number)", seconds: 1) }
      fixture.clock.advance(seconds: 2)
      let slot = try await fixture.reserve("l\(count - 1)")
      #expect(slot.state == .held && slot.createTime == Timestamp(fixture.clock.time))
      #expect(try await fixture.remaining() == 499)
    }
  }

  @Test("reserving again keeps the slot and takes the new expiry")
  func again() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(listings: .limit(1)))
    let first = try await fixture.reserve("a", seconds: 60)
    fixture.clock.advance(seconds: 30)
    let second = try await fixture.reserve("a", seconds: 60)
    #expect(second.createTime == first.createTime)
    #expect(second.expireTime == Timestamp(fixture.clock.time.adding(seconds: 60)))
    fixture.clock.advance(seconds: 45)
    #expect(try await fixture.remaining() == 0)
  }

  @Test(
    "wherever the clock jumps, a slot is given if one is free, and refused if none is",
    arguments: StoreKind.allCases, 1...3 as ClosedRange<UInt64>)
  func clockJumps(_ kind: StoreKind, seed: UInt64) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let purchase = try await fixture.give(try await fixture.add(listings: .limit(3)))
      var numbers = SeededNumbers(seed: seed)
      var given: [String] = []
      for step in 0..<100 {
        let isFree = try await fixture.slots(of: purchase, among: given).held < 3
        let seconds = Int64.random(in: 1...7200, using: &numbers)
        if isFree {
          let slot = try await fixture.reserve("l\(step)", seconds: seconds)
          given.append("l\(step)")
          #expect(slot.expireTime == Timestamp(fixture.clock.time.adding(seconds: seconds)))
        } else {
          await #expect(throws: SellerPackageRefusal.listingLimitReached(userID: "10", limit: 3)) {
            try await fixture.reserve("l\(step)", seconds: seconds)
          }
        }
        // Nor more than three, were the clock set back to before they expired.
        #expect(try await fixture.slots(of: purchase, among: given).kept <= 3, "step \(step)")
        let jump: Int64 = [-1800, 1800, 3600, 1].randomElement(using: &numbers) ?? 0
        // Never before the purchase began, nor beyond its end.
        if (0..<2_000_000).contains(fixture.secondsSinceStart + jump) {
          fixture.clock.advance(seconds: jump)
        }
      }
      #expect((20...80).contains(given.count), "both are seen")
    }
  }

  @Test("another package begins without slots, and does not have those of the one before")
  func newPurchase() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(listings: .limit(5)))
    _ = try await fixture.reserve("a")
    _ = try await fixture.commit("a")
    fixture.clock.advance(seconds: 1)
    try await fixture.give(try await fixture.add("Pro", listings: .limit(7)))
    #expect(try await fixture.remaining() == 7)
    let refusal = try await Self.refusal { _ = try await fixture.commit("a") }
    #expect(refusal == .slotNotFound(listingID: "a"))
  }

  @Test("who has no package, or one that has ended, has no slots")
  func noPackage() async throws {
    let fixture = SellerFixture()
    #expect(
      try await Self.refusal { _ = try await fixture.reserve("a") }
        == .noActivePackage(userID: "10"))
    try await fixture.give(try await fixture.add(days: 1))
    _ = try await fixture.reserve("a", seconds: 86_400)
    fixture.clock.advance(seconds: 86_400)
    #expect(
      try await Self.refusal { _ = try await fixture.reserve("b") }
        == .noActivePackage(userID: "10"))
    #expect(try await fixture.check().isEntitled == false)
    #expect(try await fixture.check().entitlement == nil)
    // So that a renewal does not bring it back.
    try await fixture.release("a")
  }

  @Test("unlimited is unlimited")
  func unlimited() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(listings: .unlimited))
    for number in 0..<300 { _ = try await fixture.reserve("l\(number)", seconds: 1) }
    let entitlement = try #require(try await fixture.check().entitlement)
    #expect(entitlement.listingsRemaining == Quota(Quota.Kind.unlimited(true)))
    fixture.clock.advance(seconds: 5)
    _ = try await fixture.reserve("x")
    let newest = try await fixture.store.read { try $0.entitlement(of: "10") }
    let counts = try #require(newest).slots
    #expect(counts.held == 301 - Int64(Limits.maxExpiredSlotsPerCall))
  }

  @Test("holds that have expired are removed in the background", arguments: StoreKind.allCases)
  func purge(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let purchase = try await fixture.give(try await fixture.add(listings: .unlimited))
      for number in 0..<250 { _ = try await fixture.reserve("l\(number)", seconds: 10) }
      _ = try await fixture.reserve("held", seconds: 11)
      _ = try await fixture.reserve("committed", seconds: 10)
      _ = try await fixture.commit("committed")
      fixture.clock.advance(seconds: 10)
      #expect(try await fixture.service.purgeExpiredHolds() == 250)
      let counts = try await store.read { try $0.listingSlotCounts(of: purchase.id) }
      #expect(counts.held == 1 && counts.committed == 1)
    }
  }

  @Test("a Service asks for anyone, and everyone else for themself")
  func access() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(), to: "20")
    for roles in [RoleSet.seller, .admin, .support, .sales, .stackUser, []] {
      await #expect(throws: Refusal.permissionDenied) {
        try await fixture.reserve("a", of: "20", as: "10", roles: roles)
      }
      await #expect(throws: Refusal.permissionDenied) {
        try await fixture.check(of: "20", as: "10", roles: roles)
      }
      _ = try await fixture.reserve("a", of: "20", as: "20", roles: roles)
    }
    _ = try await fixture.reserve("a", of: "20", as: "10", roles: .service)
    #expect(try await fixture.check(of: "20", as: "10", roles: .service).isEntitled)
  }

  @Test("every field that is wrong is named")
  func fields() async throws {
    let fixture = SellerFixture()
    let error = await #expect(throws: Refusal.self) {
      try await fixture.reserve("", seconds: 0, of: "", as: "10", roles: .service)
    }
    guard case .invalidFields(let violations) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(violations.all.map(\.field) == ["listing_id", "ttl", "user_id"])
    for seconds: Int64 in [-1, 86_401, .max, .min] {
      await #expect(throws: Refusal.self) { try await fixture.reserve("a", seconds: seconds) }
    }
    let long = String(repeating: "l", count: 129)
    await #expect(throws: Refusal.self) { try await fixture.reserve(long) }
    await #expect(throws: Refusal.self) { try await fixture.commit("a\u{1}") }
    await #expect(throws: Refusal.self) { try await fixture.release("") }
  }

  @Test("a retry is told what it was told, and takes no second slot")
  func replay() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(listings: .limit(2)))
    var request = ReserveListingRequest()
    request.userID = "10"
    request.listingID = "a"
    request.ttl = DurationMessage(seconds: 60)
    request.requestID = "r-1"
    let caller = fixture.caller(.reserveListing, sending: request)
    let first = try await fixture.service.reserveListing(request, caller)
    try await fixture.release("a")
    let second = try await fixture.service.reserveListing(request, caller)
    #expect(second.isReplay && second.bytes == first.bytes)
    #expect(try await fixture.remaining() == 2)
  }

  @Test("each change is in the user's audit chain, and what changed nothing is not")
  func audit() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add())
    _ = try await fixture.reserve("a")
    _ = try await fixture.commit("a")
    _ = try await fixture.commit("a")
    try await fixture.release("a")
    try await fixture.release("a")
    let records = try await fixture.store.read {
      try $0.auditRecords(partition: "user/10", after: 0, limit: 10)
    }
    #expect(records.map(\.resource) == Array(repeating: "users/10/listings/a", count: 3))
    #expect(records.map(\.beforeETag.isEmpty) == [true, false, false])
    #expect(records.map(\.afterETag.isEmpty) == [false, false, true])
    #expect(records[0].afterETag == records[1].beforeETag)
    #expect(records[1].afterETag == records[2].beforeETag)
  }

  @Test("a feature is as the package spells it; none asks for any package")
  func features() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(features: ["Caf\u{e9}", "basic"]))
    #expect(try await fixture.check("basic").isEntitled)
    #expect(try await fixture.check("").isEntitled)
    #expect(try await fixture.check("Caf\u{e9}").isEntitled)
    #expect(try await fixture.check("Cafe\u{301}").isEntitled == false)
    let other = try await fixture.check("Basic")
    #expect(other.isEntitled == false && other.entitlement?.features == ["Caf\u{e9}", "basic"])
  }

  @Test("an answer that was kept ends with a slot, with a hold's time, and with the package")
  func keptAnswers() async throws {
    let fixture = SellerFixture()
    try await fixture.give(try await fixture.add(days: 1, listings: .limit(3)))
    #expect(fixture.kept() == nil)
    #expect(try await fixture.remaining() == 3)
    #expect(fixture.kept()?.listingsRemaining == Quota(Quota.Kind.limit(3)))
    _ = try await fixture.reserve("a", seconds: 60)
    #expect(fixture.kept() == nil)
    #expect(try await fixture.remaining() == 2)
    fixture.clock.advance(seconds: 59)
    #expect(fixture.kept()?.listingsRemaining == Quota(Quota.Kind.limit(2)))
    fixture.clock.advance(seconds: 1)
    #expect(fixture.kept() == nil)
    #expect(try await fixture.remaining() == 3)
    try await fixture.release("a")
    #expect(try await fixture.remaining() == 3)
    #expect(fixture.kept() != nil)
    #expect(fixture.kept(as: "20") == nil)
    fixture.clock.advance(seconds: 86_400)
    #expect(fixture.kept() == nil)
  }
}

extension SellerFixture {
  /// Seconds between the test's beginning and now.
  fileprivate var secondsSinceStart: Int64 {
    (clock.time.nanosecondsSinceEpoch - TestClock().time.nanosecondsSinceEpoch) / 1_000_000_000
  }

  /// How many of the listings have a slot in the store, and how many of those have not expired.
  fileprivate func slots(
    of purchase: PurchaseRecord, among listings: [String]
  ) async throws -> (kept: Int, held: Int) {
    let slots = try await store.read { transaction in
      try listings.compactMap { try transaction.listingSlot($0, of: purchase.id) }
    }
    let time = clock.time
    return (slots.count, slots.count { $0.expireTime.map { $0 > time } ?? true })
  }

  @discardableResult
  fileprivate func reserve(
    _ listing: String, seconds: Int64 = 3600, of user: String = "10", as sub: String = "10",
    roles: RoleSet = .seller
  ) async throws -> ListingSlot {
    var request = ReserveListingRequest()
    request.userID = user
    request.listingID = listing
    request.ttl = DurationMessage(seconds: seconds)
    let answer = try await service.reserveListing(
      request, caller(.reserveListing, user: sub, roles: roles))
    return try #require(try ReserveListingResponse(decoding: answer.bytes).slot)
  }

  @discardableResult
  fileprivate func commit(_ listing: String) async throws -> ListingSlot {
    var request = CommitListingRequest()
    request.userID = "10"
    request.listingID = listing
    let answer = try await service.commitListing(request, caller(.commitListing))
    return try #require(try CommitListingResponse(decoding: answer.bytes).slot)
  }

  fileprivate func release(_ listing: String) async throws {
    var request = ReleaseListingRequest()
    request.userID = "10"
    request.listingID = listing
    _ = try await service.releaseListing(request, caller(.releaseListing))
  }

  @discardableResult
  fileprivate func check(
    _ feature: String = "", of user: String = "10", as sub: String = "10",
    roles: RoleSet = .seller
  ) async throws -> CheckEntitlementResponse {
    var request = CheckEntitlementRequest()
    request.userID = user
    request.feature = feature
    let answer = try await service.checkEntitlement(
      request, caller(.checkEntitlement, user: sub, roles: roles))
    return try CheckEntitlementResponse(decoding: answer.bytes)
  }

  /// Slots that are free, of a package with a limit.
  fileprivate func remaining() async throws -> Int64 {
    let quota = try #require(try await check().entitlement?.listingsRemaining?.kind)
    guard case .limit(let limit) = quota else { return .max }
    return limit
  }

  /// The answer that would be given without a task.
  fileprivate func kept(as sub: String = "10") -> Entitlement? {
    var request = CheckEntitlementRequest()
    request.userID = "10"
    let caller = caller(.checkEntitlement, user: sub).principal
    let answer = service.cachedEntitlement(request, caller)
    return answer.flatMap { try? CheckEntitlementResponse(decoding: $0.bytes).entitlement }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
