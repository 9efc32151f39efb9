internal import Foundation
internal import Testing

@testable internal import Measuring

@Suite struct LogReaderTests {
  /// The lines of a file: their texts, or "…" for one that is too long.
  private func lines(_ reader: LogReader) throws -> [String] {
    var lines: [String] = []
    while let line = try reader.next() {
      switch line {
      case .text(let text): lines.append(String(decoding: text, as: UTF8.self))
      case .tooLong: lines.append("…")
      }
      reader.take()
    }
    return lines
  }

  @Test("a line without an end is left for the next run")
  func partial() throws {
    let folder = try TemporaryFolder()
    try folder.write("one\ntwo\nthr", to: "log")
    let reader = try LogReader(folder.file("log"))
    #expect(try lines(reader) == ["one", "two"])
    #expect(reader.offset == 8)
    try folder.append("ee\n", to: "log")
    let next = try LogReader(folder.file("log"))
    #expect(try next.resume(at: 8, digest: reader.lastBytesDigest) == .same)
    #expect(try lines(next) == ["three"])
    #expect(next.offset == 14)
  }

  @Test("a line of 10 MiB is one malformed line, and costs no memory", arguments: [false, true])
  func longLine(_ isGzipped: Bool) throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "x", count: 10 * 1024 * 1024)
    try folder.write("one\n\(long)\ntwo\n", to: "log")
    if isGzipped { try folder.gzip("log") }
    let reader = try LogReader(folder.file(isGzipped ? "log.gz" : "log"))
    #expect(reader.bytes.isGzipped == isGzipped)
    #expect(try lines(reader) == ["one", "…", "two"])
    #expect(reader.offset == Int64(long.count + 9))
  }

  @Test("whether a line is too long does not turn on where it stands", arguments: [0, 1, 7])
  func lengths(_ before: Int) throws {
    let folder = try TemporaryFolder()
    let most = MeasuringLimits.maxLogLineBytes
    let fits = String(repeating: "a", count: most)
    let start = String(repeating: String(repeating: "s", count: 50_000) + "\n", count: before)
    try folder.write("\(start)\(fits)\n\(fits)b\n\(fits)\n", to: "log")
    let all = try lines(try LogReader(folder.file("log")))
    #expect(all.suffix(3).map(\.count) == [most, 1, most])
  }

  @Test("a long line without an end is left whole")
  func partialLongLine() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "x", count: 1_000_000)
    try folder.write("one\n\(long)", to: "log")
    let reader = try LogReader(folder.file("log"))
    #expect(try lines(reader) == ["one"])
    #expect(reader.offset == 4)
    try folder.append("\ntwo\n", to: "log")
    let next = try LogReader(folder.file("log"))
    #expect(try next.resume(at: 4, digest: reader.lastBytesDigest) == .same)
    #expect(try lines(next) == ["…", "two"])
  }

  @Test("the NULs of a truncated file are not part of a line")
  func holes() throws {
    let folder = try TemporaryFolder()
    let hole = String(repeating: "\u{0}", count: 700_000)
    try folder.write("\(hole)one\ntwo\n\(hole)three\n\(hole)", to: "log")
    let reader = try LogReader(folder.file("log"))
    #expect(try lines(reader) == ["one", "two", "three"])
    #expect(reader.offset == 1_400_000 + 14)
    let again = try LogReader(folder.file("log"))
    #expect(try again.resume(at: reader.offset, digest: reader.lastBytesDigest) == .same)
  }

  @Test("a changed file and a shorter one are told from the same", arguments: [false, true])
  func resumption(_ isGzipped: Bool) throws {
    let folder = try TemporaryFolder()
    try folder.write(logLines(0..<100), to: "log")
    try folder.copy("log", to: "same")
    try folder.write(logLines(0..<10), to: "shorter")
    try folder.write(logLines(0..<99) + logLines(100..<110), to: "different")
    let reader = try LogReader(folder.file("log"))
    _ = try lines(reader)
    for (name, expected) in [
      ("same", LogReader.Resumption.same), ("shorter", .shorter), ("different", .different),
    ] {
      if isGzipped { try folder.gzip(name) }
      let other = try LogReader(folder.file(isGzipped ? name + ".gz" : name))
      #expect(try other.resume(at: reader.offset, digest: reader.lastBytesDigest) == expected)
    }
  }

  @Test("several gzip members are one log, and one that is cut off is read as far as it goes")
  func members() throws {
    let folder = try TemporaryFolder()
    try folder.write(logLines(0..<1_000), to: "a")
    try folder.write(logLines(1_000..<3_000), to: "b")
    try folder.gzip("a")
    try folder.gzip("b")
    let a = try Data(contentsOf: URL(filePath: folder.file("a.gz")))
    let b = try Data(contentsOf: URL(filePath: folder.file("b.gz")))
    try (a + b).write(to: URL(filePath: folder.file("both.gz")))
    try (a + b.dropLast(100)).write(to: URL(filePath: folder.file("cut.gz")))
    try (a + Data("no gzip".utf8)).write(to: URL(filePath: folder.file("rubbish.gz")))
    let both = try LogReader(folder.file("both.gz"))
    #expect(try lines(both).count == 3_000)
    #expect(!both.bytes.isDamaged)
    let cut = try LogReader(folder.file("cut.gz"))
    #expect(1_000..<3_000 ~= (try lines(cut).count))
    #expect(cut.bytes.isDamaged)
    let rubbish = try LogReader(folder.file("rubbish.gz"))
    #expect(try lines(rubbish).count == 1_000)
    #expect(rubbish.bytes.isDamaged)
  }

  @Test("a log that is not there is named")
  func missing() {
    #expect(throws: Failure.self) { try LogReader("/nonexistent/access.log") }
  }
}
