internal import API
internal import Testing

@testable internal import Measuring

@Suite struct LogRangeTests {
  private func range(
    _ folder: TemporaryFolder, from start: Int64 = 0, until end: Int64? = nil,
    maxBytes: Int64 = 1 << 40
  ) throws -> LogRange {
    let reader = try LogReader(folder.file("log"))
    if start > 0 { _ = try reader.resume(at: start, digest: "") }
    return try LogRange(from: reader, format: .combined, until: end, maxBytes: maxBytes)
  }

  @Test("lines are added up by the hour, each as an event of that hour")
  func hours() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      logLines(0..<60, hour: 15, bytes: 10) + "rubbish\n" + logLines(0..<5, hour: 17, bytes: 7)
        + logLines(0..<3, hour: 15, bytes: 1), to: "log")
    let range = try range(folder)
    #expect(range.lines == 69)
    #expect(range.malformed == 1)
    #expect(range.firstMalformed == Int64(logLines(0..<60, hour: 15, bytes: 10).utf8.count))
    let events = range.events(packageID: "package-1", firstLine: "ab")
    let expected = [
      BandwidthDelta(inBytes: 0, outBytes: 603, requests: 63),
      BandwidthDelta(inBytes: 0, outBytes: 35, requests: 5),
    ]
    #expect(events.map(\.measurement) == expected.map { .bandwidthDelta($0) })
    #expect(events.map(\.observedTime?.seconds) == [1_795_273_259, 1_795_280_404])
    #expect(range.total.requests == 68)
    #expect(Set(events.map(\.eventID)).count == 2)
    #expect(events.allSatisfy { $0.eventID.utf8.count <= 128 })
  }

  @Test("the same range makes the same events, whatever was appended since")
  func deterministic() throws {
    let folder = try TemporaryFolder()
    try folder.write(logLines(0..<500), to: "log")
    let first = try range(folder)
    try folder.append(logLines(500..<600), to: "log")
    let again = try range(folder, until: first.end)
    let ids = { (range: LogRange) in range.events(packageID: "p", firstLine: "f") }
    #expect(ids(first) == ids(again))
    #expect(ids(first) != ids(try range(folder)))
    #expect(first.events(packageID: "q", firstLine: "f") != ids(first))
    #expect(first.events(packageID: "p", firstLine: "g") != ids(first))
  }

  @Test("ranges end between lines, and together hold every line once")
  func cuts() throws {
    let folder = try TemporaryFolder()
    try folder.write(logLines(0..<1_000), to: "log")
    var start: Int64 = 0
    var requests: Int64 = 0
    var count = 0
    while true {
      let range = try range(folder, from: start, maxBytes: 3_000)
      guard range.lines > 0 else { break }
      #expect(range.end - range.start < 3_200)
      requests += range.total.requests
      start = range.end
      count += 1
    }
    #expect(requests == 1_000)
    #expect(count > 20)
  }

  @Test("a log of all times at once makes ranges of bounded many hours")
  func manyHours() throws {
    let folder = try TemporaryFolder()
    let most = MeasuringLimits.maxHoursPerRange
    let lines = (0..<most + 10).map { number in
      let (day, hour) = (number / 24, number % 24)
      let month = ["Jan", "Feb", "Mar"][day / 28]
      let pad = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
      return "h - - [\(pad(day % 28 + 1))/\(month)/2026:\(pad(hour)):00:00 +0000] \"-\" 200 1\n"
    }
    try folder.write(lines.joined(), to: "log")
    let first = try range(folder)
    #expect(first.lines == most)
    #expect(first.malformed == 0)
    #expect(try range(folder, from: first.end).lines == 10)
  }

  @Test("what makes an hour's sum larger than the daemon takes is left out")
  func overflow() throws {
    let folder = try TemporaryFolder()
    let line = { (bytes: Int64) in "h - - [21/Nov/2026:15:00:00 +0000] \"-\" 200 \(bytes)\n" }
    let most = MeasuringLimits.maxEventBytes
    try folder.write(line(most - 5) + line(6) + line(most) + line(5) + line(1), to: "log")
    let range = try range(folder)
    #expect(range.total.requests == 2)
    #expect(range.malformed == 3)
    #expect(range.total.outBytes == most)
  }
}
