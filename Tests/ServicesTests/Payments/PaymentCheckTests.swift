internal import API
internal import Storage
internal import Testing

@testable internal import Services

@Suite struct PaymentCheckTests {
  /// 2026-01-01.
  static let time = TestClock().time

  private func check(_ change: (inout CreditCard) -> Void) -> [Violations.Violation] {
    var card = CreditCard.sample()
    change(&card)
    return PaymentCheck(.creditCard(card), at: Self.time).violations.all
  }

  @Test(
    "numbers of each brand, as gateways give them for tests",
    arguments: [
      ("4242424242424242", "visa"), ("4222222222222", "visa"), ("4000056655665556", "visa"),
      ("5555555555554444", "mastercard"), ("5105105105105100", "mastercard"),
      ("2223003122003222", "mastercard"), ("2221000000000009", "mastercard"),
      ("2720999999999996", "mastercard"), ("378282246310005", "amex"),
      ("371449635398431", "amex"), ("6011111111111117", "discover"),
      ("6011000990139424", "discover"), ("3056930009020004", "diners"),
      ("36227206271667", "diners"), ("30569309025904", "diners"), ("3566002020360505", "jcb"),
      ("6200000000000005", "unionpay"), ("6205500000000000004", "unionpay"),
      ("6759649826438453", "maestro"), ("4242 4242 4242 4242", "visa"),
      ("4242-4242-4242-4242", "visa"),
    ])
  func brands(_ text: String, _ brand: String) throws {
    let number = try #require(CardNumber(Secret(text)))
    #expect(number.brand.rawValue == brand)
    #expect(number.digits == Secret(text.filter(\.isNumber)))
    #expect(number.lastFour == text.suffix(4))
  }

  @Test(
    "what is no card's number",
    arguments: [
      "", " ", "-", "4242424242424241", "424242424242424", "42424242424242424242",
      "0000000000000000", "1234567812345670", "2220999999999991", "2721000000000004",
      "37828224631000", "5555555555554444 5", "４２４２４２４２４２４２４２４２", "4242.4242.4242.4242",
      "4242424242424242\n", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "abcdabcdabcdabcd",
      String(repeating: "4242", count: 500_000), String(repeating: " ", count: 100),
    ])
  func numbers(_ text: String) {
    #expect(CardNumber(Secret(text)) == nil)
    #expect(check { $0.number = Secret(text) }.map(\.description) == ["Invalid card number"])
  }

  @Test("one wrong digit, or two neighbours in each other's place, do not pass")
  func luhn() {
    let digits = Array("4242424242424242")
    for index in digits.indices {
      for digit in "0123456789" where digit != digits[index] {
        var wrong = digits
        wrong[index] = digit
        #expect(CardNumber(Secret(String(wrong))) == nil)
      }
    }
    for index in digits.indices.dropLast() where digits[index] != digits[index + 1] {
      var wrong = digits
      wrong.swapAt(index, index + 1)
      #expect(CardNumber(Secret(String(wrong))) == nil)
    }
  }

  @Test("a card is good to the end of its month")
  func expiry() {
    let fields = { (month: Int32, year: Int32) in
      check {
        $0.expiryMonth = month
        $0.expiryYear = year
      }.map(\.field)
    }
    #expect(fields(1, 2026) == [])
    #expect(fields(12, 2025) == ["credit_card.expiry_year"])
    #expect(fields(12, 2126) == [])
    for year: Int32 in [0, -1, 26, 999, 10_000, 2127, .max, .min] {
      #expect(fields(12, year) == ["credit_card.expiry_year"])
    }
    for month: Int32 in [0, 13, -1, .max, .min] {
      #expect(fields(month, 2030) == ["credit_card.expiry_month"])
      #expect(fields(month, 99) == ["credit_card.expiry_month", "credit_card.expiry_year"])
    }
    // 2026-02-28T23:59:59Z and a second later.
    let last = Instant(secondsSinceEpoch: 1_772_323_199)
    var card = CreditCard.sample()
    card.expiryMonth = 2
    card.expiryYear = 2026
    #expect(PaymentCheck(.creditCard(card), at: last).violations.isEmpty)
    #expect(
      PaymentCheck(.creditCard(card), at: last.adding(seconds: 1)).violations.all.map(\.field)
        == ["credit_card.expiry_month"])
  }

  @Test("the security code has as many digits as the brand's have")
  func securityCode() {
    let amex = "378282246310005"
    for (number, code, message) in [
      ("4242424242424242", "", "CVV is required"), ("4242424242424242", "12", "Invalid CVV"),
      ("4242424242424242", "1234", "Invalid CVV"), ("4242424242424242", "12a", "Invalid CVV"),
      ("4242424242424242", "１２３", "Invalid CVV"), (amex, "123", "Invalid CVV"),
      (amex, "", "CVV is required"),
    ] {
      let found = check {
        $0.number = Secret(number)
        $0.cvv = Secret(code)
      }
      #expect(found.map(\.field) == ["credit_card.cvv"])
      #expect(found.map(\.description) == [message])
    }
    #expect(
      check {
        $0.number = Secret(amex)
        $0.cvv = "1234"
      }.isEmpty)
  }

  @Test("all that is wrong is told at once, and nothing of it is repeated")
  func all() {
    var card = CreditCard()
    card.number = "4242424242429999"
    card.expiryMonth = 77
    card.expiryYear = 5
    card.cvv = "88888"
    card.holderName = Secret("Zebedee\n" + String(repeating: "z", count: 200))
    let check = PaymentCheck(.creditCard(card), at: Self.time)
    #expect(
      check.violations.all.map(\.field) == [
        "credit_card.number", "credit_card.expiry_month", "credit_card.expiry_year",
        "credit_card.cvv", "credit_card.holder_name",
      ])
    #expect(check.instrument == nil)
    let text = "\(check.violations)"
    for secret in ["9999", "77", "88888", "Zebedee"] { #expect(!text.contains(secret)) }
  }

  @Test("an approval token has 1 to 256 printable characters")
  func payPal() {
    for (token, isValid) in [
      ("", false), ("t", true), (String(repeating: "é", count: 256), true),
      (String(repeating: "t", count: 257), false), ("a\u{0}", false), ("a\n", false),
    ] {
      let check = PaymentCheck(.paypal(PayPal(approvalToken: Secret(token))), at: Self.time)
      #expect(check.violations.isEmpty == isValid)
      #expect((check.instrument != nil) == isValid)
    }
  }

  @Test("without anything that pays, only what costs nothing goes through")
  func nothing() {
    let none = PaymentCheck(nil, at: Self.time)
    #expect(none.violations(paying: MinorUnits(currencyCode: "USD", count: 0)).isEmpty)
    for amount in [MinorUnits(currencyCode: "USD", count: 1), nil] {
      #expect(none.violations(paying: amount).all.map(\.field) == ["payment_method"])
    }
  }

  @Test("a description of what pays tells nothing, in whatever it is contained")
  func descriptions() throws {
    let check = PaymentCheck(.creditCard(.sample()), at: Self.time)
    let instrument = try #require(check.instrument)
    let charge = Charge(
      intentID: ULID(value: 1), amount: MinorUnits(currencyCode: "USD", count: 1),
      instrument: instrument, description: "Basic")
    var dumped = ""
    dump(charge, to: &dumped)
    dump(check, to: &dumped)
    if case .card(let card) = instrument { dump(card, to: &dumped) }
    dumped += "\(charge) \(String(reflecting: charge)) \(String(reflecting: check))"
    dumped += "\(String(describing: CardNumber("4242424242424242")))"
    for secret in ["4242", "123", "Seller"] { #expect(!dumped.contains(secret)) }
  }

  @Test("what a retry is known by holds the brand and the last four digits alone")
  func keepable() {
    var first = PurchasePackageRequest(1, requestID: "r")
    var second = first
    var again = CreditCard.sample("4242-4242-4242-4242")
    again.cvv = "999"
    second.paymentMethod = .creditCard(again)
    #expect(first.replayedContent == second.replayedContent)
    second.paymentMethod = .creditCard(.sample("5555555555554444"))
    #expect(first.replayedContent != second.replayedContent)
    first.paymentMethod = .paypal(PayPal(approvalToken: "one"))
    second.paymentMethod = .paypal(PayPal(approvalToken: "two"))
    #expect(first.replayedContent == second.replayedContent)
    second.packageID = 2
    #expect(first.replayedContent != second.replayedContent)
  }
}
