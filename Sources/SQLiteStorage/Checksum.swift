/// A 64-bit checksum over words and bytes, against damage and not against malice: every step
/// maps its state one to one, so that any change within one word changes the result.
struct Checksum {
  private var state: UInt64 = 0x5061_636B_6420_3031

  /// The checksum of all that was added.
  var value: Int64 { Int64(bitPattern: state) }

  mutating func add(_ word: UInt64) {
    // The multiplier is 2^64 divided by the golden ratio, made odd; the shift brings the high
    // bits, which the multiplication has mixed well, down to the low ones.
    state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
    state ^= state >> 32
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(truncatingIfNeeded: bytes.count))
    var offset = 0
    while offset + 8 <= bytes.count {
      add(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    guard offset < bytes.count else { return }
    var tail: UInt64 = 0
    for byte in bytes[offset...] { tail = tail << 8 | UInt64(byte) }
    add(tail)
  }
}
