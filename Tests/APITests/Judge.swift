import Command
import Foundation

/// judge.py.
enum Judge {
  static let python = ProcessInfo.processInfo.environment["PACKD_JUDGE_PYTHON"]

  /// For each message the judge's encoding of it, or nil where it refuses.
  static func answers(_ cases: [(String, [UInt8])]) throws -> [[UInt8]?] {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "judge.py")
    let lines = cases.map { "\($0.0) \(hex($0.1))\n" }.joined()
    let answers = try Command(python ?? "", [script.path]).run(input: Array(lines.utf8))
    return String(decoding: answers, as: UTF8.self)
      .split(separator: "\n")
      .map { $0.hasPrefix("accept") ? bytes(ofHex: $0.dropFirst("accept ".count)) : nil }
  }

  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  private static func bytes(ofHex text: Substring) -> [UInt8] {
    let digits = text.utf8.map { UInt8(Character(UnicodeScalar($0)).hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
