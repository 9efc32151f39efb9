/// Who issues a card, as the first digits of its number say (ISO/IEC 7812), and what follows
/// from that.
enum CardBrand: String, CaseIterable, Sendable {
  case visa
  case mastercard
  case amex
  case discover
  case diners
  case jcb
  case unionpay
  case maestro

  /// The brand whose number this may be, by its prefix alone; the longest prefix decides.
  ///
  /// - Parameter digits: ASCII digits.
  init?(digits: some Collection<UInt8>) {
    for rule in Self.rules {
      guard let prefix = Self.prefix(of: digits, rule.length), rule.range.contains(prefix) else {
        continue
      }
      self = rule.brand
      return
    }
    return nil
  }

  /// Whether a number may have so many digits.
  func hasDigits(_ count: Int) -> Bool {
    switch self {
    case .visa: [13, 16, 19].contains(count)
    case .mastercard: count == 16
    case .amex: count == 15
    case .discover, .jcb, .unionpay: (16...19).contains(count)
    case .diners: (14...19).contains(count)
    case .maestro: (12...19).contains(count)
    }
  }

  var securityCodeDigits: Int { self == .amex ? 4 : 3 }

  private struct Rule {
    let brand: CardBrand
    /// Of the prefix, in digits.
    let length: Int
    let range: ClosedRange<Int>
  }

  /// The longest first.
  private static let rules: [Rule] = [
    Rule(brand: .mastercard, length: 4, range: 2221...2720),
    Rule(brand: .discover, length: 4, range: 6011...6011),
    Rule(brand: .diners, length: 4, range: 3095...3095),
    Rule(brand: .jcb, length: 4, range: 3528...3589),
    Rule(brand: .discover, length: 3, range: 644...649),
    Rule(brand: .diners, length: 3, range: 300...305),
    Rule(brand: .amex, length: 2, range: 34...34),
    Rule(brand: .amex, length: 2, range: 37...37),
    Rule(brand: .diners, length: 2, range: 36...36),
    Rule(brand: .diners, length: 2, range: 38...39),
    Rule(brand: .mastercard, length: 2, range: 51...55),
    Rule(brand: .discover, length: 2, range: 65...65),
    Rule(brand: .unionpay, length: 2, range: 62...62),
    Rule(brand: .unionpay, length: 2, range: 81...81),
    Rule(brand: .maestro, length: 2, range: 50...50),
    Rule(brand: .maestro, length: 2, range: 56...58),
    Rule(brand: .visa, length: 1, range: 4...4),
    Rule(brand: .maestro, length: 1, range: 6...6),
  ]

  private static func prefix(of digits: some Collection<UInt8>, _ length: Int) -> Int? {
    let prefix = digits.prefix(length)
    guard prefix.count == length else { return nil }
    return prefix.reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
  }
}
