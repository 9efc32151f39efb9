internal import API
internal import GRPC
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

/// What a payment without an outcome does to its user and to the reconciler.
@Suite(.timeLimit(.minutes(10))) struct OpenPaymentTests {
  private func fixture(
    _ gateway: ScriptedGateway, store: any Store = MemoryStore(),
    clock: TestClock = TestClock(), settings: SellerSettings = SellerSettings()
  ) -> SellerFixture {
    SellerFixture(store: store, clock: clock, settings: settings) { _, _ in gateway }
  }

  @Test("whoever asks in between uses up nothing of the reconciler's schedule")
  func schedule() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id)
    _ = try? await fixture.purchase(request)
    let first = try #require(try await fixture.books().open.first?.nextCheckTime)
    for _ in 0..<3 {
      fixture.clock.advance(seconds: 1)
      _ = try? await fixture.purchase(request)
    }
    #expect(gateway.lookups == 3)
    let open = try #require(try await fixture.books().open.first)
    #expect(open.checkCount == 0 && open.nextCheckTime.map { $0 <= first } == true)
  }

  @Test("a clock that was set back makes nobody wait for it")
  func clockSetBack() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    _ = try? await fixture.purchase(request)
    fixture.clock.advance(seconds: -3600)
    #expect(try await fixture.purchase(request).isActive)
    #expect(gateway.calls == 1)
  }

  @Test(
    "a renewal whose answer was lost is not charged again by a retry that does not name it",
    arguments: ["", "fresh"], [false, true])
  func unnamedRenewal(requestID: String, isReconciled: Bool) async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let purchase = try await fixture.give(try await fixture.add())
    let request = RenewPackageRequest(purchase.id)
    let refusal = await #expect(throws: PaymentRefusal.self) { try await fixture.renew(request) }
    let id = try #require(try await fixture.books().open.first).id.text
    #expect(refusal == .unresolved(intentID: id, mayRetry: false))
    fixture.clock.advance(seconds: 5)
    if isReconciled { await fixture.service.payments.recover() }
    let retry = RenewPackageRequest(purchase.id, requestID: requestID)
    let dry = RenewPackageRequest(purchase.id, validateOnly: true)
    for request in [dry, retry] {
      await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: purchase.id)) {
        try await fixture.renew(request)
      }
    }
    #expect(gateway.calls == 1)
    #expect(try await fixture.books().receipts.count == 1)
    // What is asked for a while after that is another renewal.
    fixture.clock.advance(seconds: 9)
    await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: purchase.id)) {
      try await fixture.renew(retry)
    }
    fixture.clock.advance(seconds: 1)
    _ = try await fixture.renew(retry)
    #expect(gateway.calls == 2)
    let isWritten = fixture.service.payments.hearings.withLock { $0.isEmpty }
    #expect(isWritten)
  }

  @Test("a renewal whose answer was lost is told of by the next process as well, once")
  func unnamedRenewalBeforeRestart() async throws {
    let gateway = ScriptedGateway([.lose])
    let before = fixture(gateway)
    let purchase = try await before.give(try await before.add())
    let request = RenewPackageRequest(purchase.id)
    await #expect(throws: PaymentRefusal.self) { try await before.renew(request) }
    await before.service.payments.recover()
    let next = fixture(gateway, store: before.store)
    next.clock.advance(seconds: 5)
    await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: purchase.id)) {
      try await next.renew(request)
    }
    #expect(gateway.calls == 1)
    let last = fixture(gateway, store: before.store)
    last.clock.advance(seconds: 15)
    _ = try await last.renew(request)
    #expect(gateway.calls == 2)
  }

  @Test("who renews an hour later means another renewal", arguments: [3599, 3600] as [Int64])
  func laterRenewal(seconds: Int64) async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let request = RenewPackageRequest(try await fixture.give(try await fixture.add()).id)
    await #expect(throws: PaymentRefusal.self) { try await fixture.renew(request) }
    await fixture.service.payments.recover()
    fixture.clock.advance(seconds: seconds)
    _ = try? await fixture.renew(request)
    #expect(gateway.calls == (seconds < 3600 ? 1 : 2))
  }

  @Test(
    "a renewal that is paid when its caller is gone is told of to the next", arguments: ["", "r"])
  func goneCaller(requestID: String) async throws {
    let pause = Pause()
    let gateway = ScriptedGateway(hook: pause.hold)
    let fixture = fixture(gateway)
    let purchase = try await fixture.give(try await fixture.add())
    let request = RenewPackageRequest(purchase.id, requestID: requestID)
    let caller = Task { try await fixture.renew(request) }
    await pause.reached()
    caller.cancel()
    pause.end()
    _ = await caller.result
    fixture.clock.advance(seconds: 5)
    if requestID.isEmpty {
      await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: purchase.id)) {
        try await fixture.renew(request)
      }
    } else {
      _ = try await fixture.renew(request)
    }
    #expect(gateway.calls == 1)
  }

  @Test("who goes before the answer is not told, and the next is")
  func goneBeforeTold() async throws {
    let pause = Pause()
    let gateway = ScriptedGateway([.lose], lookupHook: pause.hold)
    let fixture = fixture(gateway)
    let purchase = try await fixture.give(try await fixture.add())
    let request = RenewPackageRequest(purchase.id)
    await #expect(throws: PaymentRefusal.self) { try await fixture.renew(request) }
    fixture.clock.advance(seconds: 5)
    let caller = Task { try await fixture.renew(request) }
    await pause.reached()
    caller.cancel()
    pause.end()
    _ = await caller.result
    fixture.clock.advance(seconds: 3000)
    await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: purchase.id)) {
      try await fixture.renew(request)
    }
    #expect(gateway.calls == 1)
  }

  @Test("who was answered is told nothing, though the store does not know it")
  func answeredUnwritten() async throws {
    let gateway = ScriptedGateway()
    let store = UnwritableStore(MemoryStore())
    let fixture = fixture(gateway, store: store)
    let request = RenewPackageRequest(try await fixture.give(try await fixture.add()).id)
    let caller = fixture.caller(.renewPackage, sending: request)
    for calls in 1...2 {
      let answer = try await fixture.service.renewPackage(request, caller)
      #expect(gateway.calls == calls)
      store.isWritable.store(false, ordering: .relaxed)
      answer.whenHandedOver?()
      await fixture.service.payments.finish()
      store.isWritable.store(true, ordering: .relaxed)
    }
    let next = self.fixture(gateway, store: store)
    await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: request.purchaseID)) {
      try await next.renew(request)
    }
    #expect(gateway.calls == 2)
  }

  @Test("of the last of two renewals somebody is told, also where the clock was set back between")
  func unheardAfterClockSetBack() async throws {
    let gateway = ScriptedGateway([.lose, .lose])
    let before = fixture(gateway)
    let clock = before.clock
    let request = RenewPackageRequest(try await before.give(try await before.add()).id)
    func loseAndTell(_ fixture: SellerFixture) async {
      await #expect(throws: PaymentRefusal.self) { try await fixture.renew(request) }
      clock.advance(seconds: 5)
      await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: request.purchaseID)) {
        try await fixture.renew(request)
      }
    }
    await loseAndTell(before)
    clock.advance(seconds: -3600)
    let next = fixture(gateway, store: before.store, clock: clock)
    await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: request.purchaseID)) {
      try await next.renew(request)
    }
    clock.advance(seconds: 11)
    await loseAndTell(next)
    #expect(gateway.calls == 2)
  }

  @Test("what is being renewed is being paid: it is not bought beside that")
  func purchaseBesideRenewal() async throws {
    let fixture = fixture(ScriptedGateway([.timeOut]))
    let package = try await fixture.add()
    let other = try await fixture.add("Other")
    let purchase = try await fixture.give(package)
    await #expect(throws: PaymentRefusal.self) {
      try await fixture.renew(RenewPackageRequest(purchase.id))
    }
    let underWay = PaymentRefusal.purchaseUnderWay(resource: "sellerPackages/\(package.id)")
    await #expect(throws: underWay) {
      try await fixture.purchase(PurchasePackageRequest(package.id))
    }
    await #expect(throws: underWay) { try await fixture.quote(package.id) }
    await #expect(throws: PaymentRefusal.otherUnderWay()) {
      try await fixture.purchase(PurchasePackageRequest(other.id))
    }
  }

  @Test("names of requests are compared by their bytes")
  func canonicallyEquivalentNames() async throws {
    let fixture = fixture(ScriptedGateway([.timeOut]))
    let package = try await fixture.add()
    await #expect(throws: PaymentRefusal.self) {
      try await fixture.purchase(PurchasePackageRequest(package.id, requestID: "\u{e9}"))
    }
    await #expect(
      throws: PaymentRefusal.purchaseUnderWay(resource: "sellerPackages/\(package.id)")
    ) {
      try await fixture.purchase(PurchasePackageRequest(package.id, requestID: "e\u{301}"))
    }
  }

  @Test("of two renewals at once, the one without a name is not to be tried again by itself")
  func racingRenewal() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let purchase = try await fixture.give(try await fixture.add())
    let unnamed = RenewPackageRequest(purchase.id)
    let named = RenewPackageRequest(purchase.id, requestID: "r")
    await #expect(throws: PaymentRefusal.self) { try await fixture.renew(unnamed) }
    await #expect(throws: PaymentRefusal.otherUnderWay(mayRetry: false)) {
      try await fixture.renew(unnamed)
    }
    await #expect(throws: PaymentRefusal.otherUnderWay()) { try await fixture.renew(named) }
  }

  @Test("a renewal whose answer was lost is answered when it is retried by its name")
  func namedRenewal() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let purchase = try await fixture.give(try await fixture.add())
    let request = RenewPackageRequest(purchase.id, requestID: "r")
    let refusal = await #expect(throws: PaymentRefusal.self) { try await fixture.renew(request) }
    let id = try #require(try await fixture.books().open.first).id.text
    #expect(refusal == .unresolved(intentID: id))
    fixture.clock.advance(seconds: 5)
    #expect(try await fixture.renew(request).id == purchase.id)
    #expect(gateway.calls == 1)
  }

  @Test("what was due by a clock that is set back is looked for at once")
  func scheduleSetBack() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    _ = try? await fixture.purchase(PurchasePackageRequest(try await fixture.add().id))
    await fixture.service.payments.reconcile()
    #expect(gateway.lookups == 0)
    fixture.clock.advance(seconds: -3600)
    await fixture.service.payments.reconcile()
    #expect(try await fixture.books().receipts.count == 1)
  }

  @Test("a retry whose quote has ended meanwhile is told of its first try")
  func quote() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    let quote = try await fixture.quote(package.id)
    let request = PurchasePackageRequest(
      package.id, quoteToken: quote.quoteToken, requestID: "r")
    _ = try? await fixture.purchase(request)
    // Another process has another key for quotes.
    let other = SellerFixture(store: fixture.store, clock: fixture.clock) { _, _ in gateway }
    gateway.setBlind(true)
    let refusal = await #expect(throws: PaymentRefusal.self) {
      try await other.purchase(request)
    }
    guard case .unresolved = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    gateway.setBlind(false)
    fixture.clock.advance(seconds: 2)
    #expect(try await other.purchase(request).isActive)
  }

  @Test("what another gateway was asked for is not given up because this one does not have it")
  func otherGateway() async throws {
    let stripe = ScriptedGateway([.lose])
    var settings = SellerSettings()
    settings.gateway = .stripe(url: "https://stripe.example", keyPath: "")
    let before = fixture(stripe, settings: settings)
    _ = try? await before.purchase(PurchasePackageRequest(try await before.add().id))
    let after = SellerFixture(store: before.store, clock: before.clock)
    for _ in 0..<5 {
      after.clock.advance(seconds: 4000)
      await after.service.payments.recover()
    }
    let open = try #require(try await after.books().open.first)
    #expect(open.gateway == "stripe:https://stripe.example")
    await before.service.payments.recover()
    #expect(try await before.books().receipts.count == 1)
  }

  @Test("a payment that nothing was given for is in the user's audit chain")
  func audit() async throws {
    let fixture = fixture(ScriptedGateway([.decline("lost_card"), .unreachable]))
    let request = PurchasePackageRequest(try await fixture.add().id)
    for _ in 0..<2 {
      await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    }
    let records = try await fixture.store.read {
      try $0.auditRecords(partition: "user/10", after: 0, limit: 10)
    }
    #expect(records.count == 2)
    #expect(records.allSatisfy { $0.resource.hasPrefix("payments/") })
    #expect(records.allSatisfy { $0.beforeETag != $0.afterETag })
  }

  @Test("a rehearsal says how it would be paid")
  func rehearsal() async throws {
    let fixture = fixture(ScriptedGateway())
    let request = PurchasePackageRequest(try await fixture.add().id, validateOnly: true)
    let purchase = try await fixture.purchase(request)
    #expect(purchase.paymentMethod == .creditCard && purchase.transactionID.isEmpty)
  }

  @Test("after a renewal with fewer listings no expired hold comes back with the clock")
  func renewal() async throws {
    let fixture = fixture(ScriptedGateway([.succeed, .succeed]))
    var package = try await fixture.add(listings: .limit(5))
    let purchase = try await fixture.purchase(PurchasePackageRequest(package.id))
    let time = fixture.clock.time
    try await fixture.store.write { transaction in
      for number in 0..<5 {
        try transaction.insert(
          ListingSlotRecord(
            purchaseID: purchase.id, listingID: "l\(number)", createTime: time,
            expireTime: time.adding(seconds: 60)))
      }
    }
    fixture.clock.advance(seconds: 120)
    package.listingLimit = .limit(2)
    package.revision += 1
    try await fixture.store.write { [package] in try $0.update(package) }
    _ = try await fixture.renew(RenewPackageRequest(purchase.id))
    let counts = try await fixture.store.read { try $0.listingSlotCounts(of: purchase.id) }
    #expect(counts == ListingSlotCounts.none)
  }
}
