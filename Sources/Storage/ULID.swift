/// An id that sorts by when it was made (github.com/ulid/spec): 48 bits of milliseconds since
/// 1970, then 80 bits that are random or count up.
package struct ULID: Hashable, Comparable, Sendable {
  /// Two words, and not one number of 128 bits: see docs/decisions/0039-ulids-are-two-words.md.
  private let high: UInt64
  private let low: UInt64

  package var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

  package init(value: UInt128) {
    high = UInt64(truncatingIfNeeded: value >> 64)
    low = UInt64(truncatingIfNeeded: value)
  }

  package init(milliseconds: UInt64, random: UInt128) {
    let time = UInt128(milliseconds & 0xffff_ffff_ffff) << 80
    self.init(value: time | random & ((1 << 80) - 1))
  }

  /// Reads 26 characters of Crockford's base 32, upper case, as ``text`` gives them.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.count == Self.characterCount else { return nil }
    var text = String(text)
    guard let ulid = text.withUTF8({ ULID(ascii: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = ulid
  }

  /// The same of bytes, without a copy.
  package init?(ascii text: UnsafeRawBufferPointer) {
    guard text.count == Self.characterCount else { return nil }
    var value: UInt128 = 0
    for (index, character) in text.enumerated() {
      // The first of 26 characters holds the top 3 of 128 bits.
      guard let digit = Self.digit(character), index > 0 || digit < 8 else { return nil }
      value = value << 5 | UInt128(digit)
    }
    self.init(value: value)
  }

  /// 26 characters of Crockford's base 32.
  package var text: String {
    let value = value
    return String(unsafeUninitializedCapacity: Self.characterCount) { buffer in
      for index in 0..<Self.characterCount {
        let digit = Int(truncatingIfNeeded: value >> UInt128(5 * (25 - index))) & 31
        buffer[index] = Self.alphabet[digit]
      }
      return Self.characterCount
    }
  }

  package static func < (a: ULID, b: ULID) -> Bool { (a.high, a.low) < (b.high, b.low) }

  private static let characterCount = 26
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "H"): character - UInt8(ascii: "A") + 10
    case UInt8(ascii: "J"), UInt8(ascii: "K"): character - UInt8(ascii: "J") + 18
    case UInt8(ascii: "M"), UInt8(ascii: "N"): character - UInt8(ascii: "M") + 20
    case UInt8(ascii: "P")...UInt8(ascii: "T"): character - UInt8(ascii: "P") + 22
    case UInt8(ascii: "V")...UInt8(ascii: "Z"): character - UInt8(ascii: "V") + 27
    default: nil
    }
  }
}
