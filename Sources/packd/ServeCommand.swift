internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve calls until SIGTERM or SIGINT.",
    discussion: """
      SIGTERM and SIGINT drain: no new calls, running ones finish, exit status 0; a second one \
      ends at once. SIGHUP reads the JSON Web Key Set and the TLS files anew, and from the \
      configuration file the log level and the limits.
      """)

  @OptionGroup(title: "Serving") var options: ServeOptions

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let settings = try options.resolve(environment: environment)
    raiseDescriptorLimit()
    Signals.ignoreFileSizeLimit()
    let signals = try Signals.sequence()
    let level = LogLevel(settings.logLevel)
    let writer = LogWriter(descriptor: STDERR_FILENO, format: settings.logFormat)
    defer { writer.close() }
    LoggingSystem.bootstrap { label in
      EventLog(writer: writer, format: settings.logFormat, label: label, level: level)
    }
    let daemon = try await Daemon.start(
      settings, writer: writer, level: level, notifier: ServiceNotifier(environment: environment))
    try await daemon.run(until: signals) { [options] in
      try options.resolve(environment: environment)
    }
  }
}
