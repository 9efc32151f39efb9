/// The number of a card, taken apart; a description of it tells nothing.
struct CardNumber: Sendable, CustomStringConvertible, CustomReflectable {
  let digits: String
  let brand: CardBrand

  /// nil for what is no card's number: other characters than digits, spaces and hyphens, a prefix
  /// or a length that no brand has, or a last digit that does not check the others.
  init?(_ text: String) {
    // What is longer is not walked through: a text may be as long as a message.
    guard text.utf8.count <= Limits.maxCardNumberBytes else { return nil }
    var digits: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte)
      case UInt8(ascii: " "), UInt8(ascii: "-"): continue
      default: return nil
      }
    }
    guard
      Limits.cardDigits.contains(digits.count), let brand = CardBrand(digits: digits),
      brand.hasDigits(digits.count), Self.isChecked(digits)
    else { return nil }
    self.digits = String(decoding: digits, as: UTF8.self)
    self.brand = brand
  }

  var lastFour: String { String(digits.suffix(4)) }

  /// ISO/IEC 7812-1, annex B: the Luhn algorithm.
  private static func isChecked(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (index, byte) in digits.reversed().enumerated() {
      let digit = Int(byte - UInt8(ascii: "0"))
      let weighted = index.isMultiple(of: 2) ? digit : digit * 2
      sum += weighted > 9 ? weighted - 9 : weighted
    }
    return sum.isMultiple(of: 10)
  }

  var description: String { "CardNumber" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
