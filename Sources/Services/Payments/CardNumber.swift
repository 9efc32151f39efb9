internal import API

/// The number of a card, taken apart; a description of it tells nothing.
struct CardNumber: Sendable, CustomStringConvertible, CustomReflectable {
  /// ASCII digits alone.
  let digits: Secret
  let lastFour: String
  let brand: CardBrand

  /// nil for what is no card's number: other characters than digits, spaces and hyphens, a prefix
  /// or a length that no brand has, or a last digit that does not check the others.
  init?(_ text: Secret) {
    // What is longer is not walked through: a text may be as long as a message.
    guard text.count <= Limits.maxCardNumberBytes, let digits = Self.digits(of: text) else {
      return nil
    }
    let brand = digits.withBytes { digits -> CardBrand? in
      guard
        Limits.cardDigits.contains(digits.count), let brand = CardBrand(digits: digits),
        brand.hasDigits(digits.count), Self.isChecked(digits)
      else { return nil }
      return brand
    }
    guard let brand else { return nil }
    self.digits = digits
    self.brand = brand
    lastFour = digits.withBytes { String(decoding: $0.suffix(4), as: UTF8.self) }
  }

  /// The digits alone; nil when there is anything else but spaces and hyphens.
  private static func digits(of text: Secret) -> Secret? {
    let isDigit = { (byte: UInt8) in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    return text.withBytes { bytes in
      let gaps = bytes.count(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") })
      let count = bytes.count(where: isDigit)
      guard count + gaps == bytes.count else { return nil }
      return Secret(count: count) { digits in
        for (index, byte) in bytes.lazy.filter(isDigit).enumerated() { digits[index] = byte }
      }
    }
  }

  /// ISO/IEC 7812-1, annex B: the Luhn algorithm.
  private static func isChecked(_ digits: UnsafeRawBufferPointer) -> Bool {
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
