internal import API
internal import Storage

/// How something is to be paid, as a request says it, checked as far as that goes without the
/// gateway. What is wrong never repeats what was sent.
struct PaymentCheck: Sendable {
  /// nil without any, and when something is wrong with it.
  let instrument: PaymentInstrument?
  let violations: Violations

  /// - Parameter time: now.
  init(_ details: PaymentDetails?, at time: Instant) {
    var violations = Violations()
    switch details {
    case .creditCard(let card): instrument = Self.check(card, at: time, &violations)
    case .paypal(let paypal): instrument = Self.check(paypal, &violations)
    case nil: instrument = nil
    }
    self.violations = violations
  }

  /// Whether the request says nothing of it.
  var isMissing: Bool { instrument == nil && violations.isEmpty }

  /// What is wrong with it for paying `amount`: also that there is none, unless nothing is to be
  /// paid.
  ///
  /// - Parameter amount: nil where it is not known.
  func violations(paying amount: MinorUnits?) -> Violations {
    var all = violations
    if isMissing, amount?.count != 0 {
      all.add("payment_method", "is required: set credit_card or paypal")
    }
    return all
  }

  private static func check(
    _ card: CreditCard, at time: Instant, _ violations: inout Violations
  ) -> PaymentInstrument? {
    let number = CardNumber(card.number)
    if number == nil { violations.add("credit_card.number", "Invalid card number") }
    checkExpiry(of: card, at: time, &violations)
    checkSecurityCode(card.cvv, of: number?.brand, &violations)
    if !card.holderName.isPrintable(upTo: Limits.maxCardHolderCharacters) {
      violations.add(
        "credit_card.holder_name",
        "must be at most \(Limits.maxCardHolderCharacters) printable characters")
    }
    guard let number, violations.isEmpty else { return nil }
    return .card(
      PaymentInstrument.Card(
        number: number.digits, lastFour: number.lastFour, expiryMonth: Int(card.expiryMonth),
        expiryYear: Int(card.expiryYear), cvv: card.cvv, holderName: card.holderName,
        brand: number.brand.rawValue))
  }

  /// A card is good to the end of its month, UTC.
  private static func checkExpiry(
    of card: CreditCard, at time: Instant, _ violations: inout Violations
  ) {
    let now = CalendarMonth(of: time)
    let thisYear = 1970 + now.index.flooringQuotient(by: 12)
    let (month, year) = (Int64(card.expiryMonth), Int64(card.expiryYear))
    let isMonth = (1...12).contains(month)
    let isYear = (1000...9999).contains(year) && year <= thisYear + Limits.maxCardYearsAhead
    if !isMonth { violations.add("credit_card.expiry_month", "Invalid expiry month") }
    if !isYear {
      violations.add("credit_card.expiry_year", "Invalid expiry year")
    } else if year < thisYear {
      violations.add("credit_card.expiry_year", "Card has expired")
    } else if isMonth, CalendarMonth(index: (year - 1970) * 12 + month - 1) < now {
      violations.add("credit_card.expiry_month", "Card has expired")
    }
  }

  /// - Parameter brand: nil when the number does not tell it.
  private static func checkSecurityCode(
    _ code: Secret, of brand: CardBrand?, _ violations: inout Violations
  ) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let count = code.count
    let isCount = brand.map { count == $0.securityCodeDigits } ?? (3...4).contains(count)
    if code.isEmpty {
      violations.add("credit_card.cvv", "CVV is required")
    } else if !isCount || !code.withBytes({ $0.allSatisfy(digits.contains) }) {
      violations.add("credit_card.cvv", "Invalid CVV")
    }
  }

  private static func check(
    _ paypal: PayPal, _ violations: inout Violations
  ) -> PaymentInstrument? {
    let token = paypal.approvalToken
    guard !token.isEmpty, token.isPrintable(upTo: Limits.maxApprovalTokenCharacters) else {
      violations.add(
        "paypal.approval_token",
        "must be 1 to \(Limits.maxApprovalTokenCharacters) printable characters")
      return nil
    }
    return .payPal(approvalToken: token)
  }
}

extension PaymentInstrument {
  var method: PaymentIntentRecord.Method {
    switch self {
    case .card: .creditCard
    case .payPal: .payPal
    }
  }

  /// Empty without a card.
  var brand: String {
    if case .card(let card) = self { card.brand } else { "" }
  }

  /// Empty without a card.
  var lastFour: String {
    if case .card(let card) = self { card.lastFour } else { "" }
  }
}

extension PaymentDetails {
  /// Of what pays, as much as may be kept: what a retry is known by is a hash of it, and a hash
  /// of more would help to guess the rest. See docs/decisions/0015-replay-records.md.
  var keepable: PaymentDetails {
    switch self {
    case .creditCard(let card):
      var kept = CreditCard()
      if let number = CardNumber(card.number) {
        kept.number = Secret("\(number.brand.rawValue) \(number.lastFour)")
      }
      return .creditCard(kept)
    case .paypal: return .paypal(PayPal())
    }
  }
}

extension Secret {
  /// Whether it has so many characters at most, and all of them show.
  fileprivate func isPrintable(upTo maxCharacters: Int) -> Bool {
    withBytes { bytes in
      let span = Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
      guard let text = try? UTF8Span(validating: span) else { return false }
      var scalars = text.makeUnicodeScalarIterator()
      var count = 0
      while let scalar = scalars.next() {
        count += 1
        guard scalar.isPrintable, count <= maxCharacters else { return false }
      }
      return true
    }
  }
}
