@testable internal import packd
internal import Foundation
internal import Testing

@Suite struct LogTests {
  private func line(_ format: LogFormat, _ fill: (inout LineBuffer) -> Void) -> String {
    var line = LineBuffer(capacity: 1)
    format.open(&line, LogTime(), level: "info", "call")
    fill(&line)
    format.close(&line)
    return String(decoding: line.bytes, as: UTF8.self)
  }

  @Test("a JSON line is one JSON object, whatever bytes a client put into it")
  func json() throws {
    let hostile = "a\"b\\c\nd\u{1}e\u{7f}é"
    let text = line(.json) {
      LogFormat.json.field(&$0, "method", hostile)
      LogFormat.json.field(&$0, "duration_us", number: .min)
      LogFormat.json.field(&$0, "call_id", hexadecimal: 0x00ab_cdef_0123_4567)
      LogFormat.json.field(&$0, key: "k\"", "v")
    }
    #expect(text.hasSuffix("}\n"))
    #expect(text.dropLast().allSatisfy { $0 != "\n" })
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["method"] as? String == hostile)
    #expect(object["duration_us"] as? Int64 == .min)
    #expect(object["call_id"] as? String == "00abcdef01234567")
  }

  @Test(
    "bytes that are not UTF-8 are shown as such, and what a terminal obeys is escaped",
    arguments: [
      ([0x61, 0xff, 0x62], "a\u{fffd}b"), ([0xed, 0xa0, 0x80], "\u{fffd}\u{fffd}\u{fffd}"),
      ([0xc2, 0x9b], "\\u009b"), ([0xe2, 0x80, 0xa8], "\\u2028"), ([0x1b], "\\u001b"),
      ([0xc3, 0xa9], "é"), ([0xf0, 0x9f, 0x90], "\u{fffd}"), ([], ""),
    ] as [([UInt8], String)])
  func bytes(_ bytes: [UInt8], _ shown: String) {
    var line = LineBuffer(capacity: 1)
    bytes.withUnsafeBytes { line.append(escaping: $0) }
    #expect(String(decoding: line.bytes, as: UTF8.self) == shown)
  }

  @Test("a text line is one line")
  func text() {
    let text = line(.text) { LogFormat.text.field(&$0, "method", "a\nb") }
    #expect(text.hasSuffix(" info call method=\"a\\u000ab\"\n"))
  }

  @Test("the time is RFC 3339 in UTC, and now")
  func time() throws {
    let time = LogTime()
    let text = String(decoding: time.bytes, as: UTF8.self)
    let date = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    #expect(abs(date.timeIntervalSinceNow) < 5)
  }

  @Test(
    "decimals are written as Swift writes them", arguments: [0, 9, 10, 99, 100, -1, .max, .min])
  func decimal(_ number: Int64) {
    var line = LineBuffer(capacity: 1)
    line.append(decimal: number)
    #expect(String(decoding: line.bytes, as: UTF8.self) == "\(number)")
  }

  @Test("the writer writes everything before it is closed, from any thread")
  func writer() async throws {
    let pipe = Pipe()
    let writer = LogWriter(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, format: .json,
      closeTimeout: .seconds(60))
    await withTaskGroup { group in
      for index in 0..<50 { group.addTask { writer.append(Array("line \(index)\n".utf8)) } }
    }
    writer.close()
    writer.append(Array("too late\n".utf8))
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let lines = Set(text.split(separator: "\n").map(String.init))
    #expect(lines == Set((0..<50).map { "line \($0)" }))
  }

  @Test("what a slow reader loses is told, in a line like the others")
  func dropped() async throws {
    let pipe = Pipe()
    let writer = LogWriter(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, format: .json,
      closeTimeout: .seconds(60))
    let line = Array("{\"message\":\"\(String(repeating: "x", count: 1000))\"}\n".utf8)
    // More than twice of what is kept: what is being written, and what waits for it.
    for _ in 0..<20_000 { writer.append(line) }
    let text = await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: try? pipe.fileHandleForReading.readToEnd()) }.start()
      writer.close()
      try? pipe.fileHandleForWriting.close()
    }
    let lines = try #require(text).split(separator: UInt8(ascii: "\n"))
    let objects = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
    let dropped = objects.compactMap { $0["dropped_pieces"] as? Int }.reduce(0, +)
    #expect(dropped > 0)
    #expect(objects.count { $0["dropped_pieces"] == nil } + dropped == 20_000)
  }
}
