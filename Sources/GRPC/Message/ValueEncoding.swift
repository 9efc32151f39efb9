/// How `grpc-message` travels: printable ASCII as it is, all else, and `%`, as `%XX` of its
/// UTF-8 bytes (PROTOCOL-HTTP2, "Percent-Encoded").
enum PercentEncoding {
  /// Cut before a character that would pass `maxBytes`.
  static func encode(_ text: String, maxBytes: Int) -> [UInt8] {
    var encoded: [UInt8] = []
    for scalar in text.unicodeScalars {
      let piece = UTF8.encode(scalar).map { $0.flatMap(encode) } ?? []
      guard encoded.count + piece.count <= maxBytes else { break }
      encoded += piece
    }
    return encoded
  }

  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func encode(_ byte: UInt8) -> [UInt8] {
    if byte >= 0x20, byte <= 0x7e, byte != UInt8(ascii: "%") { return [byte] }
    return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}

/// How binary metadata travels: base64 without padding (PROTOCOL-HTTP2, "Binary-Header").
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var encoded: [UInt8] = []
    encoded.reserveCapacity((bytes.count * 4 + 2) / 3)
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        encoded.append(alphabet[Int(bits >> UInt32(bitCount)) & 63])
      }
    }
    if bitCount > 0 { encoded.append(alphabet[Int(bits << UInt32(6 - bitCount)) & 63]) }
    return encoded
  }
}
