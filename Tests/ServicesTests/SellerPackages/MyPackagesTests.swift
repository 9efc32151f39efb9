internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("ListMyPackages")
struct MyPackagesTests {
  @Test("a user's purchases are told, newest first, as they are now", arguments: StoreKind.allCases)
  func list(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let basic = try await fixture.add(features: ["f"])
      let pro = try await fixture.add("Pro", price: 2499, listings: .unlimited)
      let start = fixture.clock.time
      let first = try await fixture.give(basic)
      try await fixture.take("a", of: first, for: nil)
      try await fixture.give(basic, to: "20")
      fixture.clock.advance(seconds: 86_400)
      let second = try await fixture.give(pro)
      try await fixture.take("b", of: second, for: 60)
      try await fixture.take("c", of: second, for: 600)
      fixture.clock.advance(seconds: 60)
      let list = try await fixture.myPackages()
      #expect(list.nextPageToken.isEmpty)
      #expect(list.purchases.map(\.id) == [second.id, first.id])
      #expect(list.purchases.map(\.isActive) == [true, false])
      #expect(list.purchases.map(\.listingsUsed) == [1, 1])
      let replaced = try #require(list.purchases.last)
      var expected = Purchase()
      expected.id = first.id
      expected.userID = "10"
      expected.packageID = basic.id
      expected.packageName = "Basic Seller"
      expected.startTime = Timestamp(start)
      expected.endTime = Timestamp(start.adding(seconds: 86_400))
      expected.listingLimit = Quota(Quota.Kind.limit(10))
      expected.listingsUsed = 1
      expected.features = ["f"]
      expected.transactionID = "tr_1"
      expected.amountCharged = Money(currencyCode: "USD", units: 9, nanos: 990_000_000)
      expected.credit = Money(currencyCode: "USD", units: 0)
      expected.paymentMethod = .creditCard
      expected.receiptNumber = "A-1"
      expected.etag = replaced.etag
      #expect(replaced == expected)
      #expect(!replaced.etag.isEmpty && replaced.etag != list.purchases[0].etag)
      fixture.clock.advance(seconds: 30 * 86_400)
      #expect(try await fixture.myPackages().purchases.map(\.isActive) == [false, false])
      #expect(try await fixture.myPackages(user: "30").purchases.isEmpty)
    }
  }

  @Test("what a purchase came after does not come back when the clock is set back")
  func clockSetBack() async throws {
    let fixture = SellerFixture()
    let basic = try await fixture.add()
    let pro = try await fixture.add("Pro", price: 2499)
    let first = try await fixture.purchase(PurchasePackageRequest(basic.id))
    fixture.clock.advance(seconds: 40 * 86_400)
    let second = try await fixture.purchase(PurchasePackageRequest(pro.id))
    fixture.clock.advance(seconds: -30 * 86_400)
    let purchases = try await fixture.myPackages().purchases
    #expect(purchases.map(\.id) == [second.id, first.id])
    #expect(purchases.map(\.isActive) == [true, false])
    #expect(purchases.last?.endTime == first.endTime)
  }

  @Test("pages follow each other, and a token is its user's own")
  func pages() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    for _ in 0..<5 {
      try await fixture.give(package)
      try await fixture.give(package, to: "20")
      fixture.clock.advance(seconds: 1)
    }
    for size: Int32 in [1, 2, 5] {
      let ids = try await everyPage { token in
        let page = try await fixture.myPackages(pageSize: size, token: token)
        return (page.purchases.map(\.id), page.nextPageToken)
      }
      #expect(ids == [9, 7, 5, 3, 1])
    }
    let token = try await fixture.myPackages(pageSize: 1).nextPageToken
    for (token, size, user) in [(token, 0, "20"), ("x", 0, "10"), (token, -1, "10")]
      as [(String, Int32, String)]
    {
      await #expect(throws: Refusal.self) {
        try await fixture.myPackages(pageSize: size, token: token, user: user)
      }
    }
  }

  @Test("a purchase that nothing was paid for says so")
  func free() async throws {
    let fixture = SellerFixture()
    var purchase = try await fixture.give(try await fixture.add(price: 0))
    purchase.paymentMethod = nil
    purchase.transactionID = ""
    let unpaid = purchase
    try await fixture.store.write { try $0.update(unpaid) }
    let seen = try #require(try await fixture.myPackages().purchases.first)
    #expect(seen.paymentMethod == .unspecified && seen.transactionID.isEmpty)
    #expect(seen.amountCharged == Money(currencyCode: "USD", units: 0))
  }
}

@Suite("GetReceipt")
struct GetReceiptTests {
  private func fixture(
    _ store: any Store = MemoryStore(), user: String = "10"
  ) async throws -> SellerFixture {
    let fixture = SellerFixture(store: store)
    let time = fixture.clock.time
    try await store.write {
      try $0.insert(
        ReceiptRecord(
          series: "A-B", sequence: 42, userID: user, purchaseID: 3, packageID: 2,
          packageName: "Pro", price: MoneyRecord(currencyCode: "JPY", units: 1200, nanos: 0),
          credit: MoneyRecord(currencyCode: "JPY", units: 200, nanos: 0),
          amountCharged: MoneyRecord(currencyCode: "JPY", units: 1000, nanos: 0), startTime: time,
          endTime: time.adding(seconds: 60), paymentMethod: .payPal, cardBrand: "visa",
          cardLastFour: "4242", transactionID: "tr_1", issueTime: time.adding(seconds: 1)))
    }
    return fixture
  }

  private func get(
    _ fixture: SellerFixture, _ number: String, user: String = "10", roles: RoleSet = .seller
  ) async throws -> Receipt? {
    let answer = try await fixture.service.getReceipt(
      GetReceiptRequest(number: number), fixture.caller(.getReceipt, user: user, roles: roles))
    return try GetReceiptResponse(decoding: answer.bytes).receipt
  }

  @Test("a receipt is its buyer's and the Admin's to see", arguments: StoreKind.allCases)
  func access(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = try await fixture(store)
      let time = fixture.clock.time
      var expected = Receipt()
      expected.number = "A-B-000042"
      expected.userID = "10"
      expected.purchaseID = 3
      expected.packageID = 2
      expected.packageName = "Pro"
      expected.price = Money(currencyCode: "JPY", units: 1200)
      expected.credit = Money(currencyCode: "JPY", units: 200)
      expected.amountCharged = Money(currencyCode: "JPY", units: 1000)
      expected.startTime = Timestamp(time)
      expected.endTime = Timestamp(time.adding(seconds: 60))
      expected.paymentMethod = .paypal
      expected.cardBrand = "visa"
      expected.cardLastFour = "4242"
      expected.transactionID = "tr_1"
      expected.issueTime = Timestamp(time.adding(seconds: 1))
      #expect(try await get(fixture, "A-B-000042") == expected)
      #expect(try await get(fixture, "A-B-000042", user: "1", roles: .admin) == expected)
      for roles in [RoleSet.seller, .support, .sales, .service, []] {
        await #expect(throws: SellerPackageRefusal.receiptNotFound(number: "A-B-000042")) {
          try await get(fixture, "A-B-000042", user: "20", roles: roles)
        }
      }
    }
  }

  @Test("users whose ids only look the same are two")
  func exactUser() async throws {
    let fixture = try await fixture(user: "Caf\u{e9}")
    #expect(try await get(fixture, "A-B-000042", user: "Caf\u{e9}") != nil)
    await #expect(throws: SellerPackageRefusal.self) {
      try await get(fixture, "A-B-000042", user: "Cafe\u{301}")
    }
  }

  @Test("what is no receipt's number is not found; no number is a fault")
  func unknown() async throws {
    let fixture = try await fixture()
    for number in [
      "A-000042", "A-B-42", "A-B-0000042", "A-B-000043", "A-B-+00042", "-", "A", "A-B--00042",
      String(repeating: "9", count: 100_000), "A-B-99999999999999999999",
    ] {
      await #expect(throws: SellerPackageRefusal.receiptNotFound(number: number)) {
        try await get(fixture, number, roles: .admin)
      }
    }
    let refusal = await #expect(throws: Refusal.self) { try await get(fixture, "") }
    var violations = Violations()
    violations.add("number", "is required")
    #expect(refusal == .invalidFields(violations))
  }
}
