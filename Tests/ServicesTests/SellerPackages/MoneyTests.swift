internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

/// What a user paid over a long time, against what they were given.
@Suite(.timeLimit(.minutes(10))) struct MoneyTests {
  @Test(
    "whatever is bought and renewed when, charges are prices less what was unused",
    arguments: 1...6 as ClosedRange<UInt64>)
  func walk(seed: UInt64) async throws {
    var random = SeededNumbers(seed: seed)
    let fixture = SellerFixture()
    var packages: [SellerPackageRecord] = []
    for number in 0..<4 {
      packages.append(
        try await fixture.add(
          "P\(number)", price: Int64.random(in: 0...9999, using: &random),
          days: Int32.random(in: 1...90, using: &random)))
    }
    for _ in 0..<60 {
      fixture.clock.advance(seconds: Int64.random(in: 1...(10 * 86_400), using: &random))
      let newest = try await fixture.store.read { try $0.entitlement(of: "10")?.record }
      if Bool.random(using: &random), let newest {
        _ = try? await fixture.renew(RenewPackageRequest(newest.id))
      } else {
        let package = packages[Int.random(in: 0..<packages.count, using: &random)]
        _ = try? await fixture.purchase(PurchasePackageRequest(package.id))
      }
    }
    let books = try await fixture.books()
    #expect(books.open.isEmpty && books.receipts.count > 10)
    #expect(books.receipts.map(\.sequence) == Array(1...Int64(books.receipts.count)))
    try check(books)
  }

  private func check(_ books: Books) throws {
    let purchases = books.purchases.sorted { $0.id < $1.id }
    for (purchase, next) in zip(purchases, purchases.dropFirst()) {
      #expect(purchase.endTime <= next.startTime, "no time is given twice")
      #expect(purchase.isReplaced)
    }
    var before: PurchaseRecord?
    for purchase in purchases {
      let receipts = books.receipts.filter { $0.purchaseID == purchase.id }
      for receipt in receipts {
        #expect(
          cents(receipt.amountCharged) == cents(receipt.price) - cents(receipt.credit))
      }
      let first = try #require(receipts.first)
      // Of the one before: what its receipts say it cost, less what of that was used.
      var unused: Int64 = 0
      if let before, before.isReplaced {
        for paid in books.receipts where paid.purchaseID == before.id {
          let length = seconds(paid.endTime) - seconds(paid.startTime)
          let used = min(length, max(0, seconds(purchase.startTime) - seconds(paid.startTime)))
          unused += cents(paid.price) - (cents(paid.price) * used + length - 1) / length
        }
      }
      #expect(cents(first.credit) == min(cents(first.price), unused))
      #expect(receipts.dropFirst().allSatisfy { cents($0.credit) == 0 })
      before = purchase
    }
  }

  private func cents(_ money: MoneyRecord) -> Int64 { MinorUnits(money)?.count ?? -1 }

  private func seconds(_ time: Instant) -> Int64 { time.nanosecondsSinceEpoch / 1_000_000_000 }

  @Test("a package that is deleted while it is paid is not given, and the money is")
  func deleted() async throws {
    let (opened, door) = AsyncStream.makeStream(of: Void.self)
    let (begun, inside) = AsyncStream.makeStream(of: Void.self)
    let gateway = ScriptedGateway {
      inside.finish()
      for await _ in opened {}
    }
    let fixture = SellerFixture { _, _ in gateway }
    let package = try await fixture.add()
    let call = Task { try await fixture.purchase(PurchasePackageRequest(package.id)) }
    for await _ in begun {}
    try await fixture.store.write { try $0.deleteSellerPackage(package.id) }
    door.finish()
    await #expect(throws: PaymentRefusal.returned) { try await call.value }
    #expect(gateway.charges.isEmpty && gateway.refunds == 1)
    let books = try await fixture.books()
    #expect(books.open.isEmpty && books.purchases.isEmpty && books.receipts.isEmpty)
  }

  @Test("a purchase is answered in the contract's words")
  func statuses() async throws {
    let world = try await World()
    let package = try await world.createSellerPackage(.sample())
    var request = PurchasePackageRequest(package.id, card: "4242 4242 4242 4241")
    var reply: World.Reply<PurchasePackageResponse> = try await world.call(
      .purchasePackage, request, as: .seller)
    #expect(reply.status().code == .invalidArgument)
    #expect(reply.status().message == "Payment validation failed")
    #expect(try Details(reply.status()).reason == "PAYMENT_INVALID")
    #expect(try Details(reply.status()).fields == ["credit_card.number"])
    request = PurchasePackageRequest(package.id)
    reply = try await world.call(.purchasePackage, request, as: .seller)
    #expect(try reply.get().message == "Package purchased successfully")
    reply = try await world.call(.purchasePackage, request, as: .seller)
    #expect(reply.status().code == .alreadyExists)
    #expect(reply.status().message == "You already have an active package of this type")
    reply = try await world.call(.purchasePackage, request, as: nil)
    #expect(reply.status().code == .unauthenticated)
  }
}
