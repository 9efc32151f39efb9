/// The `traceparent` of a request, W3C Trace Context section 3.2.2: version, trace id, parent id
/// and flags, in lower-case hexadecimal.
enum TraceParent {
  private static let byteCount = 55

  /// The 32 digits of the trace id within `value`; nil when it is not valid, and so to be
  /// ignored.
  static func traceID(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard value.count >= byteCount, [2, 35, 52].allSatisfy({ value[$0] == dash }),
      isHexadecimal(value, 0..<2), isHexadecimal(value, 53..<55),
      isIdentifier(value, 3..<35), isIdentifier(value, 36..<52)
    else { return nil }
    switch (value[0], value[1]) {
    case (UInt8(ascii: "f"), UInt8(ascii: "f")): return nil
    case (UInt8(ascii: "0"), UInt8(ascii: "0")):
      guard value.count == byteCount else { return nil }
    default:
      // A later version may say more, behind another dash.
      guard value.count == byteCount || value[byteCount] == dash else { return nil }
    }
    return UnsafeRawBufferPointer(rebasing: value[3..<35])
  }

  private static let dash = UInt8(ascii: "-")

  private static func isIdentifier(_ value: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    isHexadecimal(value, range) && range.contains { value[$0] != UInt8(ascii: "0") }
  }

  private static func isHexadecimal(
    _ value: UnsafeRawBufferPointer, _ range: Range<Int>
  ) -> Bool {
    range.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(value[$0])
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(value[$0])
    }
  }
}
