/// Writes a message into a buffer that `WireSizer` has measured.
package struct WireWriter: WireSink {
  private var position: UnsafeMutableRawPointer
  private let end: UnsafeMutableRawPointer

  package init(_ buffer: UnsafeMutableRawBufferPointer) {
    // An empty message may come with no buffer at all; nothing is ever written through this.
    position = buffer.baseAddress ?? UnsafeMutableRawPointer(mutating: WireWriter.nowhere)
    end = position + buffer.count
  }

  static var nowhere: UnsafeRawPointer {
    let empty: StaticString = ""
    return UnsafeRawPointer(empty.utf8Start)
  }

  /// Whether every byte of the buffer is written.
  package var isFull: Bool { position == end }

  @inline(__always)
  package mutating func varint(_ value: UInt64) {
    if value < 0x80 {
      byte(UInt8(truncatingIfNeeded: value))
    } else {
      longVarint(value)
    }
  }

  @inline(never)
  private mutating func longVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    byte(UInt8(truncatingIfNeeded: rest))
  }

  package mutating func fixed32(_ value: UInt32) {
    reserve(4).storeBytes(of: value.littleEndian, as: UInt32.self)
  }

  package mutating func fixed64(_ value: UInt64) {
    reserve(8).storeBytes(of: value.littleEndian, as: UInt64.self)
  }

  package mutating func lengthDelimited(_ value: String) {
    var value = value
    value.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
  }

  package mutating func lengthDelimited(_ value: Secret) {
    value.withBytes { raw($0) }
  }

  package mutating func lengthDelimited(_ value: [UInt8]) {
    value.withUnsafeBytes { raw($0) }
  }

  /// Leaves one byte for the length, which is enough for most, and makes room when it is not:
  /// cheaper than sizing every submessage again.
  package mutating func lengthDelimited<M: Message>(_ value: M) {
    let start = reserve(1)
    value.put(into: &self)
    let count = position - (start + 1)
    guard count >= 0x80 else {
      start.storeBytes(of: UInt8(truncatingIfNeeded: count), as: UInt8.self)
      return
    }
    let prefix = WireSizer.varintSize(UInt64(count))
    _ = reserve(prefix - 1)
    (start + prefix).copyMemory(from: start + 1, byteCount: count)
    let behind = position
    position = start
    varint(UInt64(count))
    position = behind
  }

  package mutating func map(_ number: UInt32, _ value: StringMap) {
    guard value.count > 1 else {
      value.forEach { message(number, StringMap.Entry(key: $0, value: $1)) }
      return
    }
    for (key, value) in value.sorted {
      message(number, StringMap.Entry(key: key, value: value))
    }
  }

  mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    varint(UInt64(bytes.count))
    guard let base = bytes.baseAddress else { return }
    reserve(bytes.count).copyMemory(from: base, byteCount: bytes.count)
  }

  mutating func byte(_ value: UInt8) {
    reserve(1).storeBytes(of: value, as: UInt8.self)
  }

  /// Moves on by `count` bytes. A message that writes more than it measured stops the process
  /// here, before it can write over other memory.
  mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    precondition(end - position >= count, "a message wrote more than its encodedSize")
    let start = position
    position += count
    return start
  }
}
