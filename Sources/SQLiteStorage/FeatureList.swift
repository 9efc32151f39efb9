/// A plan's features as one text: each as its length in bytes, a colon, itself, and a comma,
/// as in `3:SSL,6:Backup,` (a netstring). Readable, and holds any text.
enum FeatureList {
  static func text(_ features: [String]) -> String {
    var text = ""
    for feature in features { text += "\(feature.utf8.count):\(feature)," }
    return text
  }

  /// - Returns: `nil` for what ``text(_:)`` does not give.
  static func features(_ text: String) -> [String]? {
    var features: [String] = []
    var rest = text.utf8[...]
    while !rest.isEmpty {
      guard let colon = rest.firstIndex(of: UInt8(ascii: ":")),
        let count = Int(Substring(rest[..<colon])), count >= 0
      else { return nil }
      rest = rest[colon...].dropFirst()
      guard count < rest.count else { return nil }
      let end = rest.index(rest.startIndex, offsetBy: count)
      guard rest[end] == UInt8(ascii: ",") else { return nil }
      features.append(String(decoding: rest[..<end], as: UTF8.self))
      rest = rest[end...].dropFirst()
    }
    return features
  }
}
