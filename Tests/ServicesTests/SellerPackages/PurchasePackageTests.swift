internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite(.timeLimit(.minutes(10))) struct PurchasePackageTests {
  private func scripted(
    _ gateway: ScriptedGateway, store: any Store = MemoryStore(),
    settings: SellerSettings = SellerSettings()
  ) -> SellerFixture {
    SellerFixture(store: store, settings: settings) { _, _ in gateway }
  }

  @Test("a purchase gives the package from now on, a receipt and an audit record")
  func purchase() async throws {
    for kind in StoreKind.allCases {
      try await kind.withStore { store, _ in
        let fixture = SellerFixture(store: RerunningStore(store))
        let package = try await fixture.add(features: ["a", "b"])
        let bought = try await fixture.purchase(PurchasePackageRequest(package.id))
        #expect(bought.id == 1 && bought.userID == "10" && bought.packageID == package.id)
        #expect(bought.packageName == "Basic Seller" && bought.features == ["a", "b"])
        #expect(bought.isActive && bought.listingsUsed == 0 && bought.receiptNumber == "A-000001")
        #expect(bought.startTime == Timestamp(fixture.clock.time))
        #expect(bought.endTime == Timestamp(fixture.clock.time.adding(seconds: 30 * 86_400)))
        #expect(bought.amountCharged == Money(currencyCode: "USD", units: 9, nanos: 990_000_000))
        #expect(bought.paymentMethod == .creditCard && bought.transactionID.hasPrefix("tr_"))
        let books = try await fixture.books()
        #expect(books.open.isEmpty && books.purchases.map(\.etag) == [bought.etag])
        let receipt = try #require(books.receipts.first)
        #expect(receipt.cardBrand == "visa" && receipt.cardLastFour == "4242")
        #expect(receipt.transactionID == bought.transactionID && receipt.purchaseID == 1)
        let audit = try await store.read { transaction in
          _ = try AuditChain.verify(partition: "user/10", in: transaction)
          return try transaction.auditRecords(partition: "user/10", after: 0, limit: 10)
        }
        #expect(audit.map(\.resource) == ["purchases/1"] && audit[0].actor == "default/10")
        #expect(audit[0].beforeETag.isEmpty && audit[0].afterETag == bought.etag)
      }
    }
  }

  @Test("the answer says so, in the contract's words")
  func message() async throws {
    let fixture = SellerFixture()
    let request = PurchasePackageRequest(try await fixture.add().id)
    let answer = try await fixture.service.purchasePackage(
      request, fixture.caller(.purchasePackage, sending: request))
    let response = try PurchasePackageResponse(decoding: answer.bytes)
    #expect(response.message == "Package purchased successfully")
  }

  @Test("an upgrade replaces and credits what was current, and is told in the audit")
  func upgrade() async throws {
    let fixture = SellerFixture()
    let (basic, premium) = (try await fixture.add(), try await fixture.add("P", price: 4999))
    let old = try await fixture.purchase(PurchasePackageRequest(basic.id))
    fixture.clock.advance(seconds: 15 * 86_400)
    let new = try await fixture.purchase(PurchasePackageRequest(premium.id))
    #expect(new.credit == Money(currencyCode: "USD", units: 4, nanos: 990_000_000))
    #expect(new.amountCharged == Money(currencyCode: "USD", units: 45))
    #expect(new.receiptNumber == "A-000002")
    let purchases = try await fixture.books().purchases
    #expect(purchases.map(\.id) == [new.id, old.id])
    #expect(purchases[1].isReplaced && purchases[1].endTime == purchases[0].startTime)
    let audit = try await fixture.store.read {
      try $0.auditRecords(partition: "user/10", after: 0, limit: 10)
    }
    #expect(audit.map(\.resource) == ["purchases/1", "purchases/1", "purchases/2"])
  }

  @Test("what costs nothing, or is credited whole, needs no payment and asks no gateway")
  func nothingToPay() async throws {
    let gateway = ScriptedGateway()
    let fixture = scripted(gateway)
    let free = try await fixture.add("Free", price: 0)
    let basic = try await fixture.add(price: 100)
    let cheap = try await fixture.add("Cheap", price: 40)
    var request = PurchasePackageRequest(free.id)
    request.paymentMethod = nil
    let first = try await fixture.purchase(request)
    #expect(first.transactionID.isEmpty && first.paymentMethod == .unspecified)
    #expect(first.receiptNumber == "A-000001" && gateway.calls == 0)
    _ = try await fixture.purchase(PurchasePackageRequest(basic.id))
    request.packageID = cheap.id
    let credited = try await fixture.purchase(request)
    #expect(credited.amountCharged == Money(currencyCode: "USD", units: 0))
    #expect(credited.credit == Money(currencyCode: "USD", units: 0, nanos: 400_000_000))
    #expect(gateway.calls == 1)
    let receipts = try await fixture.books().receipts
    #expect(receipts.map(\.sequence) == [1, 2, 3] && receipts[2].paymentMethod == nil)
    #expect(receipts[2].cardBrand.isEmpty)
  }

  @Test("what is wrong with a request is told before anything is done")
  func invalid() async throws {
    let gateway = ScriptedGateway()
    let fixture = scripted(gateway)
    let package = try await fixture.add()
    var request = PurchasePackageRequest(package.id)
    request.paymentMethod = nil
    await #expect {
      try await fixture.purchase(request)
    } throws: { error in
      guard case PaymentRefusal.invalid(let found) = error else { return false }
      return found.all.map(\.field) == ["payment_method"]
    }
    await #expect {
      try await fixture.purchase(PurchasePackageRequest(package.id, card: "1"))
    } throws: { error in
      guard case PaymentRefusal.invalid(let found) = error else { return false }
      return found.all.map(\.field) == ["credit_card.number"]
    }
    let bad = PurchasePackageRequest(
      0, card: "1", quoteToken: "x", requestID: String(repeating: "r", count: 129))
    await #expect {
      try await fixture.purchase(bad)
    } throws: { error in
      guard case PaymentRefusal.invalid(let found) = error else { return false }
      return found.all.map(\.field) == [
        "package_id", "quote_token", "request_id", "credit_card.number",
      ]
    }
    var unpaid = bad
    unpaid.paymentMethod = nil
    let free = try await fixture.add("Free", price: 0)
    for (id, isPaid) in [(0, true), (package.id, true), (free.id, false)] {
      unpaid.packageID = id
      await #expect {
        try await fixture.purchase(unpaid)
      } throws: { error in
        let fields = (id == 0 ? ["package_id"] : []) + ["quote_token", "request_id"]
        switch error {
        case PaymentRefusal.invalid(let found) where isPaid:
          return found.all.map(\.field) == fields + ["payment_method"]
        case Refusal.invalidFields(let found) where !isPaid:
          return found.all.map(\.field) == fields
        default: return false
        }
      }
    }
    await #expect {
      try await fixture.purchase(PurchasePackageRequest(0))
    } throws: { error in
      guard case Refusal.invalidFields(let found) = error else { return false }
      return found.all.map(\.field) == ["package_id"]
    }
    #expect(gateway.calls == 0)
    #expect(try await fixture.books().open.isEmpty)
  }

  @Test("a replay is the same bytes, for good, and is not charged")
  func replay() async throws {
    let gateway = ScriptedGateway()
    let fixture = scripted(gateway)
    let package = try await fixture.add()
    let request = PurchasePackageRequest(package.id, requestID: "r")
    let caller = fixture.caller(.purchasePackage, sending: request)
    let first = try await fixture.service.purchasePackage(request, caller)
    // The card has expired by then, and the record is still there.
    fixture.clock.advance(seconds: 20 * 365 * 86_400)
    _ = try await fixture.service.mutations.purgeExpiredReplays()
    let second = try await fixture.service.purchasePackage(request, caller)
    #expect(!first.isReplay && second.isReplay && first.bytes == second.bytes)
    #expect(gateway.calls == 1)
    let other = PurchasePackageRequest(package.id, card: "5555555555554444", requestID: "r")
    await #expect(throws: Refusal.idempotencyMismatch) { try await fixture.purchase(other) }
  }

  @Test("a decline is final: kept for the request_id, and open to another")
  func declined() async throws {
    let world = try await World()
    let package = try await world.createSellerPackage(.sample())
    let request = PurchasePackageRequest(
      package.id, card: "4000 0000 0000 9995", requestID: "r")
    let first: World.Reply<PurchasePackageResponse> = try await world.call(
      .purchasePackage, request, as: .seller)
    #expect(first.status().code == .failedPrecondition)
    #expect(first.status().message == "Payment processing failed")
    let details = try Details(first.status())
    #expect(details.reason == "CARD_DECLINED")
    #expect(details.info?.metadata["decline_code"] == "insufficient_funds")
    let second: World.Reply<PurchasePackageResponse> = try await world.call(
      .purchasePackage, request, as: .seller)
    #expect(second.isReplay && !first.isReplay)
    #expect(second.status().details == first.status().details)
    let third: World.Reply<PurchasePackageResponse> = try await world.call(
      .purchasePackage, PurchasePackageRequest(package.id, requestID: "s"), as: .seller)
    #expect(try third.get().purchase?.isActive == true)
  }

  @Test("a gateway that is not there charges nothing, and nothing is kept")
  func unreachable() async throws {
    let gateway = ScriptedGateway([.unreachable])
    let fixture = scripted(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    await #expect(throws: PaymentRefusal.gatewayUnavailable) {
      try await fixture.purchase(request)
    }
    let bought = try await fixture.purchase(request)
    #expect(bought.isActive && gateway.calls == 2)
  }

  @Test("an answer that was lost leaves the payment open, and nothing else can be bought")
  func unknown() async throws {
    let gateway = ScriptedGateway([.lose])
    let fixture = scripted(gateway)
    let (basic, other) = (try await fixture.add(), try await fixture.add("Other"))
    let request = PurchasePackageRequest(basic.id, requestID: "r")
    await #expect {
      try await fixture.purchase(request)
    } throws: { error in
      guard case PaymentRefusal.unresolved = error else { return false }
      return true
    }
    let open = try #require(try await fixture.books().open.first)
    #expect(open.state == .unknown)
    #expect(open.nextCheckTime == fixture.clock.time.adding(seconds: 5))
    // Too soon to ask.
    await #expect(throws: PaymentRefusal.purchaseUnderWay(resource: "sellerPackages/1")) {
      try await fixture.purchase(PurchasePackageRequest(basic.id))
    }
    await #expect(throws: PaymentRefusal.otherUnderWay()) {
      try await fixture.purchase(PurchasePackageRequest(other.id))
    }
    await #expect(throws: PaymentRefusal.unresolved(intentID: open.id.text)) {
      try await fixture.purchase(request)
    }
    await #expect(throws: Refusal.idempotencyMismatch) {
      try await fixture.purchase(PurchasePackageRequest(other.id, requestID: "r"))
    }
    await #expect(throws: PaymentRefusal.purchaseUnderWay(resource: "sellerPackages/1")) {
      try await fixture.quote(basic.id)
    }
    #expect(gateway.calls == 1 && gateway.lookups == 0)
    // The same request finds what came of it.
    fixture.clock.advance(seconds: 1)
    let bought = try await fixture.purchase(request)
    #expect(bought.isActive && bought.transactionID == "tr_1")
    #expect(gateway.calls == 1 && gateway.lookups == 1)
  }

  @Test("of 64 racing purchases one is charged, and the others exist already")
  func racing() async throws {
    for kind in StoreKind.allCases {
      try await kind.withStore { store, _ in
        let gateway = ScriptedGateway { try? await Task.sleep(for: .milliseconds(2)) }
        let fixture = scripted(gateway, store: store)
        let package = try await fixture.add()
        let outcomes = await withTaskGroup(of: String.self) { group in
          for _ in 0..<64 {
            group.addTask {
              do {
                _ = try await fixture.purchase(PurchasePackageRequest(package.id))
                return "bought"
              } catch {
                let mapping = StatusMapping(logger: fixture.log.logger, random: { 0 })
                let call = StatusMapping.Call(method: "", id: "", deadline: nil)
                return mapping.status(for: error, in: call).code.name
              }
            }
          }
          return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == ["bought": 1, "ALREADY_EXISTS": 63])
        #expect(gateway.calls == 1)
        let books = try await fixture.books()
        #expect(books.purchases.count == 1 && books.receipts.count == 1 && books.open.isEmpty)
      }
    }
  }

  @Test("racing retries of one request get the same bytes")
  func racingRetries() async throws {
    let gateway = ScriptedGateway { try? await Task.sleep(for: .milliseconds(2)) }
    let fixture = scripted(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    let caller = fixture.caller(.purchasePackage, sending: request)
    let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<20 {
        group.addTask { try await fixture.service.purchasePackage(request, caller).bytes }
      }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(answers.count == 1 && gateway.calls == 1)
  }

  @Test("a caller that goes away does not stop what has begun, and a drain waits for it")
  func cancelled() async throws {
    let (opened, door) = AsyncStream.makeStream(of: Void.self)
    let (begun, inside) = AsyncStream.makeStream(of: Void.self)
    let gateway = ScriptedGateway {
      inside.finish()
      for await _ in opened {}
      // What a gateway does that heeds cancellation.
      if Task.isCancelled { Issue.record("the charge was cancelled") }
    }
    let fixture = scripted(gateway)
    let package = try await fixture.add()
    let call = Task { try await fixture.purchase(PurchasePackageRequest(package.id)) }
    for await _ in begun {}
    call.cancel()
    let drain = Task {
      await fixture.service.payments.finish()
      return try await fixture.books()
    }
    // Time enough for one that does not wait to end.
    try await Task.sleep(for: .milliseconds(20))
    door.finish()
    let books = try await drain.value
    #expect(books.purchases.count == 1 && books.receipts.count == 1)
    _ = await call.result
  }

  @Test("a caller that is gone before it begins buys nothing")
  func cancelledBefore() async throws {
    let fixture = scripted(ScriptedGateway())
    let package = try await fixture.add()
    let call = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await fixture.purchase(PurchasePackageRequest(package.id))
    }
    await #expect(throws: CancellationError.self) { try await call.value }
    #expect(try await fixture.books().purchases.isEmpty)
  }

  @Test("validate_only answers as if done, and charges and writes nothing")
  func validateOnly() async throws {
    let gateway = ScriptedGateway()
    let fixture = scripted(gateway)
    let package = try await fixture.add()
    let dry = try await fixture.purchase(
      PurchasePackageRequest(package.id, requestID: "r", validateOnly: true))
    #expect(dry.id == 0 && dry.isActive && dry.packageID == package.id)
    #expect(dry.transactionID.isEmpty && dry.receiptNumber.isEmpty)
    #expect(dry.amountCharged == Money(currencyCode: "USD", units: 9, nanos: 990_000_000))
    await #expect(throws: SellerPackageRefusal.packageNotFound(id: 9)) {
      try await fixture.purchase(PurchasePackageRequest(9, validateOnly: true))
    }
    #expect(gateway.calls == 0)
    let books = try await fixture.books()
    #expect(books.purchases.isEmpty && books.receipts.isEmpty && books.open.isEmpty)
    // The request_id is still free.
    _ = try await fixture.purchase(PurchasePackageRequest(package.id, requestID: "r"))
  }

  @Test("a receipt is mailed where the token has an address and there is a mailer")
  func mail() async throws {
    var settings = SellerSettings()
    settings.mailer = .directory(path: "/nowhere")
    let fixture = scripted(ScriptedGateway(), settings: settings)
    let package = try await fixture.add()
    _ = try await fixture.purchase(PurchasePackageRequest(package.id), user: "1")
    _ = try await fixture.purchase(
      PurchasePackageRequest(package.id), user: "2", email: "a@b.example")
    let time = fixture.clock.time
    let mails = try await fixture.store.read { try $0.outboxMailsDue(at: time, limit: 10) }
    #expect(mails.map(\.recipient) == ["a@b.example"])
    let without = scripted(ScriptedGateway())
    _ = try await without.purchase(
      PurchasePackageRequest(try await without.add().id), email: "a@b.example")
    #expect(try await without.store.read { try $0.outboxCounts().waiting } == 0)
  }
}
