internal import API
internal import Foundation
internal import Storage
internal import Testing

@testable internal import Services

@Suite struct SandboxGatewayTests {
  private let store = MemoryStore()
  private let clock = TestClock()

  private var gateway: SandboxGateway {
    let clock = clock
    return SandboxGateway(store: store, now: { clock.time })
  }

  private func charge(_ number: String, id: UInt128 = 1) -> Charge {
    Charge(
      intentID: ULID(value: id), amount: MinorUnits(currencyCode: "USD", count: 999),
      instrument: .card(
        PaymentInstrument.Card(
          number: Secret(number), lastFour: String(number.suffix(4)), expiryMonth: 12,
          expiryYear: 2030, cvv: "123", holderName: "",
          brand: "visa")), description: "Basic")
  }

  private func intent(_ id: UInt128 = 1) -> PaymentIntentRecord {
    let money = MinorUnits(currencyCode: "USD", count: 999).money
    return PaymentIntentRecord(
      id: ULID(value: id), userID: "10", email: "", state: .pending, amount: money,
      method: .creditCard, cardBrand: "visa", cardLastFour: "4242",
      terms: PaymentIntentRecord.Terms(
        packageID: 1, packageName: "", listingLimit: .unlimited, features: [], price: money,
        credit: money, startTime: clock.time, endTime: clock.time, renewedPurchaseID: 0,
        replacedPurchaseID: 0),
      origin: PaymentIntentRecord.Origin(actor: "", method: "", requestID: "", requestHash: []),
      transactionID: "", declineCode: "", createTime: clock.time, checkCount: 0,
      lastCheckTime: nil, nextCheckTime: nil)
  }

  @Test("every number that it knows is a card's")
  func numbers() {
    for number in SandboxBehavior.cards.keys { #expect(CardNumber(Secret(number))?.brand == .visa) }
  }

  @Test("a charge is made once for an intent, and found from then on")
  func once() async throws {
    let first = try await gateway.charge(charge("4242424242424242"))
    guard case .succeeded(let id) = first else {
      Issue.record("declined")
      return
    }
    #expect(id.hasPrefix("tr_"))
    #expect(try await gateway.charge(charge("4000000000000002")) == first)
    #expect(try await gateway.lookup(intent()) == .found(first))
    #expect(try await gateway.lookup(intent(2)) == .notFound)
    #expect(try await gateway.charge(charge("4242424242424242", id: 2)) != first)
  }

  @Test("each card and each token does what docs/payments.md says, and none does more")
  func documented() throws {
    let rows = try SandboxRow.documented()
    for row in rows {
      for number in row.cards {
        let card = charge(number).instrument
        #expect(SandboxBehavior(of: card) == row.behavior, "\(number)")
      }
      for token in row.tokens {
        let payPal = PaymentInstrument.payPal(approvalToken: Secret(token))
        #expect(SandboxBehavior(of: payPal) == row.behavior, "\(token)")
      }
    }
    #expect(Set(SandboxBehavior.cards.keys).isSubset(of: rows.flatMap(\.cards)))
    #expect(Set(SandboxBehavior.tokens.keys).isSubset(of: rows.flatMap(\.tokens)))
    #expect(rows.count == 15)
  }

  @Test("a decline has the code that is documented, and is found with it")
  func declines() async throws {
    var id: UInt128 = 0
    for row in try SandboxRow.documented() {
      guard case .declines(let code) = row.behavior else { continue }
      for number in row.cards {
        id += 1
        #expect(try await gateway.charge(charge(number, id: id)) == .declined(code: code))
        #expect(try await gateway.lookup(intent(id)) == .found(.declined(code: code)))
      }
    }
    #expect(id == 9)
  }

  @Test("answers that are lost, late or none, and a gateway that is not reached")
  func failures() async throws {
    await #expect(throws: PaymentGatewayError.unknown(reason: "sandbox: no answer, not charged")) {
      try await gateway.charge(charge("4000009900000012", id: 1))
    }
    #expect(try await gateway.lookup(intent(1)) == .notFound)
    await #expect(throws: PaymentGatewayError.unknown(reason: "sandbox: answer lost")) {
      try await gateway.charge(charge("4000009900000020", id: 2))
    }
    let success = ChargeOutcome.succeeded(transactionID: "tr_" + ULID(value: 2).text)
    #expect(try await gateway.lookup(intent(2)) == .found(success))
    await #expect(throws: PaymentGatewayError.unknown(reason: "sandbox: no answer yet")) {
      try await gateway.charge(charge("4000009900000038", id: 3))
    }
    #expect(try await gateway.lookup(intent(3)) == .notFound)
    clock.advance(seconds: Limits.sandboxDelaySeconds)
    #expect(try await gateway.lookup(intent(3)) != .notFound)
    await #expect(throws: PaymentGatewayError.notDone(reason: "sandbox: not reached")) {
      try await gateway.charge(charge("4000009900000046", id: 4))
    }
    #expect(try await gateway.lookup(intent(4)) == .notFound)
  }

  @Test("what the sandbox refuses is not charged, and not found")
  func refusal() async throws {
    let outcome = try await gateway.charge(charge("4000009900000053"))
    #expect(outcome == .refused(code: "amount_too_small"))
    #expect(try await gateway.lookup(intent()) == .notFound)
    #expect(
      SandboxBehavior(of: .payPal(approvalToken: "sandbox-refused"))
        == .refuses(code: "amount_too_small"))
  }

  @Test("what the sandbox is late to find is not given up before, however often it is looked for")
  func delay() async throws {
    var settings = SellerSettings()
    settings.gatewayTimeoutSeconds = 1
    let fixture = SellerFixture(settings: settings)
    let package = try await fixture.add()
    await #expect(throws: PaymentRefusal.self) {
      try await fixture.purchase(PurchasePackageRequest(package.id, card: "4000009900000038"))
    }
    for _ in 0..<Limits.sandboxDelaySeconds {
      #expect(try await fixture.books().open.count == 1)
      fixture.clock.advance(seconds: 1)
      await fixture.service.payments.recover()
    }
    let books = try await fixture.books()
    #expect(books.receipts.count == 1 && books.open.isEmpty)
  }

  @Test("a refund is made once, of a charge that was made")
  func refund() async throws {
    _ = try await gateway.charge(charge("4242424242424242"))
    for _ in 0..<2 { _ = try await gateway.refund(intent(), transactionID: "tr_1") }
    _ = try await gateway.refund(intent(2), transactionID: "tr_2")
    let (first, second) = try await store.read {
      (try $0.sandboxCharge(ULID(value: 1)), try $0.sandboxCharge(ULID(value: 2)))
    }
    #expect(first?.outcome == .refunded && second == nil)
  }

  @Test("a late success is given when it is found", arguments: StoreKind.allCases)
  func late(kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let package = try await fixture.add()
      await #expect(throws: PaymentRefusal.self) {
        try await fixture.purchase(PurchasePackageRequest(package.id, card: "4000009900000038"))
      }
      for _ in 0..<6 {
        fixture.clock.advance(seconds: 10)
        await fixture.service.payments.reconcile()
      }
      let books = try await fixture.books()
      #expect(books.receipts.count == 1 && books.open.isEmpty)
    }
  }

  @Test("nothing of what pays is on the disk or in the log but the brand and the last four")
  func secrets() async throws {
    try await StoreKind.sqlite.withStore { store, folder in
      var settings = SellerSettings()
      settings.mailer = .directory(path: "/nowhere")
      let fixture = SellerFixture(store: store, settings: settings)
      let package = try await fixture.add()
      var request = PurchasePackageRequest(package.id, requestID: "r")
      for (user, number, cvv) in [
        ("1", "3782 822463 10005", "7391"), ("2", "4000-0000-0000-9995", "739"),
        ("3", "4000009900000020", "739"), ("4", "4000009900000046", "739"),
        ("5", "4000009900000012", "739"), ("6", "4242424242424241", "739"),
      ] {
        var card = CreditCard.sample(number)
        card.cvv = Secret(cvv)
        card.holderName = "Zebedee Quux"
        request.paymentMethod = .creditCard(card)
        _ = try? await fixture.purchase(request, user: user, email: "a@b.example")
      }
      request.paymentMethod = .paypal(PayPal(approvalToken: "EC-secret-approval"))
      _ = try await fixture.purchase(request, user: "7")
      fixture.clock.advance(seconds: 6)
      await fixture.service.payments.reconcile()
      #expect(try await fixture.books().receipts.count == 3)
      var bytes = Data()
      for file in try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
      { bytes += try Data(contentsOf: file) }
      bytes += Data(fixture.log.lines.joined().utf8)
      #expect(bytes.range(of: Data("0005".utf8)) != nil, "the last four are there")
      for secret in [
        "378282246310005", "3782 822463 10005", "37828224", "7391", "4000000000009995",
        "4000-0000", "400000990000", "4242424242424241", "Zebedee", "EC-secret", "approval",
      ] { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)") }
    }
  }
}

/// A row of the sandbox's table in docs/payments.md.
private struct SandboxRow {
  let cards: [String]
  let tokens: [String]
  let behavior: SandboxBehavior

  static func documented() throws -> [SandboxRow] {
    let file = URL(filePath: #filePath).appending(path: "../../../../docs/payments.md")
    let text = try String(contentsOf: file.standardized, encoding: .utf8)
    let table = try #require(
      text.split(separator: "| card | approval token | |\n|---|---|---|\n").last)
    return try table.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.isEmpty }
      .map { try SandboxRow($0.split(separator: "|").map { String($0) }) }
  }

  private init(_ cells: [String]) throws {
    try #require(cells.count == 3)
    // "any other" stands for what is not in the table.
    cards = cells[0].split(separator: ",").map { $0.filter(\.isNumber) }.filter { !$0.isEmpty }
    tokens = Self.code(in: cells[1])
    let code = Self.code(in: cells[2]).first
    behavior =
      switch (cells[2].trimmingCharacters(in: .whitespaces), code) {
      case ("charged", _): .succeeds
      case ("declined: `\(code ?? "")`", let code?): .declines(code: code)
      case ("refused for good: `\(code ?? "")`", let code?): .refuses(code: code)
      case ("no answer, and never charged", _): .timeout
      case ("charged, and the answer is lost", _): .losesAnswer
      case ("the same, and found \(Limits.sandboxDelaySeconds) s later only", _): .isLate
      case ("not reached: surely not charged", _): .unreachable
      default: throw Unknown(text: cells[2])
      }
  }

  private struct Unknown: Error { let text: String }

  /// What stands between backquotes.
  private static func code(in cell: String) -> [String] {
    cell.matches(of: /`([^`]+)`/).map { String($0.output.1) }
  }
}
