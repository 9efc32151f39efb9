internal import API

/// What one pass over a log's files found.
package struct LogReport: Equatable {
  package var totals = LogTotals()
  package var verdicts = VerdictCounts()
  /// Files that could not be read, or not to their end.
  package var unreadable = 0
}

/// Counts what is new in the files of a log, range by range, and hands it to the daemon.
package struct LogTail<Ingest: UsageIngest>: ~Copyable {
  private let file: StateFile
  private var state: TailState
  private let format: LogFormat
  private let ingest: Ingest
  private let maxRangeBytes: Int64
  private let say: (String) -> Void
  /// What was said of a file once is not said of it at each pass.
  private var said: Set<String> = []

  package init(
    packageID: String, log: String, stateFile: String, format: LogFormat, ingest: Ingest,
    maxRangeBytes: Int64 = MeasuringLimits.maxRangeBytes, say: @escaping (String) -> Void
  ) throws(Failure) {
    let file = try StateFile(stateFile)
    let state = try file.read() ?? TailState(packageID: packageID, log: log)
    guard state.packageID == packageID, state.log == log else {
      throw .usage(
        "--state-file: \(stateFile) is of package \(state.packageID) and \(state.log)")
    }
    self.file = file
    self.state = state
    self.format = format
    self.ingest = ingest
    self.maxRangeBytes = maxRangeBytes
    self.say = say
  }

  /// Goes through all files once. `progress` is told what was read so far.
  package mutating func pass(progress: (LogTotals) -> Void = { _ in }) async throws -> LogReport {
    var report = LogReport()
    let files = try LogFiles(of: state.log)
    guard !files.paths.isEmpty else {
      throw Failure.noInput("there is no log \(state.log), nor one that it was rotated to")
    }
    if files.leftOut > 0 { once("\(files.leftOut) of the oldest rotated logs are left out") }
    for path in files.unreadable {
      report.unreadable += 1
      once("cannot read \(path): rotated logs may be gzipped, or not compressed")
    }
    let before = state
    for path in files.paths {
      guard let stamp = FileStamp(path: path) else { continue }
      guard !state.logs.contains(where: { $0.file == stamp && $0.pendingEnd == nil }) else {
        continue
      }
      do {
        try await read(path, stamp, &report, progress)
      } catch let error as Failure where error.kind == .noInput {
        report.unreadable += 1
        say(error.message)
      }
    }
    if state != before { try file.write(state) }
    return report
  }

  private mutating func once(_ text: String) {
    if said.insert(text).inserted { say(text) }
  }

  // MARK: One file

  private mutating func read(
    _ path: String, _ stamp: FileStamp, _ report: inout LogReport,
    _ progress: (LogTotals) -> Void
  ) async throws {
    guard let index = try identify(path, &report), let reader = try reader(path, index, &report)
    else {
      return
    }
    while true {
      let wanted = state.logs[index].pendingEnd
      let range = try LogRange(
        from: reader, format: format, until: wanted, maxBytes: maxRangeBytes)
      guard wanted == nil || range.end == wanted else {
        // A copy of the log that does not have all of it: another file has.
        if range.end < wanted ?? 0 { return noteDamage(path, reader, &report) }
        return try passOver(path, index, &report)
      }
      guard range.lines > 0 else { break }
      if range.malformed > 0 {
        say(
          "\(path): \(range.malformed) of \(range.lines) lines are malformed, the first at byte "
            + "\(range.firstMalformed ?? range.start)")
      }
      try await send(range, index, &report)
      state.logs[index].offset = range.end
      state.logs[index].lastBytes = reader.lastBytesDigest
      state.logs[index].pendingEnd = nil
      report.totals += range.total
      progress(report.totals)
    }
    if reader.bytes.isDamaged { return noteDamage(path, reader, &report) }
    state.logs[index].file = stamp
  }

  private mutating func noteDamage(_ path: String, _ reader: LogReader, _ report: inout LogReport) {
    guard reader.bytes.isDamaged else { return }
    report.unreadable += 1
    once("\(path) is cut off or damaged behind byte \(reader.offset) of what is in it")
  }

  /// Which of the logs the file is, by its first line; nil when it has none yet.
  private mutating func identify(_ path: String, _ report: inout LogReport) throws -> Int? {
    let reader = try LogReader(path)
    guard let firstLine = try reader.firstLineDigest() else {
      noteDamage(path, reader, &report)
      return nil
    }
    if let index = state.logs.firstIndex(where: { $0.firstLine == firstLine }) { return index }
    state.remember(
      TailState.Log(
        firstLine: firstLine, offset: 0, lastBytes: LogReader.digestOfNothing))
    return state.logs.count - 1
  }

  /// A reader where the log was counted up to; nil when the file has no more than that.
  private mutating func reader(
    _ path: String, _ index: Int, _ report: inout LogReport
  ) throws -> LogReader? {
    let log = state.logs[index]
    let reader = try LogReader(path)
    switch try reader.resume(at: log.offset, digest: log.lastBytes) {
    case .same: return reader
    case .shorter: return nil
    case .different:
      try passOver(path, index, &report)
      return nil
    }
  }

  /// The file was changed where it was counted already. What is new in it cannot be told, and
  /// nothing may be counted twice: so what is there now is not counted.
  private mutating func passOver(
    _ path: String, _ index: Int, _ report: inout LogReport
  ) throws {
    report.unreadable += 1
    let reader = try LogReader(path)
    while try reader.next() != nil { reader.take() }
    say("\(path) was changed where it was counted: what is in it now is not counted")
    guard reader.offset > state.logs[index].offset else { return }
    state.logs[index].offset = reader.offset
    state.logs[index].lastBytes = reader.lastBytesDigest
    state.logs[index].pendingEnd = nil
  }

  // MARK: Sending

  private mutating func send(
    _ range: LogRange, _ index: Int, _ report: inout LogReport
  ) async throws {
    let events = range.events(
      packageID: state.packageID, firstLine: state.logs[index].firstLine)
    guard !events.isEmpty else { return }
    state.logs[index].pendingEnd = range.end
    try file.write(state)
    for answer in try await ingest.ingest(events) {
      report.verdicts.add(answer.verdict)
      switch answer.verdict {
      case .accepted, .duplicate: break
      case .late: say("\(answer.eventID): LATE: too old to be counted")
      case .conflict:
        say("\(answer.eventID): CONFLICT: counted before, with other figures")
      default:
        let text = "\(answer.eventID): REJECTED: \(answer.reason): \(answer.message)"
        // What does not fit the contract never will. Anything else, an unknown package for one,
        // may be put right; until then the log is not passed over.
        guard answer.reason == "INVALID_FIELDS" else { throw Failure.notCounted(text) }
        say(text)
      }
    }
  }
}
