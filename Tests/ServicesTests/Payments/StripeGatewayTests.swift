internal import API
internal import Curl
internal import Foundation
internal import LoopbackServer
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

/// Stripe's part is played by a server of the test's own, with answers as Stripe documents them.
@Suite(.timeLimit(.minutes(10))) struct StripeGatewayTests {
  static let number = "4242424242424242"
  static let key = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
  static let id = ULID(milliseconds: 1_767_225_600_000, random: 7)

  static let method = #"{"id": "pm_1", "object": "payment_method"}"#

  static func intent(_ status: String, error: String = "null", id: String = "pi_1") -> String {
    #"{"id": "\#(id)", "status": "\#(status)", "last_payment_error": \#(error), "#
      + #""metadata": {"packd_intent": "\#(Self.id.text)"}}"#
  }

  static func charge(
    _ instrument: PaymentInstrument = card, currencyCode: String = "USD", count: Int64 = 999
  ) -> Charge {
    Charge(
      intentID: id, amount: MinorUnits(currencyCode: currencyCode, count: count),
      instrument: instrument, description: "Basic & Söhne")
  }

  static let card = PaymentInstrument.card(
    .init(
      number: Secret(number), lastFour: String(number.suffix(4)), expiryMonth: 3, expiryYear: 2030,
      cvv: "737", holderName: "A. Seller",
      brand: "visa"))

  static func record() -> PaymentIntentRecord {
    let time = Instant(secondsSinceEpoch: 1_767_225_600)
    let money = MinorUnits(currencyCode: "USD", count: 999).money
    return PaymentIntentRecord(
      id: id, userID: "10", email: "", state: .unknown, amount: money, method: .creditCard,
      cardBrand: "visa", cardLastFour: "4242",
      terms: .init(
        packageID: 1, packageName: "Basic", listingLimit: .limit(1), features: [], price: money,
        credit: money, startTime: time, endTime: time, renewedPurchaseID: 0,
        replacedPurchaseID: 0),
      origin: .init(actor: "10", method: "", requestID: "", requestHash: []), transactionID: "",
      declineCode: "", createTime: time, checkCount: 0, lastCheckTime: nil, nextCheckTime: nil)
  }

  private func gateway(
    _ stripe: FakeStripe, seconds: Int64 = 200, turnMilliseconds: Int? = nil,
    chargeMilliseconds: Int? = nil, atOnce: Int = 4
  ) throws -> StripeGateway {
    let file = try KeyFile(Self.key + "\n")
    return StripeGateway(
      url: "http://127.0.0.1:\(stripe.port)", key: try StripeKey(path: file.path),
      timeoutSeconds: seconds, turnMilliseconds: turnMilliseconds,
      chargeMilliseconds: chargeMilliseconds, maxCharges: atOnce, maxLookups: atOnce)
  }

  private func failure(_ body: () async throws -> Void) async -> PaymentGatewayError? {
    do {
      try await body()
      Issue.record("did not fail")
      return nil
    } catch { return error as? PaymentGatewayError }
  }

  @Test("a charge says what it is for, and its idempotency key is the intent's id")
  func success() async throws {
    let stripe = try FakeStripe([.answer(200, Self.method), .answer(200, Self.intent("succeeded"))])
    let outcome = try await gateway(stripe).charge(Self.charge())
    #expect(outcome == .succeeded(transactionID: "tr_pi_1"))
    let requests = stripe.requests
    try #require(requests.count == 2)
    #expect(requests[0].head.hasPrefix("POST /v1/payment_methods HTTP/1.1\r\n"))
    #expect(requests[0].head.contains("Idempotency-Key: \(Self.id.text)-method\r\n"))
    #expect(
      requests[0].body
        == "type=card&card%5Bnumber%5D=4242424242424242&card%5Bexp_month%5D=3"
        + "&card%5Bexp_year%5D=2030&card%5Bcvc%5D=737&billing_details%5Bname%5D=A.%20Seller")
    #expect(requests[1].head.hasPrefix("POST /v1/payment_intents HTTP/1.1\r\n"))
    #expect(requests[1].head.contains("Idempotency-Key: \(Self.id.text)\r\n"))
    #expect(requests[1].head.contains("Authorization: Bearer \(Self.key)\r\n"))
    #expect(
      requests[1].body
        == "amount=999&currency=usd&payment_method=pm_1&payment_method_types%5B%5D=card"
        + "&confirm=true&error_on_requires_action=true&description=Basic%20%26%20S%C3%B6hne"
        + "&metadata%5Bpackd_intent%5D=\(Self.id.text)")
  }

  @Test("an approval token is a payment method of PayPal's, however it is written")
  func payPal() async throws {
    let stripe = try FakeStripe([.answer(200, Self.intent("succeeded"))])
    let token = "pm_1&amount=1"
    let outcome = try await gateway(stripe).charge(
      Self.charge(.payPal(approvalToken: Secret(token))))
    #expect(outcome == .succeeded(transactionID: "tr_pi_1"))
    #expect(
      stripe.requests.first?.body.contains(
        "amount=999&currency=usd&payment_method=pm_1%26amount%3D1&payment_method_types%5B%5D=paypal"
      )
        == true)
  }

  @Test(
    "an amount is in Stripe's units, which are not always ISO 4217's",
    arguments: [
      ("USD", 999, 999), ("JPY", 500, 500), ("MGA", 12_300, 123), ("ISK", 5, 500),
      ("UGX", 5, 500), ("KWD", 5120, 5120), ("HUF", 1045, 1045),
    ])
  func units(currencyCode: String, count: Int64, sent: Int64) async throws {
    let stripe = try FakeStripe([.answer(200, Self.intent("succeeded"))])
    _ = try await gateway(stripe).charge(
      Self.charge(.payPal(approvalToken: "pm_1"), currencyCode: currencyCode, count: count))
    #expect(
      stripe.requests.first?.body.hasPrefix(
        "amount=\(sent)&currency=\(currencyCode.lowercased())&") == true)
  }

  @Test(
    "an amount that Stripe has not is refused for good before anything is sent",
    arguments: [
      ("MGA", 12_345), ("BHD", 1), ("JOD", 5124), ("KWD", 5125), ("OMR", 11), ("TND", 999),
      ("ISK", Int64.max / 10),
    ])
  func noSuchAmount(currencyCode: String, count: Int64) async throws {
    let stripe = try FakeStripe([.answer(200, Self.method), .answer(200, Self.intent("succeeded"))])
    let outcome = try await gateway(stripe).charge(
      Self.charge(currencyCode: currencyCode, count: count))
    #expect(outcome == .refused(code: "amount_not_chargeable"))
    #expect(stripe.requests.isEmpty)
  }

  @Test(
    "a decline has the most precise code that there is",
    arguments: [
      (
        402, #"{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}"#,
        "insufficient_funds"
      ),
      (402, #"{"type":"card_error","code":"expired_card"}"#, "expired_card"),
      (402, #"{"type":"card_error","code":"4242424242424242"}"#, "card_declined"),
      (
        400, #"{"type":"invalid_request_error","code":"invalid_expiry_year"}"#,
        "invalid_expiry_year"
      ),
      (402, "{}", "card_declined"),
    ])
  func declined(status: Int, error: String, code: String) async throws {
    let body = #"{"error": \#(error)}"#
    let late = try FakeStripe([.answer(200, Self.method), .answer(status, body)])
    #expect(try await gateway(late).charge(Self.charge()) == .declined(code: code))
    // Of a card that Stripe does not even take.
    let early = try FakeStripe([.answer(status, body)])
    #expect(try await gateway(early).charge(Self.charge()) == .declined(code: code))
    #expect(early.requests.count == 1)
  }

  @Test("a PayPal token that Stripe does not know is declined", arguments: [400, 404])
  func unknownToken(status: Int) async throws {
    let stripe = try FakeStripe([
      .answer(status, #"{"error": {"type": "invalid_request_error", "code": "resource_missing"}}"#)
    ])
    let outcome = try await gateway(stripe).charge(Self.charge(.payPal(approvalToken: "x")))
    #expect(outcome == .declined(code: "resource_missing"))
  }

  @Test(
    "what no other try makes better is refused for good",
    arguments: [
      (400, "amount_too_small", "amount_too_small"),
      (400, "parameter_invalid_integer", "parameter_invalid_integer"),
      (400, number, "invalid_request_error"), (402, "", "invalid_request_error"),
    ])
  func refused(status: Int, code: String, told: String) async throws {
    let error = #"{"type": "invalid_request_error", "code": "\#(code)"}"#
    let body = #"{"error": \#(error)}"#
    let late = try FakeStripe([.answer(200, Self.method), .answer(status, body)])
    #expect(try await gateway(late).charge(Self.charge()) == .refused(code: told))
    let early = try FakeStripe([.answer(status, body)])
    #expect(try await gateway(early).charge(Self.charge()) == .refused(code: told))
    #expect(early.requests.count == 1)
  }

  @Test(
    "a key or an account that Stripe does not take is ours to mend, and told without the key",
    arguments: [
      (401, #"{"error":{"type":"invalid_request_error","message":"bad key \#(key)"}}"#),
      (403, ""), (400, #"{"error":{"type":"invalid_request_error","code":"api_key_expired"}}"#),
      (400, #"{"error":{"type":"invalid_request_error","code":"testmode_charges_only"}}"#),
    ])
  func notAllowed(status: Int, body: String) async throws {
    let stripe = try FakeStripe([.answer(200, Self.method), .answer(status, body)])
    let error = await failure { _ = try await gateway(stripe).charge(Self.charge()) }
    guard case .notAllowed(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("HTTP \(status)") && !reason.contains(Self.key))
  }

  @Test(
    "a gateway that has no time has charged nothing",
    arguments: [
      (400, "not Stripe's"), (400, #"{"error":{"type":"api_error"}}"#),
      (400, #"{"error":{"type":"invalid_request_error","code":"lock_timeout"}}"#),
      (429, #"{"error":{"type":"invalid_request_error","message":"bad \#(number)"}}"#),
      (404, "not found"), (429, #"{"error":{"code":"rate_limit"}}"#),
    ])
  func busy(status: Int, body: String) async throws {
    let stripe = try FakeStripe([.answer(200, Self.method), .answer(status, body)])
    let error = await failure { _ = try await gateway(stripe).charge(Self.charge()) }
    guard case .notDone(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("HTTP \(status)"))
    #expect(!reason.contains(Self.number) && !reason.contains(Self.key))
  }

  @Test(
    "where the outcome of a charge is not told, it is unknown",
    arguments: [
      FakeStripe.Step.answer(500, "{}"), .answer(503, ""), .answer(302, ""), .cut, .hang,
      .answer(409, #"{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}"#),
      .answer(400, #"{"error":{"type":"idempotency_error"}}"#), .answer(200, "{"),
      .answer(200, intent("processing")), .answer(200, intent("succeeded", id: "../x")),
    ])
  func unknown(_ step: FakeStripe.Step) async throws {
    let stripe = try FakeStripe([.answer(200, Self.method), step])
    let error = await failure {
      _ = try await gateway(stripe, seconds: step == .hang ? 10 : 200).charge(Self.charge())
    }
    guard case .unknown(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.isEmpty && !reason.contains(Self.number) && !reason.contains(Self.key))
    #expect(stripe.requests.count == 2)
  }

  @Test(
    "until a card is a payment method nothing was charged",
    arguments: [FakeStripe.Step.cut, .answer(500, ""), .answer(200, "")])
  func refusedBefore(_ step: FakeStripe.Step) async throws {
    let stripe = try FakeStripe([step])
    let error = await failure { _ = try await gateway(stripe).charge(Self.charge()) }
    guard case .notDone = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(stripe.requests.count == 1)
  }

  @Test("who is not there has charged nothing")
  func notThere() async throws {
    let stripe = try FakeStripe([])
    stripe.stop()
    let error = await failure {
      _ = try await gateway(stripe).charge(Self.charge(.payPal(approvalToken: "pm_1")))
    }
    #expect(error == .notDone(reason: "Couldn't connect to server"))
  }

  @Test(
    "a payment that waits for somebody is cancelled, so that nobody can pay it later",
    arguments: [
      "requires_action", "requires_confirmation", "requires_capture", "requires_payment_method",
    ])
  func action(status: String) async throws {
    let stripe = try FakeStripe([
      .answer(200, Self.method), .answer(200, Self.intent(status)),
      .answer(200, Self.intent("canceled")),
    ])
    let outcome = try await gateway(stripe).charge(Self.charge())
    #expect(outcome == .declined(code: "authentication_required"))
    #expect(stripe.requests.last?.head.hasPrefix("POST /v1/payment_intents/pi_1/cancel ") == true)
  }

  @Test("a payment that was turned down is not cancelled", arguments: ["lost_card", "?"])
  func turnedDown(code: String) async throws {
    let intent = Self.intent("requires_payment_method", error: #"{"code": "\#(code)"}"#)
    let stripe = try FakeStripe([.answer(200, Self.method), .answer(200, intent)])
    let outcome = try await gateway(stripe).charge(Self.charge())
    #expect(outcome == .declined(code: code == "?" ? "card_declined" : code))
    #expect(stripe.requests.count == 2)
  }

  @Test("a payment that cannot be cancelled has no outcome yet", arguments: [400, 401, 500])
  func notCancelled(status: Int) async throws {
    let stripe = try FakeStripe([
      .answer(200, Self.method), .answer(200, Self.intent("requires_action")),
      .answer(status, ""),
    ])
    let error = await failure { _ = try await gateway(stripe).charge(Self.charge()) }
    #expect(error == .unknown(reason: "HTTP \(status)"))
  }

  // MARK: Turns

  /// A call that is under way, and has no end of its own.
  private struct Hanging {
    private let task: Task<Void, any Error>
    private let isOver: Flag

    private final class Flag: Sendable {
      let value = Atomic(false)
    }

    init(_ stripe: FakeStripe, _ body: @escaping @Sendable () async throws -> Void) async throws {
      let isOver = Flag()
      self.isOver = isOver
      task = Task {
        defer { isOver.value.store(true, ordering: .relaxed) }
        try await body()
      }
      while stripe.requests.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Ends it; returns whether it was under way still.
    func end() async -> Bool {
      let wasUnderWay = !isOver.value.load(ordering: .relaxed)
      task.cancel()
      _ = await task.result
      return wasUnderWay
    }
  }

  @Test("a charge that waits for its turn has sent nothing, and says so when it is cancelled")
  func cancelledWhileWaiting() async throws {
    let stripe = try FakeStripe([.hang])
    let gateway = try gateway(stripe, atOnce: 1)
    let first = try await Hanging(stripe) { _ = try await gateway.charge(Self.charge()) }
    let second = Task { await failure { _ = try await gateway.charge(Self.charge()) } }
    second.cancel()
    #expect(await second.value == .notDone(reason: "too many payments were under way"))
    #expect(stripe.requests.count == 1)
    #expect(await first.end())
  }

  @Test("a charge whose turn comes too late to be charged in time is not begun")
  func waitedTooLong() async throws {
    let stripe = try FakeStripe([.hang])
    let gateway = try gateway(stripe, turnMilliseconds: 0)
    let failure = await failure { _ = try await gateway.charge(Self.charge()) }
    #expect(failure == .notDone(reason: "too many payments were under way"))
    #expect(stripe.requests.isEmpty)
  }

  @Test("a charge that the payment method leaves too little time is not asked for")
  func tooLittleTime() async throws {
    let stripe = try FakeStripe([.answer(200, Self.method), .answer(200, Self.intent("succeeded"))])
    let gateway = try gateway(stripe, chargeMilliseconds: 200_000)
    let failure = await failure { _ = try await gateway.charge(Self.charge()) }
    #expect(failure == .notDone(reason: "too little time was left to charge"))
    #expect(stripe.requests.count == 1)
  }

  @Test("lookups do not wait for charges")
  func lookupsHaveTheirOwnTurns() async throws {
    let list = #"{"data": [\#(Self.intent("succeeded"))], "has_more": false}"#
    let stripe = try FakeStripe([.hang, .answer(200, list)])
    let gateway = try gateway(stripe, atOnce: 1)
    let charge = try await Hanging(stripe) { _ = try await gateway.charge(Self.charge()) }
    let found = try await gateway.lookup(Self.record())
    #expect(found == .found(.succeeded(transactionID: "tr_pi_1")))
    #expect(await charge.end())
  }

  @Test("charges do not wait for lookups")
  func chargesHaveTheirOwnTurns() async throws {
    let stripe = try FakeStripe(
      [.hang, .answer(200, Self.method), .answer(200, Self.intent("succeeded"))])
    let gateway = try gateway(stripe, atOnce: 1)
    let lookup = try await Hanging(stripe) { _ = try await gateway.lookup(Self.record()) }
    let outcome = try await gateway.charge(Self.charge())
    #expect(outcome == .succeeded(transactionID: "tr_pi_1"))
    #expect(await lookup.end())
  }
}
