internal import API
internal import Foundation
internal import Testing

@testable internal import Measuring

@Suite struct LogTailTests {
  private let folder: TemporaryFolder
  private let daemon = FakeDaemon()

  init() throws {
    folder = try TemporaryFolder()
  }

  /// One run of the program: what it found, and what it said.
  @discardableResult
  private func run(maxRangeBytes: Int64 = 2_000) async throws -> (LogReport, said: [String]) {
    var said: [String] = []
    var tail = try LogTail(
      packageID: "package-1", log: folder.file("access.log"), stateFile: folder.file("state"),
      format: .combined, ingest: daemon, maxRangeBytes: maxRangeBytes
    ) { said.append($0) }
    return (try await tail.pass(), said)
  }

  @Test("a log is counted once, and what is appended is counted next")
  func appended() async throws {
    try folder.write(logLines(0..<100), to: "access.log")
    let (first, said) = try await run()
    #expect(first.totals.requests == 100)
    #expect(first.verdicts.accepted == daemon.calls.count)
    #expect(daemon.calls.count > 4)
    #expect(said.isEmpty)
    #expect(try await run().0 == LogReport())
    try folder.append(logLines(100..<130) + "192.0.2.7 - - [21/Nov", to: "access.log")
    #expect(try await run().0.totals.requests == 30)
    #expect(try await run().0.totals.lines == 0)
    try folder.append("/2026:15:59:00 +0000] \"GET /\" 200 1\n", to: "access.log")
    #expect(try await run().0.totals.requests == 1)
    #expect(daemon.requests == 131)
    #expect(daemon.outBytes == 13_001)
  }

  @Test("a lost answer does not count twice, nor a lost request not at all")
  func lost() async throws {
    try folder.write(logLines(0..<100), to: "access.log")
    daemon.loseNextAnswer()
    await #expect(throws: FakeDaemon.Lost.self) { try await run() }
    // What is there now is more than was sent; what was sent stays as it was.
    try folder.append(logLines(100..<101), to: "access.log")
    daemon.loseNextRequest()
    await #expect(throws: FakeDaemon.Lost.self) { try await run() }
    let (report, _) = try await run(maxRangeBytes: 5_000)
    #expect(report.verdicts.duplicate == 1)
    #expect(report.verdicts.isComplete)
    #expect(daemon.requests == 101)
    #expect(daemon.calls[0] == daemon.calls[1])
    #expect(daemon.calls[0] == daemon.calls[2])
  }

  @Test("losing every second answer, lines come and go, and each counts once")
  func manyLosses() async throws {
    try folder.write("", to: "access.log")
    for round in 0..<40 {
      try folder.append(logLines(round * 10..<round * 10 + 10), to: "access.log")
      if round % 2 == 0 { daemon.loseNextAnswer() }
      if round % 3 == 0 { daemon.loseNextRequest() }
      if round % 7 == 6 {
        if round > 6 {
          try folder.gzip("access.log.1")
          try folder.move("access.log.1.gz", to: "access.log.\(round).gz")
        }
        try folder.move("access.log", to: "access.log.1")
        try folder.write("", to: "access.log")
      }
      _ = try? await run(maxRangeBytes: Int64(500 + round * 37))
    }
    _ = try? await run()
    _ = try? await run()
    #expect(try await run().0.totals.lines == 0)
    #expect(daemon.requests == 400)
  }

  @Test("a log that was renamed is read to its end, and the new one from its start")
  func renamed() async throws {
    try folder.write(logLines(0..<50), to: "access.log")
    try await run()
    // The server still writes into the old file until it is told.
    try folder.move("access.log", to: "access.log.1")
    try folder.append(logLines(50..<60), to: "access.log.1")
    try folder.write(logLines(60..<65), to: "access.log")
    #expect(try await run().0.totals.requests == 15)
    try folder.gzip("access.log.1")
    try folder.move("access.log.1.gz", to: "access.log.2.gz")
    try folder.move("access.log", to: "access.log.1")
    #expect(try await run().0.totals.requests == 0)
    #expect(daemon.requests == 65)
  }

  @Test("a log that is gzipped before it was read to its end is read on inside")
  func gzipped() async throws {
    try folder.write(logLines(0..<50), to: "access.log")
    try await run()
    try folder.append(logLines(50..<80), to: "access.log")
    try folder.move("access.log", to: "access.log.1")
    try folder.gzip("access.log.1")
    #expect(try await run().0.totals.requests == 30)
    #expect(daemon.requests == 80)
  }

  @Test("a range that was sent and not answered is sent again out of the gzipped file")
  func pendingInGzip() async throws {
    try folder.write(logLines(0..<50), to: "access.log")
    daemon.loseNextAnswer()
    await #expect(throws: FakeDaemon.Lost.self) { try await run() }
    try folder.move("access.log", to: "access.log.1")
    try folder.gzip("access.log.1")
    try folder.write(logLines(50..<60), to: "access.log")
    try await run()
    #expect(daemon.requests == 60)
    #expect(daemon.calls[0] == daemon.calls[1])
  }

  @Test("the first run reads the rotated logs too")
  func firstRun() async throws {
    try folder.write(logLines(0..<10), to: "access.log.2")
    try folder.gzip("access.log.2")
    try folder.write(logLines(10..<20), to: "access.log.1")
    try folder.write(logLines(20..<30), to: "access.log")
    #expect(try await run().0.totals.requests == 30)
    #expect(daemon.requests == 30)
  }

  @Test("a log that is copied and truncated is counted once")
  func copiedAndTruncated() async throws {
    try folder.write(logLines(0..<50), to: "access.log")
    try await run()
    try folder.append(logLines(50..<60), to: "access.log")
    try folder.copy("access.log", to: "access.log.1")
    // Between copy and truncation there are two.
    try await run()
    #expect(daemon.requests == 60)
    try folder.write(logLines(60..<62), to: "access.log")
    #expect(try await run().0.totals.requests == 2)
    try folder.remove("access.log.1")
    #expect(try await run().0.totals.requests == 0)
    #expect(daemon.requests == 62)
  }

  @Test("a gzip that is still being written beside its original counts nothing twice")
  func gzipInProgress() async throws {
    try folder.write(logLines(0..<2_000), to: "access.log.1")
    try folder.write(logLines(2_000..<2_010), to: "access.log")
    try await run(maxRangeBytes: 20_000)
    try folder.copy("access.log.1", to: "whole")
    try folder.gzip("whole")
    let gzipped = try Data(contentsOf: URL(filePath: folder.file("whole.gz")))
    try gzipped.prefix(gzipped.count / 2).write(to: URL(filePath: folder.file("access.log.1.gz")))
    try await run()
    try folder.remove("access.log.1")
    try gzipped.write(to: URL(filePath: folder.file("access.log.1.gz")))
    let (report, said) = try await run()
    #expect(report == LogReport())
    #expect(said.isEmpty)
    #expect(daemon.requests == 2_010)
  }

  @Test("a gzip that is cut off is said to be, and read as far as it goes")
  func cutOff() async throws {
    try folder.write(logLines(0..<2_000), to: "access.log.1")
    try folder.gzip("access.log.1")
    let path = URL(filePath: folder.file("access.log.1.gz"))
    let whole = try Data(contentsOf: path)
    try whole.dropLast(500).write(to: path)
    let (report, said) = try await run(maxRangeBytes: 1 << 20)
    #expect(report.unreadable == 1)
    #expect(said.count == 1)
    #expect(1..<2_000 ~= daemon.requests)
    try whole.write(to: path)
    try await run(maxRangeBytes: 1 << 20)
    #expect(daemon.requests == 2_000)
  }

  @Test("a log that was changed where it was counted is not counted again, and said to be so")
  func changed() async throws {
    try folder.write(logLines(0..<50), to: "access.log")
    try await run()
    try folder.write(logLines(0..<1) + logLines(100..<160), to: "access.log")
    let (report, said) = try await run()
    #expect(report.totals.requests == 0)
    #expect(report.unreadable == 1)
    #expect(said.count == 1)
    try folder.append(logLines(160..<163), to: "access.log")
    #expect(try await run().0.totals.requests == 3)
    #expect(daemon.requests == 53)
  }

  @Test("malformed lines are counted and said, and the others are counted")
  func malformed() async throws {
    try folder.write(
      logLines(0..<5) + "rubbish\n" + logLines(5..<8) + "more\n\n", to: "access.log")
    let (report, said) = try await run(maxRangeBytes: 1 << 20)
    #expect(report.totals.malformed == 3)
    #expect(report.totals.requests == 8)
    #expect(said.count == 1)
    #expect(said.first?.contains("3 of 11 lines") == true)
    #expect(try await run().0.totals.lines == 0)
  }

  @Test("late events and conflicts are passed over and said")
  func notCounted() async throws {
    try folder.write(logLines(0..<5), to: "access.log")
    daemon.answer(.late)
    #expect(try await run().0.verdicts.late == 1)
    try folder.append(logLines(5..<9), to: "access.log")
    daemon.answer(.conflict)
    let (report, said) = try await run()
    #expect(report.verdicts.conflict == 1)
    #expect(!report.verdicts.isComplete)
    #expect(said.count == 1)
    try folder.append(logLines(9..<11), to: "access.log")
    daemon.answer(.rejected, reason: "INVALID_FIELDS")
    #expect(try await run().0.verdicts.rejected == 1)
    #expect(try await run().0.totals.lines == 0)
  }

  @Test("a log is not passed over while its package is unknown")
  func unknownPackage() async throws {
    try folder.write(logLines(0..<5), to: "access.log")
    daemon.answer(.rejected, reason: "PACKAGE_NOT_FOUND")
    for _ in 0..<2 {
      await #expect(throws: Failure.self) { try await run() }
    }
    daemon.answer(nil)
    try await run()
    #expect(daemon.requests == 5)
  }

  @Test("rotated logs that cannot be read are named")
  func unreadableFormat() async throws {
    try folder.write(logLines(0..<5), to: "access.log")
    try folder.write("x", to: "access.log.2.xz")
    let (report, said) = try await run()
    #expect(report.unreadable == 1)
    #expect(said.first?.contains("access.log.2.xz") == true)
  }

  @Test("a state file of another log is refused")
  func otherState() async throws {
    try folder.write(logLines(0..<5), to: "access.log")
    try await run()
    #expect(throws: Failure.self) {
      _ = try LogTail(
        packageID: "package-2", log: folder.file("access.log"), stateFile: folder.file("state"),
        format: .combined, ingest: daemon
      ) { _ in }
    }
  }

  @Test("a log that is not there is an error; one that was just rotated away is none")
  func missing() async throws {
    await #expect(throws: Failure.self) { try await run() }
    try folder.write(logLines(0..<5), to: "access.log.1")
    #expect(try await run().0.totals.requests == 5)
  }
}
