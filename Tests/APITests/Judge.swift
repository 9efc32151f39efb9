import Foundation

/// judge.py, asked through files so that no pipe can fill up.
enum Judge {
  static let python = ProcessInfo.processInfo.environment["PACKD_JUDGE_PYTHON"]

  struct Failed: Error {
    let status: Int32
  }

  /// For each message the judge's encoding of it, or nil where it refuses.
  static func answers(_ cases: [(String, [UInt8])]) throws -> [[UInt8]?] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "packd-judge-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let questions = folder.appending(path: "questions")
    let output = folder.appending(path: "answers")
    let lines = cases.map { "\($0.0) \(hex($0.1))\n" }.joined()
    try lines.write(to: questions, atomically: false, encoding: .utf8)
    try Data().write(to: output)

    let process = Process()
    process.executableURL = URL(filePath: python ?? "")
    process.arguments = [
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "judge.py").path
    ]
    process.standardInput = try FileHandle(forReadingFrom: questions)
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return try String(contentsOf: output, encoding: .utf8)
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
