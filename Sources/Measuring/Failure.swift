/// Why packctl cannot go on: one line for a person, and an exit status (docs/operations.md).
package struct Failure: Error, Equatable {
  /// As `sysexits.h` has them.
  package enum Kind: Int32 {
    /// The daemon does not count something; not one of `sysexits.h`.
    case notCounted = 3
    /// EX_USAGE: a bad option.
    case usage = 64
    /// EX_DATAERR: a state file that cannot be one.
    case data = 65
    /// EX_NOINPUT: what is to be read cannot be opened.
    case noInput = 66
    /// EX_UNAVAILABLE: no answer from the daemon in time, or the state file is in use.
    case unavailable = 69
    /// EX_CANTCREAT: the state file cannot be written.
    case cannotWrite = 73
    /// EX_PROTOCOL: the daemon's answer is none.
    case wrongAnswer = 76
    /// EX_NOPERM: the token is missing, not valid, or not of the right role.
    case denied = 77
  }

  package let kind: Kind
  package let message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  package static func notCounted(_ message: String) -> Failure {
    Failure(kind: .notCounted, message: message)
  }
  package static func usage(_ message: String) -> Failure {
    Failure(kind: .usage, message: message)
  }
  package static func data(_ message: String) -> Failure { Failure(kind: .data, message: message) }
  package static func noInput(_ message: String) -> Failure {
    Failure(kind: .noInput, message: message)
  }
  package static func unavailable(_ message: String) -> Failure {
    Failure(kind: .unavailable, message: message)
  }
  package static func cannotWrite(_ message: String) -> Failure {
    Failure(kind: .cannotWrite, message: message)
  }
  package static func wrongAnswer(_ message: String) -> Failure {
    Failure(kind: .wrongAnswer, message: message)
  }
  package static func denied(_ message: String) -> Failure {
    Failure(kind: .denied, message: message)
  }
}
