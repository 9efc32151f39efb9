/// Bytes of log lines in memory of their own, written by plain copies: a line costs a call
/// about what its bytes cost to move.
struct LineBuffer: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(capacity: Int) {
    memory = .allocate(byteCount: capacity, alignment: 1)
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  mutating func removeAll() { count = 0 }

  private mutating func reserve(_ size: Int) {
    guard memory.count - count < size else { return }
    let bigger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(memory.count * 2, count + size), alignment: 1)
    bigger.copyMemory(from: bytes)
    memory.deallocate()
    memory = bigger
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    memory.baseAddress?.advanced(by: count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(byte: UInt8) {
    reserve(1)
    memory[count] = byte
    count += 1
  }

  mutating func append(decimal number: Int64) {
    if number < 0 { append(byte: UInt8(ascii: "-")) }
    var rest = number.magnitude
    var digits = 1
    var power: UInt64 = 10
    while digits < 20, rest >= power {
      digits += 1
      power = power.multipliedReportingOverflow(by: 10).partialValue
    }
    reserve(digits)
    for index in (count..<count + digits).reversed() {
      memory[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count += digits
  }

  /// 16 digits, as `GRPC.hexadecimal(_:)` writes a call's id.
  mutating func append(hexadecimal number: UInt64) {
    reserve(16)
    var rest = number
    for index in (count..<count + 16).reversed() {
      memory[index] = Self.digit(UInt8(truncatingIfNeeded: rest & 15))
      rest >>= 4
    }
    count += 16
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  mutating func append(escaping text: String) {
    var text = text
    text.withUTF8 { append(escaping: UnsafeRawBufferPointer($0)) }
  }

  /// As a JSON string has them, RFC 8259 section 7. What is not UTF-8 is shown as U+FFFD, so
  /// that a line can be read whatever bytes a client sends; what a terminal could take for a
  /// command or the end of a line is escaped.
  mutating func append(escaping bytes: UnsafeRawBufferPointer) {
    if bytes.allSatisfy(Self.isPlain) { return append(bytes) }
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"", "\\":
        append("\\")
        append(byte: UInt8(truncatingIfNeeded: scalar.value))
      case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
        append("\\u")
        for shift in [UInt32(12), 8, 4, 0] {
          append(byte: Self.digit(UInt8(truncatingIfNeeded: scalar.value >> shift & 15)))
        }
      default:
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte: byte) }
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}
