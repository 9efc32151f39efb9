/// Every bound of walks and of logs, in one place.
package enum MeasuringLimits {
  // MARK: Scans

  /// What a scan's directories and file types may take of one message: the daemon takes 4 MiB
  /// (`--max-receive-message-bytes`), less what stands around them.
  package static let maxScanBytes = 4 * 1024 * 1024 - 16 * 1024
  /// Directories that hold files, or lead to some: as many as the daemon takes of one scan. When
  /// there are more, the deepest levels are folded into the ones above.
  static let maxTalliedDirectories = 250_000
  /// As the contract has it (`DirectoryUsage.path`).
  static let maxPathBytes = 4_096
  /// Levels of directories that the daemon tells apart; deeper ones are folded.
  static let maxPathDepth = 64
  /// Levels that a walk goes down; what is deeper is reported and left out.
  static let maxWalkDepth = 4_096
  /// Directories that a walk keeps open at a time; others are opened again on the way back.
  static let maxOpenDirectories = 64
  /// Files with several names that are remembered, to count each once; 48 MiB or so.
  package static let maxRememberedLinks = 1_000_000
  /// As the contract has it (`FileTypeUsage.file_type`).
  static let maxFileTypeBytes = 32
  /// File types in a scan, those with the most bytes; the rest are sent as files without a type.
  static let maxFileTypes = 1_000
  /// File types that are told apart during a walk.
  static let maxTalliedFileTypes = 10_000

  // MARK: Logs

  /// Longer lines are counted as malformed, and not kept in memory.
  static let maxLogLineBytes = 64 * 1024
  /// A range of a log that is counted and sent in one go.
  package static let maxRangeBytes: Int64 = 64 * 1024 * 1024
  /// Hours that one range may touch, each of which is an event; it ends before the next.
  static let maxHoursPerRange = 1_024
  /// What one event may say, and so one line, too: a pebibyte, as the daemon takes it.
  static let maxEventBytes: Int64 = 1 << 50
  /// Files of one log, rotated ones among them; the oldest are left out.
  static let maxLogFiles = 1_000
  /// Logs that the state file remembers; the ones that went first are forgotten first.
  static let maxRememberedLogs = 2_000
  /// What the state file may have.
  static let maxStateBytes = 16 * 1024 * 1024
  /// A state file that another packctl holds is asked for so often, with such pauses.
  static let lockTries = 40
  static let lockPauseMicroseconds: UInt32 = 50_000
  /// Places in one line at which a field without quotes may be tried to end.
  static let maxMatchSteps = 65_536
  static let maxFormatBytes = 4_096
  /// Bytes before the place where reading goes on that must be as they were.
  static let rereadBytes = 1_024
  static let readBytes = 256 * 1024

  /// Names of entries that could not be read which are printed; the others are only counted.
  package static let maxReportedEntries = 100
}
