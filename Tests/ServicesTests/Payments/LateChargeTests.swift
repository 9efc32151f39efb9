internal import API
internal import Storage
internal import Testing

@testable internal import Services

/// Money that was taken for nothing: it is found, and given back.
@Suite(.timeLimit(.minutes(10))) struct LateChargeTests {
  private func fixture(_ gateway: ScriptedGateway) -> SellerFixture {
    SellerFixture { _, _ in gateway }
  }

  /// Buys without an answer, and waits until the payment is given up; returns its id.
  private func giveUp(_ fixture: SellerFixture) async throws -> ULID {
    let request = PurchasePackageRequest(try await fixture.add().id)
    await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    let id = try #require(try await fixture.books().open.first).id
    for _ in 0..<10 where try await fixture.intent(id.text)?.state != .void {
      fixture.clock.advance(seconds: 60)
      await fixture.service.payments.reconcile()
    }
    try #require(try await fixture.intent(id.text)?.state == .void)
    return id
  }

  private func charge(_ id: ULID, by gateway: ScriptedGateway) async throws {
    _ = try await gateway.charge(
      Charge(
        intentID: id, amount: MinorUnits(currencyCode: "USD", count: 999),
        instrument: .payPal(approvalToken: "t"), description: ""))
  }

  private func unresolved(_ fixture: SellerFixture) async throws -> [UnresolvedPayment] {
    let answer = try await fixture.service.listUnresolvedPayments(
      ListUnresolvedPaymentsRequest(), fixture.caller(.listUnresolvedPayments, roles: .admin))
    return try ListUnresolvedPaymentsResponse(decoding: answer.bytes).payments
  }

  @Test(
    "what is found to be charged when all that it paid for is over is given back",
    arguments: [(30 * 86_400 - 1, 0), (30 * 86_400, 1)] as [(Int64, Int)])
  func nothingLeft(seconds: Int64, refunds: Int) async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id)
    await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    fixture.clock.advance(seconds: seconds)
    await fixture.service.payments.recover()
    let books = try await fixture.books()
    #expect(gateway.refunds == refunds && books.receipts.count == 1 - refunds)
    #expect(gateway.charges.count == 1 - refunds && books.open.isEmpty)
  }

  @Test(
    "a payment that was given up is looked for after an hour and after a day, and then no more",
    arguments: [3600, 86_400] as [Int64])
  func late(seconds: Int64) async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let start = fixture.clock.time
    let id = try await giveUp(fixture)
    let looks = gateway.lookups
    #expect(try await fixture.intent(id.text)?.nextCheckTime == start.adding(seconds: 3600))
    // The user is free to buy in the meantime.
    let package = try await fixture.add("Other")
    let bought = try await fixture.purchase(PurchasePackageRequest(package.id))
    let gone = fixture.clock.time.nanosecondsSinceEpoch - start.nanosecondsSinceEpoch
    fixture.clock.advance(seconds: seconds - 1 - gone / 1_000_000_000)
    await fixture.service.payments.reconcile()
    try await charge(id, by: gateway)
    // An hour's look found nothing, as there was nothing.
    #expect(gateway.lookups == looks + (seconds == 3600 ? 0 : 1))
    fixture.clock.advance(seconds: 2)
    await fixture.service.payments.reconcile()
    #expect(gateway.refunds == 1 && gateway.charges.count == 1)
    let books = try await fixture.books()
    #expect(books.purchases.map(\.id) == [bought.id] && books.open.isEmpty)
    let void = try #require(try await fixture.intent(id.text))
    #expect(void.state == .void && void.nextCheckTime == nil && !void.transactionID.isEmpty)
    #expect(fixture.service.payments.events[.refunded] == 1)
  }

  @Test("one that never comes is looked for twice, and what is declined late is not looked for")
  func never() async throws {
    for isDeclined in [false, true] {
      let gateway = ScriptedGateway([.timeOut])
      let fixture = fixture(gateway)
      let id = try await giveUp(fixture)
      if isDeclined {
        gateway.then(.decline("x"))
        try await charge(id, by: gateway)
      }
      let looks = gateway.lookups
      for _ in 0..<100 {
        fixture.clock.advance(seconds: 3600)
        await fixture.service.payments.reconcile()
      }
      #expect(gateway.lookups == looks + (isDeclined ? 1 : 2) && gateway.refunds == 0)
      let void = try #require(try await fixture.intent(id.text))
      #expect(void.state == .void && void.nextCheckTime == nil)
    }
  }

  @Test("a gateway that is down then is asked again until it has answered")
  func down() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let id = try await giveUp(fixture)
    try await charge(id, by: gateway)
    gateway.setDown(true)
    for _ in 0..<30 {
      fixture.clock.advance(seconds: 4000)
      await fixture.service.payments.reconcile()
    }
    #expect(try await fixture.intent(id.text)?.state == .void)
    gateway.setDown(false)
    fixture.clock.advance(seconds: 4000)
    await fixture.service.payments.reconcile()
    #expect(gateway.refunds == 1)
  }

  @Test("a gateway that stays down is asked for a week")
  func downForGood() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let id = try await giveUp(fixture)
    gateway.setDown(true)
    for _ in 0..<7 {
      #expect(try await fixture.intent(id.text)?.nextCheckTime != nil)
      fixture.clock.advance(seconds: 86_400)
      await fixture.service.payments.reconcile()
    }
    #expect(try await fixture.intent(id.text)?.nextCheckTime == nil)
    #expect(try await fixture.intent(id.text)?.state == .void)
  }

  @Test("a refund that was owed before it was a state of its own is one now")
  func owedByEarlierFiles() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let id = try await giveUp(fixture)
    try await charge(id, by: gateway)
    try await fixture.store.write { transaction in
      guard var intent = try transaction.paymentIntent(id) else { return }
      intent.state = .unknown
      intent.transactionID = "tr_1"
      try transaction.update(intent)
    }
    gateway.setRefundsFail(true)
    fixture.clock.advance(seconds: 3600)
    await fixture.service.payments.reconcile()
    #expect(try await unresolved(fixture).first?.status == .refundOwed)
    let package = try await fixture.add("Other")
    #expect(try await fixture.purchase(PurchasePackageRequest(package.id)).isActive)
  }

  @Test("a refund that is owed is shown to the Admin, and keeps its user from nothing")
  func owed() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let id = try await giveUp(fixture)
    try await charge(id, by: gateway)
    gateway.setRefundsFail(true)
    fixture.clock.advance(seconds: 3600)
    await fixture.service.payments.reconcile()
    let owed = try #require(try await unresolved(fixture).first)
    #expect(owed.intentID == id.text && owed.status == .refundOwed && owed.nextCheckTime != nil)
    let package = try await fixture.add("Other")
    #expect(try await fixture.purchase(PurchasePackageRequest(package.id)).isActive)
    gateway.setRefundsFail(false)
    fixture.clock.advance(seconds: 4000)
    await fixture.service.payments.reconcile()
    #expect(gateway.refunds == 1)
    #expect(try await unresolved(fixture).isEmpty)
  }

  @Test("a refund that failed is another try; one without an answer is the same")
  func attempts() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    try await charge(try await giveUp(fixture), by: gateway)
    for (fails, isDown) in [(true, false), (false, true), (true, false), (false, false)] {
      gateway.setRefundsFail(fails)
      // Of a gateway that is down, lookups fail too: there is nothing to look up any more.
      gateway.setDown(isDown)
      fixture.clock.advance(seconds: 4000)
      await fixture.service.payments.reconcile()
    }
    #expect(gateway.refundFailuresSeen == [0, 1, 1, 2] && gateway.refunds == 1)
    #expect(try await fixture.books().open.isEmpty)
  }
}
