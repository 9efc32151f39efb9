/// A list of texts as one text: each as its length in bytes, a colon, itself, and a comma, as in
/// `3:SSL,6:Backup,` (netstrings). Readable, and holds any text.
enum TextList {
  static func text(_ texts: [String]) -> String {
    var list = ""
    for text in texts { list += "\(text.utf8.count):\(text)," }
    return list
  }

  /// - Returns: `nil` for what ``text(_:)`` does not give.
  static func texts(_ list: UnsafeRawBufferPointer) -> [String]? {
    var texts: [String] = []
    var rest = list[...]
    while !rest.isEmpty {
      guard let count = takeCount(&rest), count < rest.count else { return nil }
      let end = rest.startIndex + count
      guard rest[end] == UInt8(ascii: ",") else { return nil }
      texts.append(
        String(decoding: UnsafeRawBufferPointer(rebasing: rest[..<end]), as: UTF8.self))
      rest = rest[(end + 1)...]
    }
    return texts
  }

  /// Takes a length and its colon off the front.
  private static func takeCount(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int? {
    var count = 0
    for index in rest.indices {
      let byte = rest[index]
      if byte == UInt8(ascii: ":") {
        guard index > rest.startIndex else { return nil }
        rest = rest[(index + 1)...]
        return count
      }
      // No text of ours is so long that its length has more than 18 digits.
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), index - rest.startIndex < 18
      else { return nil }
      count = count * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return nil
  }
}
