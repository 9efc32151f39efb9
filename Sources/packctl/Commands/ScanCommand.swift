internal import API
internal import ArgumentParser
internal import Foundation
internal import Measuring

struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Walk a package's files and hand over what they take.",
    discussion: """
      Counts the regular files below DIR by the blocks that they have on the disk. Symbolic links \
      are not followed, other file systems not entered, a file with several names is counted once. \
      What cannot be read is named, counted, and left out.

      The scan replaces the package's scan before. Ends with 0 when all was read and counted, 1 \
      when something could not be read, 3 when the daemon did not count the scan.

      Examples:
        packctl usage scan package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B /srv/www/example.org
        packctl --json usage scan package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B . | jq .bytes
      """)

  @OptionGroup var options: GlobalOptions
  @Flag(help: "Enter other file systems that are mounted below DIR.")
  var crossFilesystems = false
  @Argument(help: "The package's id.")
  var packageID: String
  @Argument(help: "Its home: the directory to walk.")
  var dir: String

  private struct Answer: Encodable {
    let packageId: String
    let eventId: String
    let verdict: String
    let files: Int64
    let bytes: Int64
    let directories: Int64
    let foldedDirectories: Int
    let furtherLinks: Int64
    let otherFilesystems: Int64
    let vanished: Int64
    let unreadable: Int64
  }

  func run() async throws {
    try PackageID.check(packageID)
    // What is wrong with them is said before a long walk, not after it.
    _ = (try options.address, try options.timeoutDuration)
    try options.requireToken()
    let start = Date().timeIntervalSince1970
    let (scan, figures, folded) = try walk()
    var random = SystemRandomNumberGenerator()
    let eventID = "scan-\(Self.hex(random.next()))\(Self.hex(random.next()))"
    // The files were there when the walk began, or later.
    let event = UsageEvent(
      eventID: eventID, packageID: packageID,
      observedTime: Timestamp(
        seconds: Int64(start), nanos: Int32((start - start.rounded(.down)) * 1e9)),
      measurement: .diskScan(scan))
    let answers = try await Daemon.connect(options, report: { Console.say($0) }) { daemon in
      try await daemon.ingest([event])
    }
    guard let answer = answers.first else { throw Failure.wrongAnswer("no answer to the scan") }
    show(
      Answer(
        packageId: packageID, eventId: eventID, verdict: answer.verdict.name,
        files: figures.files, bytes: figures.bytes, directories: figures.directories,
        foldedDirectories: folded, furtherLinks: figures.furtherLinks,
        otherFilesystems: figures.otherFileSystems, vanished: figures.vanished,
        unreadable: figures.unreadable))
    let isCounted = answer.verdict == .accepted || answer.verdict == .duplicate
    if !isCounted {
      Console.say("not counted: \(answer.verdict.name) \(answer.reason) \(answer.message)")
    }
    try EndedWith.unlessComplete(
      isCounted ? .complete : .partlyCounted, figures.unreadable > 0 ? .partlyRead : .complete)
  }

  private func walk() throws -> (DiskScan, WalkFigures, folded: Int) {
    let progress = Progress()
    var walk = TreeWalk(crossesFileSystems: crossFilesystems)
    try walk.run(
      Self.withoutTrailingSlashes(dir),
      progress: { figures in
        progress.show(
          "\(figures.files) files, \(figures.bytes) bytes, \(figures.directories) directories")
      },
      unreadable: { path, reason in
        progress.clear()
        Console.say("cannot read \(path): \(reason)")
      })
    progress.clear()
    let figures = walk.figures
    if figures.unreadable > MeasuringLimits.maxReportedEntries {
      Console.say("cannot read \(figures.unreadable) entries in all")
    }
    if figures.linksForgotten > 0 {
      Console.say(
        "more than \(MeasuringLimits.maxRememberedLinks) files have several names: "
          + "\(figures.linksForgotten) names were counted as files of their own")
    }
    var directories = walk.directories
    let fileTypes = walk.fileTypes.usage
    let typeBytes = DiskScan(directories: [], fileTypes: fileTypes).encodedSize
    let usage = directories.usage(maxBytes: MeasuringLimits.maxScanBytes - typeBytes)
    if directories.foldedDirectories > 0 {
      Console.say(
        "\(directories.foldedDirectories) directories are too many, too deep or too long in name "
          + "for one message: they are counted in those above them")
    }
    return (
      DiskScan(directories: usage, fileTypes: fileTypes), figures, directories.foldedDirectories
    )
  }

  private func show(_ answer: Answer) {
    guard !options.json else {
      Console.print(json: answer)
      return
    }
    var table = [
      ("files", String(answer.files)), ("bytes", String(answer.bytes)),
      ("directories", String(answer.directories)), ("verdict", answer.verdict),
    ]
    if answer.unreadable > 0 { table.append(("unreadable", String(answer.unreadable))) }
    Console.print(table: table)
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// A slash behind the name of a symbolic link would have it followed.
  static func withoutTrailingSlashes(_ path: String) -> String {
    let end = path.lastIndex { $0 != "/" }
    return end.map { String(path[...$0]) } ?? (path.isEmpty ? "" : "/")
  }
}
