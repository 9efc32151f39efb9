internal import Storage

/// Etags are made of a resource's id and the number of its writes, so that they need not be
/// stored: for one resource no two states have the same, and neither number shows.
enum ETag {
  static func text(_ value: UInt64) -> String {
    Base64URL.encode(mixed(value))
  }

  /// Spreads the bits, one to one (the finalizer of SplitMix64).
  static func mixed(_ value: UInt64) -> UInt64 {
    var bits = value &+ 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }

  static func mixed(_ id: ULID) -> UInt64 {
    mixed(mixed(UInt64(truncatingIfNeeded: id.value >> 64)) ^ UInt64(truncatingIfNeeded: id.value))
  }
}
