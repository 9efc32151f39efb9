/// The URL-safe alphabet of RFC 4648 section 5, without padding.
enum Base64URL {
  static func encode(_ bytes: [UInt8]) -> String {
    let count = (bytes.count * 8 + 5) / 6
    return String(unsafeUninitializedCapacity: count) { buffer in
      for index in 0..<count {
        let bit = index * 6
        let high = UInt16(bytes[bit / 8]) << 8
        let low = bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0
        buffer[index] = character(UInt8(truncatingIfNeeded: (high | low) >> UInt16(10 - bit % 8)))
      }
      return count
    }
  }

  /// 64 bits as 11 characters: a string so short that it takes no allocation.
  static func encode(_ value: UInt64) -> String {
    String(unsafeUninitializedCapacity: 11) { buffer in
      for index in 0..<11 {
        // The last character holds the 4 bits that are left, at its high end.
        let sextet = index < 10 ? value >> UInt64(58 - index * 6) : value << 2
        buffer[index] = character(UInt8(truncatingIfNeeded: sextet))
      }
      return 11
    }
  }

  /// The bytes, or nil for another character, padding, an impossible length, or bits set
  /// beyond the last byte: one text for each sequence of bytes.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 6 / 8)
    var pending: UInt32 = 0
    var pendingBits: UInt32 = 0
    for character in text {
      guard let value = value(of: character) else { return nil }
      pending = pending << 6 | UInt32(value)
      pendingBits += 6
      if pendingBits >= 8 {
        pendingBits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> pendingBits))
        pending &= 1 << pendingBits - 1
      }
    }
    guard pendingBits < 6, pending == 0 else { return nil }
    return bytes
  }

  /// The character of the low six bits.
  private static func character(_ bits: UInt8) -> UInt8 {
    switch bits & 0x3f {
    case let value where value < 26: UInt8(ascii: "A") + value
    case let value where value < 52: UInt8(ascii: "a") + (value - 26)
    case let value where value < 62: UInt8(ascii: "0") + (value - 52)
    case 62: UInt8(ascii: "-")
    default: UInt8(ascii: "_")
    }
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
