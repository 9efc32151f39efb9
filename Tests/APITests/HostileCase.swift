import API
import Testing

/// Bytes that a careless reader gets wrong, and what Google's runtimes make of them.
struct HostileCase: Sendable, CustomTestStringConvertible {
  enum Verdict: Equatable, Sendable {
    /// Read, and encoded again as these bytes.
    case accepted([UInt8])
    case refused(DecodingError)
  }

  let title: String
  let message: String
  let bytes: [UInt8]
  let verdict: Verdict

  var testDescription: String { title }

  static func accepted(
    _ title: String, of type: any Message.Type = Shapes.self, _ bytes: [UInt8], as again: [UInt8]
  ) -> HostileCase {
    HostileCase(title: title, message: type.name, bytes: bytes, verdict: .accepted(again))
  }

  static func refused(
    _ title: String, of type: any Message.Type = Shapes.self, _ bytes: [UInt8],
    _ reason: DecodingError.Reason, field: UInt32 = 0, in inner: (any Message.Type)? = nil
  ) -> HostileCase {
    let error = DecodingError(message: (inner ?? type).name, field: field, reason: reason)
    return HostileCase(title: title, message: type.name, bytes: bytes, verdict: .refused(error))
  }

  static let all =
    varints + tags + lengths + text + wrongTypes + groups + unknown + merging + oneofs + maps
    + packing + nesting
}

/// Bytes written as text: two digits each, spaces between.
func hex(_ text: String) -> [UInt8] {
  text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}

extension HostileCase {
  static let varints: [HostileCase] = [
    .accepted(
      "a varint with more bytes than it needs", hex("10 81 80 80 80 80 80 80 80 80 00"),
      as: hex("10 01")),
    .accepted(
      "bits beyond the 64th are dropped", hex("10 ff ff ff ff ff ff ff ff ff 7f"),
      as: hex("10 ff ff ff ff ff ff ff ff ff 01")),
    .refused(
      "a varint of eleven bytes", hex("10 80 80 80 80 80 80 80 80 80 80 00"), .overlongVarint,
      field: 2),
    .refused("a varint that the end cuts", hex("10 80 80"), .truncated, field: 2),
    .refused("a tag without its value", hex("10"), .truncated, field: 2),
    .accepted(
      "an int32 keeps the low 32 bits", hex("08 ff ff ff ff 1f"),
      as: hex("08 ff ff ff ff ff ff ff ff ff 01")),
    .accepted("an int32 whose low 32 bits are 0", hex("08 80 80 80 80 10"), as: []),
    .accepted(
      "a negative int32 in five bytes", hex("08 ff ff ff ff 0f"),
      as: hex("08 ff ff ff ff ff ff ff ff ff 01")),
    .accepted("a uint32 keeps the low 32 bits", hex("18 81 80 80 80 70"), as: hex("18 01")),
    .accepted("a sint32 keeps the low 32 bits", hex("28 83 80 80 80 70"), as: hex("28 03")),
    .accepted(
      "a bool of any value but 0 is true", hex("38 80 80 80 80 80 80 80 80 80 01"),
      as: hex("38 01")),
    .accepted("a bool of 2 is true", hex("38 02"), as: hex("38 01")),
    .accepted("an unknown enum value is kept", hex("70 63"), as: hex("70 63")),
    .accepted(
      "a negative enum value", hex("70 ff ff ff ff ff ff ff ff ff 01"),
      as: hex("70 ff ff ff ff ff ff ff ff ff 01")),
    .accepted("an enum keeps the low 32 bits", hex("70 81 80 80 80 10"), as: hex("70 01")),
    .accepted(
      "defaults on the wire are not written back", hex("08 00 10 00 38 00 62 00 70 00"),
      as: []),
    .accepted("minus zero is not the default", hex("55 00 00 00 80"), as: hex("55 00 00 00 80")),
    .accepted("zero is the default", hex("55 00 00 00 00 59 00 00 00 00 00 00 00 00"), as: []),
    .accepted(
      "a NaN keeps its bits", hex("55 01 00 80 7f"), as: hex("55 01 00 80 7f")),
    .refused("a fixed32 of three bytes", hex("45 01 02 03"), .truncated, field: 8),
    .refused("a fixed64 of seven bytes", hex("49 01 02 03 04 05 06 07"), .truncated, field: 9),
  ]

  static let tags: [HostileCase] = [
    .refused("field number 0", hex("00 00"), .invalidFieldNumber),
    .refused("field number 0 with a length", hex("02 00"), .invalidFieldNumber),
    .refused("field number 0 as a group", hex("03 04"), .invalidFieldNumber),
    .refused("wire type 6", hex("0e 00"), .invalidWireType, field: 1),
    .refused("wire type 7", hex("0f 00"), .invalidWireType, field: 1),
    .refused("wire type 6 on an unknown field", hex("f6 01 00"), .invalidWireType, field: 30),
    .accepted("a tag with more bytes than it needs", hex("90 80 00 05"), as: hex("10 05")),
    .accepted("a tag in five bytes", hex("90 80 80 80 00 05"), as: hex("10 05")),
    .refused("a tag in six bytes", hex("90 80 80 80 80 00 05"), .overlongVarint),
    .refused("a tag beyond 32 bits", hex("90 80 80 80 10 05"), .overlongVarint),
    .refused("a tag that the end cuts", hex("90 80"), .truncated),
    .accepted(
      "the largest field number", hex("f8 ff ff ff 0f 01"), as: hex("f8 ff ff ff 0f 01")),
    .accepted(
      "the largest field number with another type", hex("fd ff ff ff 0f 01 02 03 04"),
      as: []),
  ]

  static let lengths: [HostileCase] = [
    .refused("a string past the end", hex("62 03 61 62"), .truncated, field: 12),
    .refused("bytes past the end", hex("6a 05 61 62"), .truncated, field: 13),
    .refused("a length without bytes", hex("62"), .truncated, field: 12),
    .refused("a length of 2 GiB", hex("62 80 80 80 80 08"), .truncated, field: 12),
    .refused("a length of 4 GiB - 1", hex("62 ff ff ff ff 0f"), .truncated, field: 12),
    .refused("a length beyond 32 bits", hex("62 81 80 80 80 10 61"), .overlongVarint, field: 12),
    .refused(
      "a length of 2^64 - 1", hex("62 ff ff ff ff ff ff ff ff ff 01 61"), .overlongVarint,
      field: 12),
    .accepted("a length in five bytes", hex("62 81 80 80 80 00 61"), as: hex("62 01 61")),
    .refused("a length in six bytes", hex("62 81 80 80 80 80 00 61"), .overlongVarint, field: 12),
    .refused(
      "a submessage past the end of its parent", hex("7a 02 08 01 7a 04 7a 03 08 01"),
      .truncated, field: 15),
    .refused(
      "a string past the end of its submessage but not of the message",
      hex("7a 03 62 02 61 62 61"), .truncated, field: 12),
    .refused("an unknown field past the end", hex("f2 01 03 61 62"), .truncated, field: 30),
    .refused(
      "a varint across the end of a submessage", hex("7a 02 10 80 01"), .truncated,
      field: 2),
    .refused("a tag across the end of a submessage", hex("7a 01 90 00 05"), .truncated),
  ]

  static let text: [HostileCase] = [
    .refused("a lone continuation byte", hex("62 01 80"), .invalidUTF8, field: 12),
    .refused("an overlong slash", hex("62 02 c0 af"), .invalidUTF8, field: 12),
    .refused("an overlong NUL", hex("62 02 c0 80"), .invalidUTF8, field: 12),
    .refused("a surrogate", hex("62 03 ed a0 80"), .invalidUTF8, field: 12),
    .refused("beyond U+10FFFF", hex("62 04 f4 90 80 80"), .invalidUTF8, field: 12),
    .refused("byte ff", hex("62 01 ff"), .invalidUTF8, field: 12),
    .refused("a character cut by the end", hex("62 03 61 e2 82"), .invalidUTF8, field: 12),
    .refused(
      "a bad byte behind eight good ones", hex("62 09 61 61 61 61 61 61 61 61 ff"), .invalidUTF8,
      field: 12),
    .refused(
      "a bad byte behind sixteen good ones",
      hex("62 11 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 c3"), .invalidUTF8, field: 12),
    .refused("bad UTF-8 in a repeated string", hex("9a 01 01 ff"), .invalidUTF8, field: 19),
    .refused(
      "bad UTF-8 in a map's key", hex("aa 01 03 0a 01 ff"), .invalidUTF8, field: 21),
    .refused(
      "bad UTF-8 in a map's value", hex("aa 01 06 0a 01 61 12 01 ff"), .invalidUTF8, field: 21),
    .refused(
      "bad UTF-8 that a later value would replace", hex("62 01 ff 62 01 61"), .invalidUTF8,
      field: 12),
    .refused(
      "bad UTF-8 in a plan of a request", of: CreatePlanRequest.self, hex("0a 03 12 01 ff"),
      .invalidUTF8, field: 2, in: Plan.self),
    .accepted("NUL is a character", hex("62 03 61 00 62"), as: hex("62 03 61 00 62")),
    .accepted("a byte order mark stays", hex("62 03 ef bb bf"), as: hex("62 03 ef bb bf")),
    .accepted(
      "a decomposed character stays so", hex("62 03 65 cc 81"), as: hex("62 03 65 cc 81")),
    .accepted("U+10FFFF", hex("62 04 f4 8f bf bf"), as: hex("62 04 f4 8f bf bf")),
    .accepted("bytes need not be UTF-8", hex("6a 02 ff fe"), as: hex("6a 02 ff fe")),
    .accepted("an unknown field need not be UTF-8", hex("f2 01 02 ff fe"), as: []),
  ]

  static let wrongTypes: [HostileCase] = [
    .accepted("a varint as fixed32 is unknown", hex("15 01 02 03 04"), as: []),
    .accepted("a varint as fixed64 is unknown", hex("11 01 02 03 04 05 06 07 08"), as: []),
    .accepted("a lone varint as length is unknown", hex("12 01 05"), as: []),
    .accepted("a string as varint is unknown", hex("60 05"), as: []),
    .accepted("a string as group is unknown", hex("63 08 01 64"), as: []),
    .accepted("a submessage as varint is unknown", hex("78 05"), as: []),
    .accepted("a submessage as group is unknown", hex("7b 08 01 7c"), as: []),
    .accepted("a map as varint is unknown", hex("a8 01 05"), as: []),
    .accepted("a fixed32 as varint is unknown", hex("40 05"), as: []),
    .accepted("a double as fixed32 is unknown", hex("5d 01 02 03 04"), as: []),
    .accepted("a right value beside a wrong one", hex("10 05 15 01 02 03 04"), as: hex("10 05")),
    .accepted(
      "a plan's id as a string is unknown", of: Plan.self, hex("0a 01 31 12 01 61"),
      as: hex("12 01 61")),
  ]

  static let groups: [HostileCase] = [
    .accepted("an empty group", hex("f3 01 f4 01"), as: []),
    .accepted(
      "a group with fields of every type",
      hex("f3 01 08 01 11 01 02 03 04 05 06 07 08 1a 01 61 25 01 02 03 04 f4 01 10 05"),
      as: hex("10 05")),
    .accepted("a group in a group", hex("f3 01 0b 08 01 0c f4 01 10 05"), as: hex("10 05")),
    .refused("a group without its end", hex("f3 01 08 01"), .truncated, field: 1),
    .refused("a group that ends at once", hex("f3 01"), .truncated, field: 30),
    .refused("an end without a group", hex("f4 01"), .unmatchedEndGroup, field: 30),
    .refused("an end of a known number", hex("14"), .unmatchedEndGroup, field: 2),
    .refused("the end of another group", hex("f3 01 0c"), .unmatchedEndGroup, field: 1),
    .refused("crossed groups", hex("f3 01 0b f4 01 0c"), .unmatchedEndGroup, field: 30),
    .refused(
      "an end-group inside a submessage for a group outside", hex("f3 01 7a 02 f4 01"),
      .truncated, field: 15),
    .refused(
      "a submessage that ends with an end-group", hex("7a 01 0c"), .unmatchedEndGroup,
      field: 1),
    .refused("field number 0 in a group", hex("f3 01 00 00 f4 01"), .invalidFieldNumber),
    .refused("a truncated value in a group", hex("f3 01 1a 05 61 f4 01"), .truncated, field: 3),
  ]

  static let unknown: [HostileCase] = [
    .accepted("an unknown varint", hex("f0 01 ff 01 10 05"), as: hex("10 05")),
    .accepted("an unknown fixed64", hex("f1 01 01 02 03 04 05 06 07 08 10 05"), as: hex("10 05")),
    .accepted("an unknown length", hex("f2 01 02 61 62 10 05"), as: hex("10 05")),
    .accepted("an unknown fixed32", hex("f5 01 01 02 03 04 10 05"), as: hex("10 05")),
    .refused("an unknown fixed32 cut short", hex("f5 01 01 02"), .truncated, field: 30),
    .refused("an unknown fixed64 cut short", hex("f1 01 01 02"), .truncated, field: 30),
    .refused(
      "an unknown varint of eleven bytes", hex("f0 01 80 80 80 80 80 80 80 80 80 80 00"),
      .overlongVarint, field: 30),
    .accepted("an unknown field only", of: DeletePlanResponse.self, hex("08 01 12 01 61"), as: []),
    .accepted(
      "an unknown field in a submessage", hex("7a 05 f0 01 07 10 05"),
      as: hex("7a 02 10 05")),
  ]
}
