internal import HTTP2
internal import Logging
internal import NIOCore

extension Logger {
  /// One line for a connection that has ended; for those that ended as they should, only when
  /// somebody looks closely.
  func log(_ connection: EndedConnection) {
    let level: Logger.Level = connection.reason.isNormal ? .debug : .info
    guard level >= logLevel else { return }
    var metadata: Logger.Metadata = [
      "reason": "\(connection.reason.name)",
      "peer": "\(connection.peer)",
      "duration_ms": "\(connection.duration.nanoseconds / 1_000_000)",
      "streams": "\(connection.streams)",
    ]
    if !connection.words.isEmpty { metadata["detail"] = "\(connection.words)" }
    log(level: level, "connection closed", metadata: metadata)
  }
}
