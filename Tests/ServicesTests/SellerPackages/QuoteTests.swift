internal import API
internal import Crypto
internal import Storage
internal import Testing

@testable internal import Services

@Suite struct QuoteTests {
  private static let quote = Quote(
    packageID: 7, packageRevision: 2, currentPurchaseID: 3, currentRevision: 4, price: 999,
    credit: -1, startTime: Instant(nanosecondsSinceEpoch: 1),
    endTime: Instant(nanosecondsSinceEpoch: .max), expireTime: Instant(nanosecondsSinceEpoch: .min)
  )

  @Test("a token gives its quote back to its user, and to nobody else")
  func roundTrip() {
    let signer = QuoteSigner()
    let token = signer.token(for: Self.quote, of: "10")
    #expect(signer.read(token, of: "10") == .quote(Self.quote))
    #expect(signer.read(token, of: "11") == nil)
    #expect(signer.read(token, of: "") == nil)
    #expect(QuoteSigner().read(token, of: "10") == .ofAnotherSigner)
    for text in [
      "", "A", String(token.dropLast()), token + "A",
      String(repeating: "A", count: token.utf8.count),
    ] {
      #expect(signer.read(text, of: "10") == nil)
    }
  }

  @Test("no character of a token can be another")
  func tampered() {
    let signer = QuoteSigner()
    let token = Array(signer.token(for: Self.quote, of: "10"))
    for index in token.indices {
      var other = token
      other[index] = other[index] == "A" ? "B" : "A"
      #expect(signer.read(String(other), of: "10") != .quote(Self.quote))
      #expect([nil, .ofAnotherSigner].contains(signer.read(String(other), of: "10")))
    }
  }

  @Test("a first package is quoted at its price, from now on, and buys nothing")
  func first() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    let quote = try await fixture.quote(package.id)
    #expect(quote.packageID == package.id && quote.currentPackageID == 0)
    #expect(quote.price == Money(currencyCode: "USD", units: 9, nanos: 990_000_000))
    #expect(quote.credit == Money(currencyCode: "USD", units: 0))
    #expect(quote.amountDue == quote.price)
    #expect(quote.startTime == Timestamp(fixture.clock.time))
    #expect(quote.endTime == Timestamp(fixture.clock.time.adding(seconds: 30 * 86_400)))
    #expect(quote.expireTime == Timestamp(fixture.clock.time.adding(seconds: 600)))
    #expect(try await fixture.books().purchases.isEmpty)
  }

  @Test("a purchase is made at exactly its quote, though time has passed")
  func exactly() async throws {
    let fixture = SellerFixture()
    let (basic, premium) = (try await fixture.add(), try await fixture.add("P", price: 4999))
    let old = try await fixture.purchase(PurchasePackageRequest(basic.id))
    fixture.clock.advance(seconds: 10 * 86_400)
    let quote = try await fixture.quote(premium.id)
    #expect(quote.currentPackageID == basic.id)
    #expect(quote.credit == Money(currencyCode: "USD", units: 6, nanos: 660_000_000))
    #expect(quote.amountDue == Money(currencyCode: "USD", units: 43, nanos: 330_000_000))
    fixture.clock.advance(seconds: 599)
    let bought = try await fixture.purchase(
      PurchasePackageRequest(premium.id, quoteToken: quote.quoteToken))
    #expect(bought.amountCharged == quote.amountDue && bought.credit == quote.credit)
    #expect(bought.startTime == quote.startTime && bought.endTime == quote.endTime)
    let replaced = try #require(
      try await fixture.store.read { try $0.purchase(old.id) })
    #expect(replaced.isReplaced && Timestamp(replaced.endTime) == quote.startTime)
  }

  @Test("a quote lasts ten minutes, and no longer than what it replaces")
  func expiry() async throws {
    let fixture = SellerFixture()
    let (basic, premium) = (try await fixture.add(days: 1), try await fixture.add("P"))
    let first = try await fixture.quote(basic.id)
    fixture.clock.advance(seconds: 600)
    await #expect(throws: SellerPackageRefusal.quoteExpired) {
      try await fixture.purchase(PurchasePackageRequest(basic.id, quoteToken: first.quoteToken))
    }
    _ = try await fixture.purchase(PurchasePackageRequest(basic.id))
    fixture.clock.advance(seconds: 86_400 - 60)
    let short = try await fixture.quote(premium.id)
    #expect(short.expireTime == Timestamp(fixture.clock.time.adding(seconds: 60)))
    fixture.clock.advance(seconds: 60)
    await #expect(throws: SellerPackageRefusal.quoteExpired) {
      try await fixture.purchase(PurchasePackageRequest(premium.id, quoteToken: short.quoteToken))
    }
    #expect(try await fixture.books().receipts.count == 1)
  }

  @Test("a quote does not hold once the package or the current purchase has changed")
  func changed() async throws {
    let fixture = SellerFixture()
    let (basic, premium) = (try await fixture.add(), try await fixture.add("P", price: 4999))
    let before = try await fixture.quote(premium.id)
    let bought = try await fixture.purchase(PurchasePackageRequest(basic.id))
    await #expect(throws: SellerPackageRefusal.quoteChanged) {
      try await fixture.purchase(PurchasePackageRequest(premium.id, quoteToken: before.quoteToken))
    }
    let renewed = try await fixture.quote(premium.id)
    _ = try await fixture.renew(RenewPackageRequest(bought.id))
    await #expect(throws: SellerPackageRefusal.quoteChanged) {
      try await fixture.purchase(
        PurchasePackageRequest(premium.id, quoteToken: renewed.quoteToken))
    }
    let dearer = try await fixture.quote(premium.id)
    try await fixture.store.write { transaction in
      var next = premium
      next.revision += 1
      next.price.units += 1
      try transaction.update(next)
    }
    await #expect(throws: SellerPackageRefusal.quoteChanged) {
      try await fixture.purchase(PurchasePackageRequest(premium.id, quoteToken: dearer.quoteToken))
    }
  }

  @Test("a token that is no quote's, another user's or another package's is a violation")
  func foreign() async throws {
    let fixture = SellerFixture()
    let (basic, other) = (try await fixture.add(), try await fixture.add("Other"))
    let mine = try await fixture.quote(basic.id).quoteToken
    let theirs = try await fixture.quote(basic.id, user: "11").quoteToken
    for (package, token) in [(other.id, mine), (basic.id, theirs), (basic.id, "x")] {
      await #expect {
        try await fixture.purchase(PurchasePackageRequest(package, quoteToken: token))
      } throws: { error in
        guard case Refusal.invalidFields(let found) = error else { return false }
        return found.all.map(\.field) == ["quote_token"]
      }
    }
    #expect(try await fixture.books().purchases.isEmpty)
  }

  @Test("a quote of a process that is gone has expired, and a retry has its first answer")
  func ofAnotherProcess() async throws {
    let before = SellerFixture()
    let package = try await before.add()
    let request = PurchasePackageRequest(
      package.id, quoteToken: try await before.quote(package.id).quoteToken, requestID: "r")
    let next = SellerFixture(store: before.store)
    await #expect(throws: SellerPackageRefusal.quoteExpired) { try await next.purchase(request) }
    let bought = try await before.purchase(request)
    #expect(try await next.purchase(request) == bought)
    // What cannot be bought at all is told first, as with any quote.
    let unnamed = PurchasePackageRequest(package.id, quoteToken: request.quoteToken)
    await #expect(
      throws: SellerPackageRefusal.alreadyActive(resource: "sellerPackages/\(package.id)")
    ) {
      try await next.purchase(unnamed)
    }
  }

  @Test("a quote is refused as the purchase would be")
  func refusals() async throws {
    let fixture = SellerFixture()
    let basic = try await fixture.add()
    let hidden = try await fixture.add("Hidden", isActive: false)
    let small = try await fixture.add("Small", listings: .limit(1))
    let yen = try await fixture.add("Yen", currency: "JPY")
    for id: Int64 in [0, -1] {
      await #expect(throws: Refusal.self) { try await fixture.quote(id) }
    }
    for id in [99, hidden.id] {
      await #expect(throws: SellerPackageRefusal.packageNotFound(id: id)) {
        try await fixture.quote(id)
      }
    }
    let current = try await fixture.give(basic)
    await #expect(throws: SellerPackageRefusal.alreadyActive(resource: "sellerPackages/1")) {
      try await fixture.quote(basic.id)
    }
    await #expect(throws: SellerPackageRefusal.otherCurrency(current: "USD", new: "JPY")) {
      try await fixture.quote(yen.id)
    }
    for listing in ["a", "b"] { try await fixture.take(listing, of: current, for: nil) }
    await #expect(throws: SellerPackageRefusal.listingsExceedLimit(used: 2, limit: 1)) {
      try await fixture.quote(small.id)
    }
  }
}
