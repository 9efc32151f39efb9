internal import Curl
internal import Foundation
internal import LoopbackServer
internal import Storage
internal import Testing

@testable internal import Services

@Suite(.timeLimit(.minutes(10))) struct StripeLookupTests {
  private typealias Charges = StripeGatewayTests

  /// - Parameter age: how many seconds ago the intent was made.
  private func gateway(
    _ stripe: FakeStripe, searchMilliseconds: Int? = nil, age: Int64 = 100
  ) throws -> StripeGateway {
    let file = try KeyFile(Charges.key)
    return StripeGateway(
      url: "http://127.0.0.1:\(stripe.port)", key: try StripeKey(path: file.path),
      timeoutSeconds: 200, searchMilliseconds: searchMilliseconds,
      now: { Charges.record().createTime.adding(seconds: age) })
  }

  private static func page(_ intents: [String], more: Bool = false) -> FakeStripe.Step {
    .answer(200, #"{"data": [\#(intents.joined(separator: ","))], "has_more": \#(more)}"#)
  }

  private static let other = #"{"id": "pi_0", "status": "succeeded", "metadata": {}}"#

  @Test(
    "a payment is found by the intent's id, whatever stands before it",
    arguments: [
      ("succeeded", "null", ChargeLookup.found(.succeeded(transactionID: "tr_pi_1"))),
      ("processing", "null", .pending),
      (
        "requires_payment_method", #"{"code": "card_declined", "decline_code": "lost_card"}"#,
        .found(.declined(code: "lost_card"))
      ),
      ("canceled", "null", .found(.declined(code: "canceled"))),
    ])
  func found(status: String, error: String, expected: ChargeLookup) async throws {
    let stripe = try FakeStripe([
      Self.page([Self.other], more: true),
      Self.page([Self.other, Charges.intent(status, error: error)]),
    ])
    #expect(try await gateway(stripe).lookup(Charges.record()) == expected)
    #expect(
      stripe.requests.map { $0.head.prefix { $0 != "\r\n" } } == [
        "GET /v1/payment_intents?limit=100&created%5Bgte%5D=1767139200"
          + "&created%5Blte%5D=1767313100 HTTP/1.1",
        "GET /v1/payment_intents?limit=100&created%5Bgte%5D=1767139200"
          + "&created%5Blte%5D=1767313100&starting_after=pi_0 HTTP/1.1",
      ])
  }

  private static let pageAddress = "GET /v1/payment_intents?limit=100&"
  private static let searchAddress =
    "GET /v1/payment_intents/search?query=metadata%5B%22packd_intent%22%5D%3A%22"
    + "\(Charges.id.text)%22 "

  @Test("what neither a list that ends nor search has was never there")
  func missing() async throws {
    let stripe = try FakeStripe([Self.page([Self.other]), Self.page([])])
    #expect(try await gateway(stripe).lookup(Charges.record()) == .notFound)
    let heads = stripe.requests.map(\.head)
    try #require(heads.count == 2)
    #expect(heads[0].hasPrefix(Self.pageAddress) && heads[1].hasPrefix(Self.searchAddress))
  }

  @Test("search finds what the list does not show, at whatever time it was made")
  func search() async throws {
    let stripe = try FakeStripe([
      Self.page([Self.other]), Self.page([Self.other, Charges.intent("succeeded")]),
    ])
    let lookup = try await gateway(stripe).lookup(Charges.record())
    #expect(lookup == .found(.succeeded(transactionID: "tr_pi_1")))
  }

  @Test(
    "a search that fails leaves it open, however short the list",
    arguments: [500, 429, 401, 403])
  func failedSearch(status: Int) async throws {
    let stripe = try FakeStripe([Self.page([Self.other]), .answer(status, Self.noSearch)])
    await #expect(throws: PaymentGatewayError.self) {
      try await gateway(stripe).lookup(Charges.record())
    }
  }

  /// As accounts of India are told, with 400.
  private static let noSearch = #"{"error": {"type": "invalid_request_error"}}"#

  @Test("where Stripe does not search, a list that ends is enough, and no other")
  func refusedSearch() async throws {
    let stripe = try FakeStripe([Self.page([Self.other]), .answer(400, Self.noSearch)])
    #expect(try await gateway(stripe).lookup(Charges.record()) == .notFound)
    let pages = (0..<10).map { _ in Self.page([Self.other], more: true) }
    let long = try FakeStripe(pages + [.answer(400, Self.noSearch)])
    await #expect(throws: PaymentGatewayError.notDone(reason: "HTTP 400, invalid_request_error")) {
      try await gateway(long, age: 7200).lookup(Charges.record())
    }
  }

  @Test(
    "another's payment that cannot be read hides nothing",
    arguments: [
      "7", "{}", #"{"id": 7, "metadata": {}}"#, #"{"id": "pi_0", "metadata": {"x": 7}}"#,
      #"{"id": "pi_0", "status": 7, "metadata": null}"#,
    ])
  func strangePayments(_ other: String) async throws {
    let found = try FakeStripe([Self.page([other, Charges.intent("succeeded")])])
    let lookup = try await gateway(found).lookup(Charges.record())
    #expect(lookup == .found(.succeeded(transactionID: "tr_pi_1")))
    let none = try FakeStripe([Self.page([other]), Self.page([other])])
    #expect(try await gateway(none).lookup(Charges.record()) == .notFound)
  }

  @Test("our payment that cannot be read is there nevertheless")
  func strangeOwnPayment() async throws {
    let own = #"{"id": "pi_1", "metadata": {"packd_intent": "\#(Charges.id.text)"}}"#
    let stripe = try FakeStripe([Self.page([own])])
    await #expect(throws: PaymentGatewayError.unknown(reason: "a payment that is not Stripe's")) {
      try await gateway(stripe).lookup(Charges.record())
    }
  }

  @Test("where the list is too long search decides, once it has had its time")
  func longList() async throws {
    let pages = (0..<10).map { _ in Self.page([Self.other], more: true) }
    let found = try FakeStripe(pages + [Self.page([Charges.intent("succeeded")])])
    let lookup = try await gateway(found, age: 5).lookup(Charges.record())
    #expect(lookup == .found(.succeeded(transactionID: "tr_pi_1")))
    #expect(found.requests.last?.head.hasPrefix(Self.searchAddress) == true)
    let young = try FakeStripe(pages + [Self.page([])])
    await #expect(
      throws: PaymentGatewayError.unknown(
        reason: "too many payments, or too little time, to find it")
    ) {
      try await gateway(young, age: 7199).lookup(Charges.record())
    }
    let old = try FakeStripe(pages + [Self.page([])])
    #expect(try await gateway(old, age: 7200).lookup(Charges.record()) == .notFound)
  }

  @Test("what is not found is not given up before a late charge is listed")
  func settling() throws {
    let gateway = try gateway(FakeStripe([]))
    #expect(gateway.settlingSeconds == 900)
  }

  @Test("a list that takes too much time is as one that is too long, and leaves the search its own")
  func slowList() async throws {
    let found = Self.page([Charges.intent("succeeded")])
    let stripe = try FakeStripe { $1.head.hasPrefix(Self.searchAddress) ? found : .hang }
    let lookup = try await gateway(stripe, searchMilliseconds: 197_000).lookup(Charges.record())
    #expect(lookup == .found(.succeeded(transactionID: "tr_pi_1")))
    #expect(stripe.requests.last?.head.hasPrefix(Self.searchAddress) == true)
  }

  @Test(
    "a lookup that fails tells nothing",
    arguments: [FakeStripe.Step.answer(500, ""), .answer(401, ""), .cut, .answer(200, "[]")])
  func failure(_ step: FakeStripe.Step) async throws {
    let stripe = try FakeStripe([step])
    await #expect(throws: PaymentGatewayError.self) {
      try await gateway(stripe).lookup(Charges.record())
    }
  }

  @Test(
    "a refund names the payment, and is made once",
    arguments: ["succeeded", "pending", "requires_action"])
  func refund(status: String) async throws {
    let again = #"{"error": {"code": "charge_already_refunded"}}"#
    let stripe = try FakeStripe([
      .answer(200, #"{"id": "re_1", "status": "\#(status)"}"#), .answer(400, again),
    ])
    for _ in 0..<2 {
      let outcome = try await gateway(stripe).refund(
        Charges.record(), transactionID: "tr_pi_1")
      #expect(outcome == .done)
    }
    let requests = stripe.requests
    #expect(requests.map(\.body) == ["payment_intent=pi_1", "payment_intent=pi_1"])
    #expect(
      requests.allSatisfy { $0.head.contains("Idempotency-Key: \(Charges.id.text)-refund\r\n") })
  }

  @Test(
    "what is no transaction of Stripe's is not sent",
    arguments: ["tr_1", "pi_1", "tr_pi_1&a=b", ""])
  func badRefund(_ transactionID: String) async throws {
    let stripe = try FakeStripe([.answer(200, "{}")])
    await #expect(throws: PaymentGatewayError.self) {
      try await gateway(stripe).refund(Charges.record(), transactionID: transactionID)
    }
    #expect(stripe.requests.isEmpty)
  }

  @Test(
    "a refund that is not told of may have been made",
    arguments: [
      FakeStripe.Step.cut, .answer(500, ""),
      .answer(409, #"{"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}"#),
      .answer(200, #"{"id": "re_1", "status": null}"#), .answer(200, #"{"id": "re_1"}"#),
      .answer(200, "{"),
    ])
  func unknownRefund(_ step: FakeStripe.Step) async throws {
    let stripe = try FakeStripe([step])
    do {
      _ = try await gateway(stripe).refund(Charges.record(), transactionID: "tr_pi_1")
      Issue.record("did not fail")
    } catch PaymentGatewayError.unknown {}
  }

  @Test(
    "a refund that failed for sure is said to, and its next try has another key",
    arguments: [
      FakeStripe.Step.answer(200, #"{"id": "re_1", "status": "failed"}"#),
      .answer(200, #"{"id": "re_1", "status": "canceled"}"#),
      .answer(400, #"{"error": {"type": "invalid_request_error", "code": "no_balance"}}"#),
    ])
  func failedRefund(_ step: FakeStripe.Step) async throws {
    let stripe = try FakeStripe([step, step, .answer(200, #"{"status": "succeeded"}"#)])
    var intent = Charges.record()
    for failures in 0..<3 as Range<Int32> {
      intent.refundFailures = failures
      let outcome = try await gateway(stripe).refund(intent, transactionID: "tr_pi_1")
      #expect((outcome == .done) == (failures == 2))
    }
    let keys = stripe.requests.map { request in
      request.head.split(separator: "\r\n").first { $0.hasPrefix("Idempotency-Key: ") }
        .map { $0.dropFirst("Idempotency-Key: ".count) }
    }
    let first = "\(Charges.id.text)-refund"
    #expect(keys == [first[...], "\(first)-1", "\(first)-2"])
  }

  @Test(
    "a refund that was not even tried keeps its key",
    arguments: [
      FakeStripe.Step.answer(429, #"{"error": {"code": "rate_limit"}}"#), .answer(401, "{}"),
      .answer(403, ""), .answer(404, "not found"),
    ])
  func refundNotTried(_ step: FakeStripe.Step) async throws {
    let stripe = try FakeStripe([step])
    await #expect(throws: PaymentGatewayError.self) {
      try await gateway(stripe).refund(Charges.record(), transactionID: "tr_pi_1")
    }
  }
}

@Suite struct StripeKeyTests {
  @Test("a key is read without its line end, and tells nothing of itself")
  func reading() throws {
    let file = try KeyFile("rk_live_abc\r\n")
    let key = try StripeKey(path: file.path)
    #expect(key.text == "rk_live_abc")
    var dumped = ""
    dump(key, to: &dumped)
    #expect(!"\(key) \(String(reflecting: key)) \(dumped)".contains("rk_live"))
  }

  @Test(
    "what is not a secret key is refused without being told",
    arguments: [
      "", "pk_live_abc", "sk_a b", "sk_a\nsk_b",
    ])
  func content(_ text: String) throws {
    let file = try KeyFile(text)
    do {
      _ = try StripeKey(path: file.path)
      Issue.record("was taken")
    } catch {
      #expect(
        error.description
          == "\(file.path) has no secret key of Stripe's, which begins with sk_ or rk_")
    }
  }

  @Test("a key that is too long is not cut off", arguments: [256, 257, 258, 300])
  func length(count: Int) throws {
    let longest = "sk_\(String(repeating: "a", count: 252))"
    let whole = try KeyFile(longest + "\r\n")
    #expect(try StripeKey(path: whole.path).text == longest)
    let file = try KeyFile(longest + String(repeating: "a", count: count - 255))
    #expect(throws: SellerSettings.Fault("\(file.path) has more than 255 bytes")) {
      try StripeKey(path: file.path)
    }
  }

  @Test("a key that every user can read is refused", arguments: [0o604, 0o602, 0o601])
  func mode(_ mode: Int) throws {
    let file = try KeyFile("sk_test_abc", mode: mode)
    #expect(throws: SellerSettings.Fault.self) { try StripeKey(path: file.path) }
    let group = try KeyFile("sk_test_abc", mode: 0o640)
    #expect(try StripeKey(path: group.path).text == "sk_test_abc")
  }

  @Test("what is no file is refused", arguments: ["/nowhere/key", "/tmp", "/dev/null"])
  func missing(_ path: String) {
    #expect(throws: SellerSettings.Fault.self) { try StripeKey(path: path) }
  }

  @Test("a gateway is made of the settings, or a sentence of what is wrong with them")
  func settings() throws {
    let file = try KeyFile("sk_test_abc")
    var settings = SellerSettings()
    #expect(try settings.makeGateway(store: MemoryStore(), now: Instant.now) is SandboxGateway)
    settings.gateway = .stripe(url: "https://api.stripe.com", keyPath: file.path)
    #expect(try settings.makeGateway(store: MemoryStore(), now: Instant.now) is StripeGateway)
    settings.gateway = .stripe(url: "http://api.stripe.com", keyPath: file.path)
    #expect(throws: SellerSettings.Fault.self) {
      try settings.makeGateway(store: MemoryStore(), now: Instant.now)
    }
  }
}
