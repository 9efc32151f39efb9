internal import Logging

/// The handler behind every `Logger`: one line an event to the log writer.
struct EventLog: LogHandler {
  private static let lineBytes = 512

  let writer: LogWriter
  let format: LogFormat
  let label: String
  /// What all loggers share, unless one of them has a level of its own.
  let sharedLevel: LogLevel
  private var ownLevel: Logger.Level?
  var metadata: Logger.Metadata = [:]

  init(writer: LogWriter, format: LogFormat, label: String, level: LogLevel) {
    self.writer = writer
    self.format = format
    self.label = label
    sharedLevel = level
  }

  var logLevel: Logger.Level {
    get { ownLevel ?? sharedLevel.value }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = LineBuffer(capacity: Self.lineBytes)
    format.open(&line, LogTime(), level: event.level.name, event.message.description)
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 })
      .sorted(by: { $0.key < $1.key })
    {
      format.field(&line, key: key, "\(value)")
    }
    if let error = event.error { format.field(&line, "error", "\(error)") }
    format.close(&line)
    writer.append(line.bytes)
  }
}

extension Logger.Level {
  var name: StaticString {
    switch self {
    case .trace: "trace"
    case .debug: "debug"
    case .info: "info"
    case .notice: "notice"
    case .warning: "warning"
    case .error: "error"
    case .critical: "critical"
    }
  }
}
