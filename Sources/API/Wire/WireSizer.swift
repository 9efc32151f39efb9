/// Counts the bytes that a message will take.
package struct WireSizer: WireSink {
  package private(set) var bytes = 0

  package init() {}

  @inline(__always)
  package mutating func varint(_ value: UInt64) {
    bytes += WireSizer.varintSize(value)
  }

  package mutating func fixed32(_ value: UInt32) {
    bytes += 4
  }

  package mutating func fixed64(_ value: UInt64) {
    bytes += 8
  }

  @inline(__always)
  package mutating func lengthDelimited(_ value: String) {
    lengthDelimited(size: value.utf8.count)
  }

  package mutating func lengthDelimited(_ value: Secret) {
    lengthDelimited(size: value.count)
  }

  package mutating func lengthDelimited(_ value: [UInt8]) {
    lengthDelimited(size: value.count)
  }

  package mutating func lengthDelimited<M: Message>(_ value: M) {
    lengthDelimited(size: value.wireSize)
  }

  package mutating func map(_ number: UInt32, _ value: StringMap) {
    value.forEach { message(number, StringMap.Entry(key: $0, value: $1)) }
  }

  mutating func lengthDelimited(size: Int) {
    bytes += WireSizer.varintSize(UInt64(size)) + size
  }

  /// 1 to 10: a byte for each seven bits.
  @inline(__always)
  static func varintSize(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
  }
}
