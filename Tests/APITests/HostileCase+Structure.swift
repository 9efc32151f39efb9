import API

extension HostileCase {
  static let merging: [HostileCase] = [
    .accepted("the last scalar wins", hex("10 01 10 02"), as: hex("10 02")),
    .accepted("the last scalar wins even at its default", hex("10 01 10 00"), as: []),
    .accepted("the last string wins", hex("62 01 61 62 01 62"), as: hex("62 01 62")),
    .accepted("the last bytes win", hex("6a 01 61 6a 00"), as: []),
    .accepted(
      "a split submessage merges", hex("7a 02 10 01 7a 02 18 02"), as: hex("7a 04 10 01 18 02")),
    .accepted(
      "a submessage split around another field", hex("7a 02 10 01 10 07 7a 02 10 03"),
      as: hex("10 07 7a 02 10 03")),
    .accepted(
      "an empty second part leaves the first", hex("7a 02 10 01 7a 00"), as: hex("7a 02 10 01")),
    .accepted("an empty submessage is there", hex("7a 00"), as: hex("7a 00")),
    .accepted(
      "submessages merge at every depth", hex("7a 04 7a 02 10 01 7a 04 7a 02 18 02"),
      as: hex("7a 06 7a 04 10 01 18 02")),
    .accepted(
      "repeated fields in a split submessage grow", hex("7a 04 9a 01 01 61 7a 04 9a 01 01 62"),
      as: hex("7a 08 9a 01 01 61 9a 01 01 62")),
    .accepted(
      "repeated submessages do not merge", hex("a2 01 02 10 01 a2 01 02 18 02"),
      as: hex("a2 01 02 10 01 a2 01 02 18 02")),
    .accepted(
      "repeated fields keep their order across others", hex("9a 01 01 62 10 01 9a 01 01 61"),
      as: hex("10 01 9a 01 01 62 9a 01 01 61")),
    .accepted(
      "an empty repeated string is an element", hex("9a 01 00 9a 01 00"),
      as: hex("9a 01 00 9a 01 00")),
    .accepted(
      "fields out of order", of: Plan.self, hex("8a 01 01 65 12 01 63 08 01"),
      as: hex("08 01 12 01 63 8a 01 01 65")),
    .accepted(
      "a split price", of: Plan.self, hex("52 05 0a 03 55 53 44 52 02 10 09"),
      as: hex("52 07 0a 03 55 53 44 10 09")),
    .accepted(
      "a split update mask grows", of: UpdatePlanRequest.self, hex("12 03 0a 01 61 12 03 0a 01 62"),
      as: hex("12 06 0a 01 61 0a 01 62")),
  ]

  static let oneofs: [HostileCase] = [
    .accepted("the last of a oneof wins", of: Quota.self, hex("08 05 10 01"), as: hex("10 01")),
    .accepted("either way round", of: Quota.self, hex("10 01 08 05"), as: hex("08 05")),
    .accepted("a oneof set twice alike", of: Quota.self, hex("08 05 08 06"), as: hex("08 06")),
    .accepted("a oneof at 0 is set", of: Quota.self, hex("08 00"), as: hex("08 00")),
    .accepted("a oneof at false is set", of: Quota.self, hex("08 05 10 00"), as: hex("10 00")),
    .accepted(
      "an empty string in a oneof is set", of: GetPlanRequest.self, hex("08 07 12 00"),
      as: hex("12 00")),
    .accepted(
      "a member with another wire type does not clear the oneof", of: Quota.self,
      hex("08 05 12 01 61"), as: hex("08 05")),
    .accepted(
      "a oneof across a split submessage", of: Plan.self, hex("32 02 08 05 32 02 10 01"),
      as: hex("32 02 10 01")),
    .refused(
      "a bad member after a good one", of: GetPlanRequest.self, hex("08 07 12 01 ff"),
      .invalidUTF8, field: 2),
    .accepted(
      "an enum at 0 in a oneof is set", of: UnsuspendPackageRequest.self, hex("18 01 10 00"),
      as: hex("10 00")),
    .accepted(
      "a submessage in a oneof that is split merges", of: UsageEvent.self,
      hex("2a 02 08 01 2a 02 10 02"), as: hex("2a 04 08 01 10 02")),
    .accepted(
      "a submessage in a oneof does not merge across another member", of: UsageEvent.self,
      hex("2a 02 08 01 22 00 2a 02 10 02"), as: hex("2a 02 10 02")),
    .accepted(
      "an empty submessage in a oneof is set", of: UsageEvent.self, hex("2a 02 08 01 22 00"),
      as: hex("22 00")),
    .refused(
      "a bad submessage in a oneof", of: UsageEvent.self, hex("22 05 0a 03 0a 01 ff"),
      .invalidUTF8, field: 1, in: DirectoryUsage.self),
    .accepted(
      "a proto3 optional at 0 is set", of: QuotaFailure.Violation.self, hex("40 00"),
      as: hex("40 00")),
  ]

  static let maps: [HostileCase] = [
    .accepted(
      "a repeated key takes its last value",
      hex("aa 01 06 0a 01 61 12 01 31 aa 01 06 0a 01 61 12 01 32"),
      as: hex("aa 01 06 0a 01 61 12 01 32")),
    .accepted(
      "entries are sorted by key",
      hex("aa 01 06 0a 01 62 12 01 31 aa 01 06 0a 01 61 12 01 32"),
      as: hex("aa 01 06 0a 01 61 12 01 32 aa 01 06 0a 01 62 12 01 31")),
    .accepted(
      "keys sort by their bytes, shorter first",
      hex("aa 01 06 0a 02 61 62 12 00 aa 01 05 0a 01 7a 12 00 aa 01 05 0a 01 61 12 00")
        + hex("aa 01 06 0a 02 c3 a9 12 00"),
      as: hex("aa 01 05 0a 01 61 12 00 aa 01 06 0a 02 61 62 12 00 aa 01 05 0a 01 7a 12 00")
        + hex("aa 01 06 0a 02 c3 a9 12 00")),
    .accepted(
      "keys that are canonically equivalent are two",
      hex("aa 01 08 0a 03 65 cc 81 12 01 31 aa 01 07 0a 02 c3 a9 12 01 32"),
      as: hex("aa 01 08 0a 03 65 cc 81 12 01 31 aa 01 07 0a 02 c3 a9 12 01 32")),
    .accepted(
      "an entry without a value", hex("aa 01 03 0a 01 61"), as: hex("aa 01 05 0a 01 61 12 00")),
    .accepted(
      "an entry without a key", hex("aa 01 03 12 01 31"), as: hex("aa 01 05 0a 00 12 01 31")),
    .accepted("an empty entry", hex("aa 01 00"), as: hex("aa 01 04 0a 00 12 00")),
    .accepted(
      "an entry with its value first", hex("aa 01 06 12 01 31 0a 01 61"),
      as: hex("aa 01 06 0a 01 61 12 01 31")),
    .accepted(
      "an entry with two keys", hex("aa 01 09 0a 01 61 0a 01 62 12 01 31"),
      as: hex("aa 01 06 0a 01 62 12 01 31")),
    .accepted(
      "an entry with an unknown field", hex("aa 01 08 0a 01 61 18 07 12 01 31"),
      as: hex("aa 01 06 0a 01 61 12 01 31")),
    .refused(
      "an entry cut short", hex("aa 01 05 0a 01 61 12 01"), .truncated, field: 21),
    .refused("an entry past the end", hex("aa 01 07 0a 01 61"), .truncated, field: 21),
    .accepted(
      "the document roots of a package", of: HostingPackage.self,
      hex("32 06 0a 01 62 12 01 31 32 06 0a 01 61 12 01 32 32 06 0a 01 62 12 01 33"),
      as: hex("32 06 0a 01 61 12 01 32 32 06 0a 01 62 12 01 33")),
    .accepted(
      "the metadata of an error", of: ErrorInfo.self,
      hex("1a 06 0a 01 62 12 01 31 1a 06 0a 01 61 12 01 32"),
      as: hex("1a 06 0a 01 61 12 01 32 1a 06 0a 01 62 12 01 31")),
  ]

  static let packing: [HostileCase] = [
    .accepted("packed elements one by one", hex("80 01 01 80 01 02"), as: hex("82 01 02 01 02")),
    .accepted(
      "packed and loose in turn", hex("82 01 02 01 02 80 01 03 82 01 01 04"),
      as: hex("82 01 04 01 02 03 04")),
    .accepted("loose elements packed", hex("92 01 02 01 02"), as: hex("90 01 01 90 01 02")),
    .accepted("no packed elements", hex("82 01 00"), as: []),
    .accepted(
      "packed fixed32", hex("8a 01 08 01 00 00 00 02 00 00 00"),
      as: hex("8a 01 08 01 00 00 00 02 00 00 00")),
    .accepted("loose fixed32", hex("8d 01 01 00 00 00"), as: hex("8a 01 04 01 00 00 00")),
    .refused("packed fixed32 of five bytes", hex("8a 01 05 01 00 00 00 02"), .truncated, field: 17),
    .refused("a packed varint cut short", hex("82 01 02 01 80"), .truncated, field: 16),
    .refused(
      "a packed varint across the end of its field", hex("82 01 01 80 01"), .truncated,
      field: 16),
    .refused("packed elements past the end", hex("82 01 05 01"), .truncated, field: 16),
    .refused(
      "a packed varint of eleven bytes", hex("82 01 0b 80 80 80 80 80 80 80 80 80 80 00"),
      .overlongVarint, field: 16),
    .accepted("a packed field as fixed32 is unknown", hex("85 01 01 00 00 00"), as: []),
    .accepted(
      "zeros are elements", hex("82 01 02 00 00 90 01 00"),
      as: hex("82 01 02 00 00 90 01 00")),
  ]

  static let nesting: [HostileCase] = [
    .accepted("100 submessages deep", nested(100), as: nested(100)),
    .refused("101 submessages deep", nested(101), .nestedTooDeep, field: 15),
    .refused("100,000 submessages deep", nested(100_000), .nestedTooDeep, field: 15),
    .accepted("100 groups deep", grouped(100), as: []),
    .refused("101 groups deep", grouped(101), .nestedTooDeep, field: 1),
    .refused(
      "100,000 groups opened", Array(repeating: 0x0b, count: 100_000), .nestedTooDeep, field: 1),
    .accepted("60 submessages, then 40 groups", nested(60, around: grouped(40)), as: nested(60)),
    .refused(
      "60 submessages, then 41 groups", nested(60, around: grouped(41)), .nestedTooDeep, field: 1),
    .accepted(
      "depth is given back", grouped(100) + nested(100) + grouped(100) + nested(100),
      as: nested(100)),
  ]

  /// `depth` submessages, one in the other, and `innermost` in the last.
  static func nested(_ depth: Int, around innermost: [UInt8] = []) -> [UInt8] {
    var reversed = Array(innermost.reversed())
    for _ in 0..<depth {
      var length: [UInt8] = []
      var rest = reversed.count
      while rest >= 0x80 {
        length.append(UInt8(rest & 0x7f) | 0x80)
        rest >>= 7
      }
      length.append(UInt8(rest))
      reversed += length.reversed()
      reversed.append(0x7a)
    }
    return reversed.reversed()
  }

  /// `depth` groups of number 1, one in the other.
  static func grouped(_ depth: Int) -> [UInt8] {
    Array(repeating: 0x0b, count: depth) + Array(repeating: 0x0c, count: depth)
  }
}
