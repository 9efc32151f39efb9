internal import Logging
internal import Services

/// Keeps the authenticator's JSON Web Key Set as its file is: read anew on SIGHUP, and when the
/// file has changed.
actor KeySetWatch {
  private static let interval = Duration.seconds(5)

  private let keys: Keys
  private let authenticator: Authenticator
  private let log: Logger
  /// The bytes that are in force; a file that could not be read is tried again.
  private var installed: [UInt8]?
  /// The bytes that were not valid: told of once, not at every look.
  private var refused: [UInt8]?

  init(keys: Keys, authenticator: Authenticator, log: Logger) {
    self.keys = keys
    self.authenticator = authenticator
    self.log = log
    installed = keys.jwks
  }

  /// Looks at the file now and then, until the task is cancelled.
  func run() async {
    guard installed != nil else { return }
    while (try? await Task.sleep(for: Self.interval)) != nil {
      if let current = try? keys.readJWKS(), current != refused { await reload() }
    }
  }

  /// Installs the file's keys if they are not in force yet; a set that is not valid changes
  /// nothing but the log.
  func reload() async {
    do {
      guard let current = try keys.readJWKS(), current != installed else { return }
      refused = current
      try await authenticator.reload(jwks: current)
      installed = current
      refused = nil
      log.notice("the JSON Web Key Set was read anew")
    } catch let error as StartupError {
      log.error("the JSON Web Key Set stays as it was", metadata: ["cause": "\(error.message)"])
    } catch {
      log.error("the JSON Web Key Set stays as it was", metadata: ["cause": "\(error)"])
    }
  }
}
