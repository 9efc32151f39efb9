/// How a field's bytes are laid out (protobuf encoding, "Message Structure").
package enum WireType: UInt32, Sendable {
  case varint = 0
  case fixed64 = 1
  case length = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}

/// What stands before each field: its number and wire type in one integer, so that a codec
/// switches once over both and a known number with another wire type falls to the unknown.
package struct Tag: Equatable, Sendable {
  let rawValue: UInt32

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  package init(_ number: UInt32, _ wireType: WireType) {
    rawValue = number << 3 | wireType.rawValue
  }

  package var number: UInt32 { rawValue >> 3 }

  package var wireType: WireType? { WireType(rawValue: rawValue & 7) }

  @inline(__always)
  package static func varint(_ number: UInt32) -> Tag { Tag(number, .varint) }

  @inline(__always)
  package static func fixed64(_ number: UInt32) -> Tag { Tag(number, .fixed64) }

  @inline(__always)
  package static func length(_ number: UInt32) -> Tag { Tag(number, .length) }

  @inline(__always)
  package static func fixed32(_ number: UInt32) -> Tag { Tag(number, .fixed32) }

  @inline(__always)
  package static func ~= (pattern: Tag, tag: Tag) -> Bool { pattern.rawValue == tag.rawValue }
}
