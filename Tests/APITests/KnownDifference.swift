import API

/// Where upb, the runtime behind Python's protobuf, stands alone: Google's C++ runtime, which
/// `protoc --decode` shows, does as the codecs do.
enum KnownDifference: CaseIterable {
  /// upb passes over field number 0 inside an unknown group; C++ refuses it everywhere.
  case fieldZeroInGroup
  /// upb takes a map's entry that holds an unknown field for an unknown field itself; C++ reads
  /// its key and value.
  case unknownFieldInMapEntry
  /// The order of a map's entries is free. C++ and the codecs sort by the keys' bytes, upb puts
  /// a key before its own prefix.
  case mapOrder

  /// The difference that makes `ours` other than the judge's `answer`, if one does.
  static func explaining(
    _ name: String, ours: Result<any Message, DecodingError>, answer: [UInt8]?
  ) -> KnownDifference? {
    guard let answer, let theirs = try? Codecs.decode(name, answer) else { return nil }
    switch ours {
    case .failure(let error):
      return error.reason == .invalidFieldNumber ? .fieldZeroInGroup : nil
    case .success(let message):
      if message.encoded() == theirs.encoded() { return .mapOrder }
      let equalButMaps =
        FieldDump.text(of: message, maps: false) == FieldDump.text(of: theirs, maps: false)
      return equalButMaps ? .unknownFieldInMapEntry : nil
    }
  }
}
