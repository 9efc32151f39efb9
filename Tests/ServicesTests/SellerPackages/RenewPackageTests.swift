internal import API
internal import Storage
internal import Testing

@testable internal import Services

@Suite(.timeLimit(.minutes(10))) struct RenewPackageTests {
  private static let day: Int64 = 86_400

  @Test("a renewal adds the package's duration to the end, at its present price and terms")
  func renewal() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    let bought = try await fixture.purchase(PurchasePackageRequest(package.id))
    try await fixture.store.write { transaction in
      var next = package
      next.price = MinorUnits(currencyCode: "USD", count: 1299).money
      next.listingLimit = .limit(20)
      next.features = ["more"]
      next.revision += 1
      try transaction.update(next)
    }
    fixture.clock.advance(seconds: 10 * Self.day)
    let renewed = try await fixture.renew(RenewPackageRequest(bought.id))
    #expect(renewed.id == bought.id && renewed.startTime == bought.startTime)
    #expect(renewed.endTime?.seconds == bought.endTime.map { $0.seconds + 30 * Self.day })
    #expect(renewed.amountCharged == Money(currencyCode: "USD", units: 12, nanos: 990_000_000))
    #expect(renewed.listingLimit == Quota(Quota.Kind.limit(20)) && renewed.features == ["more"])
    #expect(renewed.receiptNumber == "A-000002" && renewed.etag != bought.etag)
    #expect(renewed.transactionID != bought.transactionID)
    let books = try await fixture.books()
    let purchase = try #require(books.purchases.first)
    #expect(purchase.periods.count == 2 && purchase.periods[1].start == purchase.periods[0].end)
    #expect(books.receipts[1].startTime == purchase.periods[1].start)
    #expect(books.receipts[1].endTime == purchase.endTime)
    // Both prices count in a credit: 20 of 30 days of one, all of the other.
    let premium = try await fixture.add("P", price: 9999)
    let credit = try await fixture.quote(premium.id).credit
    #expect(credit == Money(currencyCode: "USD", units: 19, nanos: 650_000_000))
  }

  @Test("what has ended goes on from now")
  func late() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    let bought = try await fixture.purchase(PurchasePackageRequest(package.id))
    fixture.clock.advance(seconds: 100 * Self.day)
    let renewed = try await fixture.renew(RenewPackageRequest(bought.id))
    #expect(renewed.isActive)
    #expect(renewed.endTime == Timestamp(fixture.clock.time.adding(seconds: 30 * Self.day)))
    #expect(try await fixture.books().purchases[0].periods.count == 1)
  }

  @Test("only the caller's own newest purchase can be renewed")
  func whose() async throws {
    let fixture = SellerFixture()
    let (basic, premium) = (try await fixture.add(), try await fixture.add("P"))
    let first = try await fixture.give(basic)
    for (id, user) in [(99, "10"), (first.id, "11")] as [(Int64, String)] {
      await #expect(throws: SellerPackageRefusal.purchaseNotFound(id: id)) {
        try await fixture.renew(RenewPackageRequest(id), user: user)
      }
    }
    try await fixture.give(premium)
    await #expect(throws: SellerPackageRefusal.purchaseNotCurrent(id: first.id)) {
      try await fixture.renew(RenewPackageRequest(first.id))
    }
    fixture.clock.advance(seconds: 100 * Self.day)
    await #expect(throws: SellerPackageRefusal.purchaseNotCurrent(id: first.id)) {
      try await fixture.renew(RenewPackageRequest(first.id))
    }
    await #expect(throws: Refusal.self) { try await fixture.renew(RenewPackageRequest(0)) }
  }

  @Test("a package that is not on sale, has another currency or too few listings is not renewed")
  func changedPackage() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    let purchase = try await fixture.give(package)
    func change(_ change: @escaping @Sendable (inout SellerPackageRecord) -> Void) async throws {
      try await fixture.store.write { transaction in
        var next = package
        change(&next)
        try transaction.update(next)
      }
    }
    try await change { $0.isActive = false }
    await #expect(throws: SellerPackageRefusal.packageNotFound(id: package.id)) {
      try await fixture.renew(RenewPackageRequest(purchase.id))
    }
    try await change { $0.price.currencyCode = "EUR" }
    await #expect(throws: SellerPackageRefusal.otherCurrency(current: "USD", new: "EUR")) {
      try await fixture.renew(RenewPackageRequest(purchase.id))
    }
    try await fixture.take("a", of: purchase, for: nil)
    try await change { $0.listingLimit = .limit(0) }
    await #expect(throws: SellerPackageRefusal.listingsExceedLimit(used: 1, limit: 0)) {
      try await fixture.renew(RenewPackageRequest(purchase.id))
    }
    try await change { $0.listingLimit = .limit(1) }
    #expect(try await fixture.renew(RenewPackageRequest(purchase.id)).listingsUsed == 1)
  }

  @Test("not further ahead than 3,660 days")
  func far() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add(days: 1830)
    let purchase = try await fixture.give(package)
    fixture.clock.advance(seconds: -1)
    await #expect(throws: SellerPackageRefusal.renewedTooFar(days: 3660)) {
      try await fixture.renew(RenewPackageRequest(purchase.id))
    }
    fixture.clock.advance(seconds: 1)
    _ = try await fixture.renew(RenewPackageRequest(purchase.id))
    await #expect(throws: SellerPackageRefusal.renewedTooFar(days: 3660)) {
      try await fixture.renew(RenewPackageRequest(purchase.id))
    }
  }

  @Test("a renewal is replayed, and a dry one changes nothing")
  func replay() async throws {
    let gateway = ScriptedGateway()
    let fixture = SellerFixture { _, _ in gateway }
    let purchase = try await fixture.give(try await fixture.add())
    let dry = try await fixture.renew(RenewPackageRequest(purchase.id, validateOnly: true))
    #expect(dry.id == purchase.id && dry.endTime != Timestamp(purchase.endTime))
    #expect(try await fixture.books().purchases == [purchase])
    let request = RenewPackageRequest(purchase.id, requestID: "r")
    let caller = fixture.caller(.renewPackage, sending: request)
    let first = try await fixture.service.renewPackage(request, caller)
    let second = try await fixture.service.renewPackage(request, caller)
    #expect(second.isReplay && first.bytes == second.bytes && gateway.calls == 1)
  }

  @Test("racing renewals are each charged once, one after the other, and each adds its time")
  func racing() async throws {
    let gateway = ScriptedGateway { try? await Task.sleep(for: .milliseconds(1)) }
    let fixture = SellerFixture { _, _ in gateway }
    let purchase = try await fixture.give(try await fixture.add())
    let done = await withTaskGroup(of: Int64.self) { group in
      for _ in 0..<32 {
        group.addTask {
          (try? await fixture.renew(RenewPackageRequest(purchase.id))) == nil ? 0 : 1
        }
      }
      return await group.reduce(0, +)
    }
    #expect(done >= 1 && gateway.calls == Int(done))
    let renewed = try #require(try await fixture.books().purchases.first)
    #expect(renewed.endTime == purchase.endTime.adding(seconds: done * 30 * Self.day))
    #expect(try await fixture.books().receipts.count == Int(done))
  }

  @Test("listings that are begun while a renewal with fewer is being paid undo it")
  func undone() async throws {
    let (opened, door) = AsyncStream.makeStream(of: Void.self)
    let (begun, inside) = AsyncStream.makeStream(of: Void.self)
    let gateway = ScriptedGateway {
      inside.finish()
      for await _ in opened {}
    }
    let fixture = SellerFixture { _, _ in gateway }
    let package = try await fixture.add(listings: .limit(5))
    let purchase = try await fixture.give(package)
    try await fixture.store.write { transaction in
      var next = package
      next.listingLimit = .limit(1)
      try transaction.update(next)
    }
    let call = Task { try await fixture.renew(RenewPackageRequest(purchase.id)) }
    for await _ in begun {}
    for listing in ["a", "b"] { try await fixture.take(listing, of: purchase, for: nil) }
    door.finish()
    await #expect(throws: PaymentRefusal.returned) { try await call.value }
    #expect(gateway.charges.isEmpty && gateway.refunds == 1)
    let books = try await fixture.books()
    #expect(books.open.isEmpty && books.receipts.isEmpty && books.purchases == [purchase])
  }
}
