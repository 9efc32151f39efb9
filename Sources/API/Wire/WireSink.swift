/// What a message gives its fields to: `WireSizer` counts their bytes, `WireWriter` writes them.
/// proto3: a scalar at its default is not on the wire, unless `always` says that a oneof holds it.
package protocol WireSink {
  mutating func varint(_ value: UInt64)
  mutating func fixed32(_ value: UInt32)
  mutating func fixed64(_ value: UInt64)
  /// A length and the string's UTF-8.
  mutating func lengthDelimited(_ value: String)
  /// The same.
  mutating func lengthDelimited(_ value: Secret)
  /// A length and the bytes.
  mutating func lengthDelimited(_ value: [UInt8])
  /// A length and the message's fields.
  mutating func lengthDelimited<M: Message>(_ value: M)
  /// The entries in the order of their keys' bytes; sizing them needs no order.
  mutating func map(_ number: UInt32, _ value: StringMap)
}

extension WireSink {
  @inline(__always)
  mutating func tag(_ number: UInt32, _ wireType: WireType) {
    varint(UInt64(Tag(number, wireType).rawValue))
  }

  @inline(__always)
  package mutating func uint64(_ number: UInt32, _ value: UInt64) {
    if value != 0 { uint64(number, always: value) }
  }

  @inline(__always)
  package mutating func uint64(_ number: UInt32, always value: UInt64) {
    tag(number, .varint)
    varint(value)
  }

  @inline(__always)
  package mutating func int64(_ number: UInt32, _ value: Int64) {
    uint64(number, UInt64(bitPattern: value))
  }

  @inline(__always)
  package mutating func int64(_ number: UInt32, always value: Int64) {
    uint64(number, always: UInt64(bitPattern: value))
  }

  @inline(__always)
  package mutating func uint32(_ number: UInt32, _ value: UInt32) {
    uint64(number, UInt64(value))
  }

  /// A negative value is extended to 64 bits, ten bytes.
  @inline(__always)
  package mutating func int32(_ number: UInt32, _ value: Int32) {
    int64(number, Int64(value))
  }

  @inline(__always)
  package mutating func sint64(_ number: UInt32, _ value: Int64) {
    uint64(number, UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  @inline(__always)
  package mutating func sint32(_ number: UInt32, _ value: Int32) {
    uint32(number, UInt32(bitPattern: value << 1 ^ value >> 31))
  }

  @inline(__always)
  package mutating func bool(_ number: UInt32, _ value: Bool) {
    if value { bool(number, always: value) }
  }

  @inline(__always)
  package mutating func bool(_ number: UInt32, always value: Bool) {
    uint64(number, always: value ? 1 : 0)
  }

  @inline(__always)
  package mutating func enumeration<Value: OpenEnum>(_ number: UInt32, _ value: Value) {
    int32(number, value.rawValue)
  }

  @inline(__always)
  package mutating func enumeration<Value: OpenEnum>(_ number: UInt32, always value: Value) {
    int64(number, always: Int64(value.rawValue))
  }

  @inline(__always)
  package mutating func fixed32(_ number: UInt32, _ value: UInt32) {
    guard value != 0 else { return }
    tag(number, .fixed32)
    fixed32(value)
  }

  @inline(__always)
  package mutating func fixed64(_ number: UInt32, _ value: UInt64) {
    guard value != 0 else { return }
    tag(number, .fixed64)
    fixed64(value)
  }

  /// Minus zero is not the default.
  @inline(__always)
  package mutating func float(_ number: UInt32, _ value: Float) {
    fixed32(number, value.bitPattern)
  }

  /// Minus zero is not the default.
  @inline(__always)
  package mutating func double(_ number: UInt32, _ value: Double) {
    fixed64(number, value.bitPattern)
  }

  @inline(__always)
  package mutating func string(_ number: UInt32, _ value: String) {
    if !value.isEmpty { string(number, always: value) }
  }

  @inline(__always)
  package mutating func string(_ number: UInt32, always value: String) {
    tag(number, .length)
    lengthDelimited(value)
  }

  package mutating func secret(_ number: UInt32, _ value: Secret) {
    guard !value.isEmpty else { return }
    tag(number, .length)
    lengthDelimited(value)
  }

  @inline(__always)
  package mutating func strings(_ number: UInt32, _ values: [String]) {
    for value in values { string(number, always: value) }
  }

  @inline(__always)
  package mutating func bytes(_ number: UInt32, _ value: [UInt8]) {
    if !value.isEmpty { bytes(number, always: value) }
  }

  @inline(__always)
  package mutating func bytes(_ number: UInt32, always value: [UInt8]) {
    tag(number, .length)
    lengthDelimited(value)
  }

  @inline(__always)
  package mutating func message<M: Message>(_ number: UInt32, _ value: M?) {
    guard let value else { return }
    tag(number, .length)
    lengthDelimited(value)
  }

  @inline(__always)
  package mutating func messages<M: Message>(_ number: UInt32, _ values: [M]) {
    for value in values { message(number, value) }
  }

  /// A packed repeated integer (not zigzag); negative values are extended to 64 bits.
  package mutating func packed<Value: FixedWidthInteger>(_ number: UInt32, varints: [Value]) {
    guard !varints.isEmpty else { return }
    var sizer = WireSizer()
    for value in varints { sizer.varint(UInt64(truncatingIfNeeded: value)) }
    tag(number, .length)
    varint(UInt64(sizer.bytes))
    for value in varints { varint(UInt64(truncatingIfNeeded: value)) }
  }

  /// A packed repeated fixed32.
  package mutating func packed(_ number: UInt32, fixed32 values: [UInt32]) {
    guard !values.isEmpty else { return }
    tag(number, .length)
    varint(UInt64(values.count) * 4)
    for value in values { fixed32(value) }
  }
}
