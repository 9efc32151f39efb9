internal import Logging

/// Keeps what is in force as its files are: they are read anew on SIGHUP, and when they have
/// changed.
actor FileWatch<Contents: Equatable & Sendable> {
  private static var interval: Duration { .seconds(5) }

  /// What the files hold, as the log names it: "the JSON Web Key Set".
  private let subject: String
  private let log: Logger
  private let read: @Sendable () throws -> Contents
  private let install: @Sendable (Contents) async throws -> Void
  /// What is in force; files that could not be read are tried again.
  private var installed: Contents
  /// What was not valid: told of once, not at every look.
  private var refused: Contents?

  /// - Parameters:
  ///   - installed: what is in force at the start.
  ///   - install: puts it in force, or throws why it cannot be.
  init(
    _ subject: String, installed: Contents, log: Logger,
    read: @escaping @Sendable () throws -> Contents,
    install: @escaping @Sendable (Contents) async throws -> Void
  ) {
    self.subject = subject
    self.installed = installed
    self.log = log
    self.read = read
    self.install = install
  }

  /// Looks at the files now and then, until the task is cancelled.
  func run() async {
    while (try? await Task.sleep(for: Self.interval)) != nil {
      if let current = try? read(), current != refused { await install() }
    }
  }

  /// Does as ``install()``, and tells the log of files that are as they were: whoever asks for
  /// them to be read wants to know that they were.
  func reload() async {
    if await !install() { log.notice("\(subject) has not changed") }
  }

  /// Installs what the files hold if it is not in force yet; what is not valid changes nothing
  /// but the log.
  ///
  /// - Returns: false when all is as it was.
  @discardableResult
  private func install() async -> Bool {
    do {
      let current = try read()
      guard current != installed else { return false }
      refused = current
      try await install(current)
      installed = current
      refused = nil
      log.notice("\(subject) was read anew")
    } catch let error as StartupError {
      log.error("\(subject) stays as it was", metadata: ["cause": "\(error.message)"])
    } catch {
      log.error("\(subject) stays as it was", metadata: ["cause": "\(error)"])
    }
    return true
  }
}
