internal import ArgumentParser
internal import Crypto
internal import Foundation
internal import Glibc
internal import Measuring

struct TailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Read what is new in a web server's log and hand over the bandwidth.",
    discussion: """
      Reads ACCESS_LOG and what it was rotated to (access.log.1, access.log-20261121, gzipped or \
      not) from where the last run ended. Every line is counted once, however often this is run, \
      and also when it was killed, as long as the state file is kept: by default \
      tail-ID.json in $XDG_STATE_HOME/packctl, or in ~/.local/state/packctl, with an ID for each \
      package, log and daemon. What a run prints names it, and so does what ends one.

      --format takes nginx's combined and common formats, which are Apache's too, or the text of \
      an nginx log_format. Only $request_length tells what a request took: without it nothing is \
      counted as received. $bytes_sent goes before $body_bytes_sent.

      Ends with 0 when all is counted, 1 when a file could not be read or no line was of the \
      format, 3 when the daemon did not count something: too old, in conflict, or rejected.

      Examples:
        packctl usage tail package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B /var/log/nginx/access.log
        packctl usage tail PACKAGE_ID access.log --follow --interval 30s
        packctl usage tail PACKAGE_ID access.log \\
          --format '$remote_addr [$time_local] "$request" $status $bytes_sent $request_length'
      """)

  @OptionGroup var options: GlobalOptions
  @Option(
    help: ArgumentHelp(
      """
      Where to remember how far the log was counted. \
      (default: tail-ID.json in ~/.local/state/packctl)
      """,
      valueName: "file"))
  var stateFile: String?
  @Option(help: "combined, or the text of an nginx log_format.")
  var format = "combined"
  @Flag(help: "Go on, and look for more at each interval.")
  var follow = false
  @Option(help: ArgumentHelp("Time between two looks of --follow.", valueName: "time"))
  var interval = "60s"
  @Argument(help: "The package's id.")
  var packageID: String
  @Argument(help: "The log that the server writes.")
  var accessLog: String

  private struct Answer: Encodable {
    let packageId: String
    let log: String
    let lines: Int
    let malformedLines: Int
    let requests: Int64
    let inBytes: Int64
    let outBytes: Int64
    let stateFile: String
    let accepted: Int
    let duplicate: Int
    let conflict: Int
    let late: Int
    let rejected: Int
  }

  func run() async throws {
    try PackageID.check(packageID)
    let format = try LogFormat(format)
    guard let seconds = TimeSpan.seconds(interval) else {
      throw Failure.usage("--interval: expected a number and s, m or h, got \"\(interval)\"")
    }
    let log = Self.absolute(accessLog)
    let stateFile =
      try stateFile
      ?? Self.stateFile(
        packageID: packageID, log: log, server: options.address.text)
    try options.requireToken()
    do {
      try await follow(log, format, stateFile, .seconds(seconds))
    } catch let error as Failure where !error.message.contains(stateFile) {
      throw Failure(kind: error.kind, message: "\(error.message); state file: \(stateFile)")
    }
  }

  private func follow(
    _ log: String, _ format: LogFormat, _ stateFile: String, _ interval: Duration
  ) async throws {
    let progress = Progress()
    try await Daemon.connect(options, report: { Console.say($0) }) { daemon in
      var tail = try LogTail(
        packageID: packageID, log: log, stateFile: stateFile, format: format, ingest: daemon
      ) { text in
        progress.clear()
        Console.say(text)
      }
      repeat {
        do {
          let report = try await tail.pass { totals in
            progress.show("\(totals.lines) lines, \(totals.outBytes) bytes")
          }
          progress.clear()
          if !follow || report.totals.lines > 0 { show(report, log, stateFile) }
          if !follow { try Self.end(report, stateFile) }
        } catch let error as Failure where follow && error.kind == .unavailable {
          progress.clear()
          Console.say("\(error.message); nothing is lost")
        }
        if follow { try await Task.sleep(for: interval) }
      } while follow
    }
  }

  private static func end(_ report: LogReport, _ stateFile: String) throws {
    let noneFits = report.totals.lines > 0 && report.totals.malformed == report.totals.lines
    if noneFits {
      Console.say("no line is of the format; see --format, and delete \(stateFile) to try again")
    }
    try EndedWith.unlessComplete(
      report.verdicts.isComplete ? .complete : .partlyCounted,
      report.unreadable > 0 || noneFits ? .partlyRead : .complete)
  }

  private func show(_ report: LogReport, _ log: String, _ stateFile: String) {
    let (totals, verdicts) = (report.totals, report.verdicts)
    guard !options.json else {
      Console.print(
        json: Answer(
          packageId: packageID, log: log, lines: totals.lines, malformedLines: totals.malformed,
          requests: totals.requests, inBytes: totals.inBytes, outBytes: totals.outBytes,
          stateFile: stateFile,
          accepted: verdicts.accepted, duplicate: verdicts.duplicate,
          conflict: verdicts.conflict, late: verdicts.late, rejected: verdicts.rejected))
      return
    }
    var table = [
      ("lines", String(totals.lines)), ("requests", String(totals.requests)),
      ("bytes in", String(totals.inBytes)), ("bytes out", String(totals.outBytes)),
      ("state file", stateFile),
      ("events", "\(verdicts.accepted) accepted, \(verdicts.duplicate) duplicate"),
    ]
    if totals.malformed > 0 { table.insert(("malformed", String(totals.malformed)), at: 1) }
    if !verdicts.isComplete {
      table.append(
        (
          "not counted",
          "\(verdicts.late) late, \(verdicts.conflict) conflict, \(verdicts.rejected) rejected"
        ))
    }
    Console.print(table: table)
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// One for each package, log and daemon: what one daemon has counted, another has not.
  static func stateFile(packageID: String, log: String, server: String) -> String {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HOME"] ?? "/var/lib"
    let folder = environment["XDG_STATE_HOME"] ?? home + "/.local/state"
    let name = SHA256.hash(data: Array("\(packageID)\u{0}\(log)\u{0}\(server)".utf8)).hex
    return "\(folder)/packctl/tail-\(name.prefix(32)).json"
  }
}
