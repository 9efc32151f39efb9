internal import API
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite(.timeLimit(.minutes(10))) struct ReconciliationTests {
  private func fixture(
    _ gateway: ScriptedGateway, store: any Store = MemoryStore(), clock: TestClock = TestClock()
  ) -> SellerFixture {
    SellerFixture(store: store, clock: clock) { _, _ in gateway }
  }

  /// Rounds until nothing is open, hours apart; returns how many it took.
  private func settle(_ fixture: SellerFixture) async throws -> Int {
    for round in 0..<10 {
      if try await fixture.books().open.isEmpty { return round }
      fixture.clock.advance(seconds: 4000)
      await fixture.service.payments.reconcile()
    }
    return .max
  }

  @Test("what was paid and not answered is given, with the time that was paid for, and replayed")
  func lost() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway, store: RerunningStore(MemoryStore()))
    let package = try await fixture.add()
    let request = PurchasePackageRequest(package.id, requestID: "r")
    let start = fixture.clock.time
    await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    await fixture.service.payments.reconcile()
    #expect(gateway.lookups == 0, "it is not due yet")
    fixture.clock.advance(seconds: 6)
    await fixture.service.payments.reconcile()
    let books = try await fixture.books()
    #expect(books.open.isEmpty && books.receipts.count == 1 && gateway.charges.count == 1)
    #expect(books.purchases[0].startTime == start)
    let caller = fixture.caller(.purchasePackage, sending: request)
    let answer = try await fixture.service.purchasePackage(request, caller)
    #expect(answer.isReplay && gateway.calls == 1)
    let purchase = try PurchasePackageResponse(decoding: answer.bytes).purchase
    #expect(purchase?.etag == books.purchases[0].etag && purchase?.isActive == true)
  }

  @Test("a decline that was lost is as final as any")
  func lostDecline() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    let open = try #require(try await fixture.books().open.first)
    // It comes to an end there after all.
    gateway.then(.decline("lost_card"))
    _ = try await gateway.charge(
      Charge(
        intentID: open.id, amount: MinorUnits(currencyCode: "USD", count: 999),
        instrument: .payPal(approvalToken: "t"), description: ""))
    fixture.clock.advance(seconds: 6)
    await fixture.service.payments.reconcile()
    let closed = try #require(try await fixture.intent(open.id.text))
    #expect(closed.state == .declined && closed.declineCode == "lost_card")
    #expect(closed.nextCheckTime == nil && closed.checkCount == 1)
    await #expect {
      try await fixture.purchase(request)
    } throws: { "\($0)".contains("Payment processing failed") }
    #expect(gateway.calls == 2)
  }

  @Test("what was never charged is given up once it cannot come any more, and looked for twice")
  func never() async throws {
    let gateway = ScriptedGateway([.timeOut])
    let fixture = fixture(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    let id = try #require(try await fixture.books().open.first).id
    // However often it is looked for before.
    for _ in 0..<20 {
      fixture.clock.advance(seconds: 6)
      await fixture.service.payments.resolve(id, isDue: false)
    }
    #expect(try await fixture.books().open.count == 1)
    #expect(gateway.lookups == 20)
    fixture.clock.advance(seconds: 20)
    await fixture.service.payments.resolve(id, isDue: false)
    let open = try #require(try await fixture.books().open.first)
    #expect(open.nextCheckTime == fixture.clock.time.adding(seconds: 30), "looked for soon again")
    fixture.clock.advance(seconds: 31)
    await fixture.service.payments.reconcile()
    #expect(try await fixture.intent(id.text)?.state == .void)
    let books = try await fixture.books()
    #expect(books.purchases.isEmpty && books.receipts.isEmpty && gateway.charges.isEmpty)
    // The request is decided anew.
    #expect(try await fixture.purchase(request).isActive)
  }

  @Test("checks come later and later, are counted, and go on while the gateway is down or busy")
  func schedule() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    await #expect(throws: PaymentRefusal.self) {
      try await fixture.purchase(PurchasePackageRequest(package.id))
    }
    gateway.setDown(true)
    for (count, wait) in [(1, 30), (2, 300), (3, 3600), (4, 3600), (5, 3600)] as [(Int32, Int64)] {
      let due = try #require(try await fixture.books().open.first?.nextCheckTime)
      let left = due.secondsSinceEpoch - fixture.clock.time.secondsSinceEpoch
      fixture.clock.advance(seconds: left - 1)
      await fixture.service.payments.reconcile()
      #expect(gateway.lookups == count - 1, "a second too early")
      fixture.clock.advance(seconds: 1)
      if count > 3 {
        gateway.setDown(false)
        gateway.setPending(true)
      }
      await fixture.service.payments.reconcile()
      let open = try #require(try await fixture.books().open.first)
      #expect(open.checkCount == count && open.state == .unknown)
      #expect(open.lastCheckTime == fixture.clock.time)
      #expect(open.nextCheckTime == fixture.clock.time.adding(seconds: wait))
    }
    gateway.setPending(false)
    #expect(try await settle(fixture) == 1)
    #expect(try await fixture.books().receipts.count == 1)
  }

  @Test(
    "payments that were lost together are asked for apart, by up to a tenth of the wait",
    arguments: [0, 1, 499_999_999, 500_000_000, 2_999_999_999, .max] as [UInt64])
  func jitter(random: UInt64) async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = SellerFixture(gateway: { _, _ in gateway }, random: { random })
    let request = PurchasePackageRequest(try await fixture.add().id)
    await #expect(throws: PaymentRefusal.self) { try await fixture.purchase(request) }
    gateway.setDown(true)
    for wait: UInt64 in [5, 30] {
      let next = try #require(try await fixture.books().open.first?.nextCheckTime)
      let spread =
        next.nanosecondsSinceEpoch
        - fixture.clock.time.adding(seconds: Int64(wait)).nanosecondsSinceEpoch
      #expect(spread == Int64(random % (wait * 100_000_000)))
      fixture.clock.advance(seconds: 6)
      await fixture.service.payments.reconcile()
    }
  }

  /// Leaves `users` payments that were made and not answered, each due.
  private func lose(
    _ users: Int, lookupsAtOnce: Int = 1
  ) async throws -> (ScriptedGateway, SellerFixture) {
    let gateway = ScriptedGateway(
      Array(repeating: .lose, count: users), lookupsAtOnce: lookupsAtOnce)
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    for user in 0..<users {
      await #expect(throws: PaymentRefusal.self) {
        try await fixture.purchase(PurchasePackageRequest(package.id), user: "u\(user)")
      }
    }
    fixture.clock.advance(seconds: 6)
    return (gateway, fixture)
  }

  @Test("a round takes a bounded number, and the next takes up where it ended")
  func bounded() async throws {
    let (gateway, fixture) = try await lose(100)
    await fixture.service.payments.reconcile()
    #expect(gateway.lookups == Limits.maxReconciledPayments)
    #expect(try await fixture.books().receipts.count == Limits.maxReconciledPayments)
    await fixture.service.payments.reconcile()
    let books = try await fixture.books()
    #expect(books.open.isEmpty && gateway.lookups == 100)
    #expect(books.receipts.map(\.sequence) == Array(1...100))
  }

  @Test("rounds at the same time ask for each payment once")
  func rounds() async throws {
    let (gateway, fixture) = try await lose(30)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { await fixture.service.payments.reconcile() } }
    }
    let books = try await fixture.books()
    #expect(books.open.isEmpty && gateway.lookups == 30)
    #expect(books.receipts.map(\.sequence) == Array(1...30))
  }

  @Test("a round has four lookups at a time, and no more")
  func concurrency() async throws {
    let (gateway, fixture) = try await lose(30, lookupsAtOnce: 4)
    await fixture.service.payments.reconcile()
    #expect(gateway.mostRunning == 4 && gateway.lookups == 30)
  }

  @Test("the reconciler leaves a live call alone, however long it takes")
  func live() async throws {
    let (opened, door) = AsyncStream.makeStream(of: Void.self)
    let (begun, inside) = AsyncStream.makeStream(of: Void.self)
    let gateway = ScriptedGateway {
      inside.finish()
      for await _ in opened {}
    }
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    let call = Task { try await fixture.purchase(PurchasePackageRequest(package.id)) }
    for await _ in begun {}
    fixture.clock.advance(seconds: 10_000)
    await fixture.service.payments.reconcile()
    #expect(gateway.lookups == 0)
    door.finish()
    _ = try await call.value
    #expect(try await fixture.books().receipts.count == 1)
  }

  @Test("a refund that fails is tried again until it is done", arguments: [true, false])
  func refund(isLost: Bool) async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let (basic, premium) = (try await fixture.add(), try await fixture.add("P"))
    await #expect(throws: PaymentRefusal.self) {
      try await fixture.purchase(PurchasePackageRequest(basic.id))
    }
    // What no path of ours does: the user gets another package meanwhile.
    let other = try await fixture.give(premium)
    fixture.clock.advance(seconds: 6)
    if isLost { gateway.setBlind(true) }
    await fixture.service.payments.reconcile()
    gateway.setBlind(false)
    gateway.setDown(true)
    fixture.clock.advance(seconds: 40)
    await fixture.service.payments.reconcile()
    gateway.setDown(false)
    _ = try await settle(fixture)
    #expect(gateway.refunds == 1 && gateway.charges.isEmpty)
    let books = try await fixture.books()
    #expect(books.purchases == [other] && books.receipts.isEmpty && books.open.isEmpty)
  }

  @Test(
    "killed at any moment, the next process comes to charges = receipts = purchases",
    arguments: StoreKind.allCases, DyingStore.Moment.allCases)
  func killed(kind: StoreKind, moment: DyingStore.Moment) async throws {
    for write in 1...3 {
      for step: ScriptedGateway.Step in [.succeed, .lose, .timeOut, .decline("x"), .unreachable] {
        try await kind.withStore { store, _ in
          let gateway = ScriptedGateway([step])
          let clock = TestClock()
          let before = fixture(
            gateway, store: DyingStore(store, atWrite: write, moment), clock: clock)
          let after = fixture(gateway, store: store, clock: clock)
          let package = try await after.add()
          let request = PurchasePackageRequest(package.id, requestID: "r")
          _ = try? await before.purchase(request)
          #expect(try await settle(after) < .max)
          let first = try await after.books()
          #expect(gateway.charges.count == first.receipts.count)
          #expect(first.purchases.count == first.receipts.count)
          // The gateway does its step now, if it was not asked before.
          _ = try? await after.purchase(request)
          #expect(try await settle(after) < .max)
          // A retry gets what was bought, or the decline, or buys it now.
          let retried = try? await after.purchase(request)
          let books = try await after.books()
          #expect(gateway.charges.count == books.receipts.count)
          #expect(books.purchases.count == books.receipts.count && books.receipts.count <= 1)
          #expect((retried == nil) == books.receipts.isEmpty)
          #expect(Set(gateway.charges.values) == Set(books.receipts.map(\.transactionID)))
        }
      }
    }
  }

  @Test("a renewal that was killed is renewed once")
  func killedRenewal() async throws {
    for write in 1...3 {
      for moment in DyingStore.Moment.allCases {
        let gateway = ScriptedGateway()
        let (store, clock) = (MemoryStore(), TestClock())
        let after = fixture(gateway, store: store, clock: clock)
        let purchase = try await after.give(try await after.add())
        let before = fixture(
          gateway, store: DyingStore(store, atWrite: write, moment), clock: clock)
        _ = try? await before.renew(RenewPackageRequest(purchase.id))
        _ = try await settle(after)
        let books = try await after.books()
        #expect(gateway.charges.count == books.receipts.count && books.open.isEmpty)
        let added = Int64(books.receipts.count) * 30 * 86_400
        #expect(books.purchases[0].endTime == purchase.endTime.adding(seconds: added))
        // The next one is told of it first, unless that was noted as heard, and not charged.
        clock.advance(seconds: 1)
        let isUnheard = !books.receipts.isEmpty && (write, moment) != (3, .afterCommit)
        if isUnheard {
          await #expect(throws: PaymentRefusal.earlierRenewalPaid(purchaseID: purchase.id)) {
            try await after.renew(RenewPackageRequest(purchase.id))
          }
        } else {
          _ = try await after.renew(RenewPackageRequest(purchase.id))
        }
        #expect(gateway.charges.count == books.receipts.count + (isUnheard ? 0 : 1))
      }
    }
  }

  @Test("a daemon that starts asks for all that is open, due or not")
  func recover() async throws {
    let users = Limits.maxReconciledPayments * 2 + 3
    let gateway = ScriptedGateway(Array(repeating: .lose, count: users))
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    for user in 0..<users {
      _ = try? await fixture.purchase(PurchasePackageRequest(package.id), user: "u\(user)")
    }
    let next = self.fixture(gateway, store: fixture.store, clock: fixture.clock)
    await next.service.payments.recover()
    let books = try await fixture.books()
    #expect(books.open.isEmpty && books.receipts.count == users && gateway.lookups == users)
  }

  @Test(
    "a live call hears what another daemon has come to",
    arguments: [ScriptedGateway.Step.succeed, .decline("x")])
  func otherDaemon(step: ScriptedGateway.Step) async throws {
    let gateway = ScriptedGateway([step])
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    _ = try? await fixture.purchase(PurchasePackageRequest(package.id))
    let id = try #require(try await intents(fixture).first).id
    let outcome: ChargeOutcome =
      gateway.charges.isEmpty ? .declined(code: "x") : .succeeded(transactionID: "tr_1")
    switch try await fixture.service.payments.settle(id, outcome) {
    case .granted(let response):
      let purchase = try PurchasePackageResponse(decoding: response).purchase
      #expect(purchase?.transactionID == "tr_1" && gateway.charges.count == 1)
    case .turnedDown(let refusal):
      #expect(refusal == .declined(code: "x") && gateway.charges.isEmpty)
    case .toGiveBack, .closed: Issue.record("it is known")
    }
    #expect(try await fixture.books().receipts.count == gateway.charges.count)
  }

  @Test("a charge that is found after it was given up is given back")
  func tooLate() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    _ = try? await fixture.purchase(PurchasePackageRequest(package.id))
    let payments = fixture.service.payments
    let id = try #require(try await fixture.books().open.first).id
    await payments.close(id, as: .givenUp)
    guard
      case .toGiveBack(let intent) = try await payments.settle(
        id, .succeeded(transactionID: "tr_1"))
    else {
      Issue.record("nothing was given for it")
      return
    }
    // The process ends before it can.
    #expect(try await fixture.books().open == [intent])
    #expect(try await settle(fixture) < .max)
    #expect(gateway.refunds == 1 && gateway.charges.isEmpty)
    #expect(try await fixture.books().receipts.isEmpty)
  }

  private func intents(_ fixture: SellerFixture) async throws -> [PaymentIntentRecord] {
    // The fixture's ids count up from a known one.
    let first = ULIDSource(random: { 1 }).next(at: fixture.clock.time)
    return try await fixture.store.read { transaction in
      try (0..<3).compactMap { try transaction.paymentIntent(ULID(value: first.value + $0)) }
    }
  }

  @Test("an error of a gateway that holds what pays reaches no log")
  func foreignError() async throws {
    let gateway = ScriptedGateway([.fail])
    let fixture = fixture(gateway)
    let package = try await fixture.add()
    await #expect {
      try await fixture.purchase(PurchasePackageRequest(package.id))
    } throws: { error in
      guard case PaymentRefusal.unresolved = error else { return false }
      return true
    }
    #expect(!fixture.log.lines.isEmpty)
    #expect(!fixture.log.lines.contains { $0.contains("4242") })
  }
}
