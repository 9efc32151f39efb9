internal import HTTP2
internal import Logging
internal import Services

/// TLS as it is served: its context, kept as the files are.
struct ServedTLS: Sendable {
  let server: ServerTLS
  let watch: FileWatch<TLSContext.Files>

  /// - Throws: ``StartupError`` for files that cannot be served with.
  init(_ settings: TLSSettings, limits: Limits, log: Logger) throws {
    let files = TLSFiles(settings)
    let contents = try files.read()
    let context = try files.context(contents, limits)
    Self.warn(of: files.warnings(context), log)
    let principals = settings.principals
    let server = ServerTLS(context) {
      principals.principal(names: $0.names, expireTimeSeconds: $0.expireTimeSeconds)
    }
    self.server = server
    watch = FileWatch(
      "the TLS certificate", installed: contents, log: log, read: { try files.read() },
      install: {
        let context = try files.context($0, limits)
        server.install(context)
        Self.warn(of: files.warnings(context), log)
      })
  }

  private static func warn(of warnings: [String], _ log: Logger) {
    for warning in warnings { log.warning("\(warning)") }
  }
}
