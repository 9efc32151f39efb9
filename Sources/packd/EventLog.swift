internal import Logging

/// The handler behind every `Logger`: one line an event to the log writer.
struct EventLog: LogHandler {
  let writer: LogWriter
  let format: LogFormat
  let label: String
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var time = LogTime()
    time.update()
    var line: [UInt8] = []
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let message = event.message.description
    format.line(time: time, level: event.level.name, message: message, into: &line) { fields in
      for (key, value) in all.sorted(by: { $0.key < $1.key }) {
        fields.add(key: key, "\(value)")
      }
      if let error = event.error { fields.add("error", "\(error)") }
    }
    writer.append(line)
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
