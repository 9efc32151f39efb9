internal import API
internal import Crypto

/// A part of a log from one line's start to another's, counted by the hour.
///
/// Its events are made of what stands in it and of where it stands. Whoever counts the same range
/// again makes the same events, which the daemon counts once.
struct LogRange {
  private struct Hour {
    var inBytes: Int64 = 0
    var outBytes: Int64 = 0
    var requests: Int64 = 0
    /// The last time in it; every line's time is in the event's hour, so the bucket is right.
    var lastSeconds: Int64 = 0
  }

  let start: Int64
  private(set) var end: Int64
  private(set) var lines = 0
  private(set) var malformed = 0
  /// Where the first malformed line starts.
  private(set) var firstMalformed: Int64?
  private var hours: [Int64: Hour] = [:]
  private var digest = SHA256()

  /// Counts lines until there is no complete one left, or enough are counted. With `end`, goes up
  /// to there and no less: a range that was begun once is counted as it was then.
  init(
    from reader: LogReader, format: LogFormat, until end: Int64? = nil,
    maxBytes: Int64 = MeasuringLimits.maxRangeBytes
  ) throws(Failure) {
    start = reader.offset
    self.end = start
    while self.end < end ?? start + maxBytes, let line = try reader.next() {
      switch line {
      case .text(let text):
        guard try add(text, format: format, isOpenEnd: end == nil) else { return }
        digest.update(bufferPointer: text)
        digest.update(data: [UInt8(ascii: "\n")])
      case .tooLong(let part):
        noteMalformed()
        part.withUnsafeBytes { digest.update(bufferPointer: $0) }
      }
      lines += 1
      reader.take()
      self.end = reader.offset
    }
  }

  /// False when the line opens an hour too many for this range.
  private mutating func add(
    _ text: UnsafeRawBufferPointer, format: LogFormat, isOpenEnd: Bool
  ) throws(Failure) -> Bool {
    guard let entry = format.entry(text) else {
      noteMalformed()
      return true
    }
    let key = entry.seconds / 3_600
    if isOpenEnd, hours.count >= MeasuringLimits.maxHoursPerRange, hours[key] == nil {
      return false
    }
    var hour = hours[key] ?? Hour()
    // Neither is more than the bound, so that the sum cannot overflow.
    hour.inBytes += entry.inBytes
    hour.outBytes += entry.outBytes
    guard max(hour.inBytes, hour.outBytes) <= MeasuringLimits.maxEventBytes else {
      noteMalformed()
      return true
    }
    hour.requests += 1
    hour.lastSeconds = max(hour.lastSeconds, entry.seconds)
    hours[key] = hour
    return true
  }

  private mutating func noteMalformed() {
    malformed += 1
    if firstMalformed == nil { firstMalformed = end }
  }

  /// One event for each hour, oldest first. `firstLine` tells the log from others.
  func events(packageID: String, firstLine: String) -> [UsageEvent] {
    let log = SHA256.hash(data: Array("\(packageID)\u{0}\(firstLine)".utf8)).hex.prefix(20)
    let content = digest.finalize().hex.prefix(20)
    return hours.sorted { $0.key < $1.key }.map { key, hour in
      let name = LogTime.hourName(hour.lastSeconds)
      return UsageEvent(
        eventID: "tail-\(log)-\(start)-\(end)-\(name)-\(content)", packageID: packageID,
        observedTime: Timestamp(seconds: hour.lastSeconds),
        measurement: .bandwidthDelta(
          BandwidthDelta(
            inBytes: hour.inBytes, outBytes: hour.outBytes, requests: hour.requests)))
    }
  }

  /// What its well-formed lines add up to.
  var total: LogTotals {
    hours.values.reduce(into: LogTotals(lines: lines, malformed: malformed)) { sum, hour in
      sum.requests &+= hour.requests
      sum.inBytes &+= hour.inBytes
      sum.outBytes &+= hour.outBytes
    }
  }
}

/// What was read of a log.
package struct LogTotals: Equatable {
  package var lines = 0
  package var malformed = 0
  package var requests: Int64 = 0
  package var inBytes: Int64 = 0
  package var outBytes: Int64 = 0

  static func += (sum: inout LogTotals, part: LogTotals) {
    sum.lines += part.lines
    sum.malformed += part.malformed
    sum.requests &+= part.requests
    sum.inBytes &+= part.inBytes
    sum.outBytes &+= part.outBytes
  }
}
