internal import Storage

/// Why the process cannot start, or go on: one line for a person, and an exit status.
struct StartupError: Error {
  enum Kind {
    /// A bad option or configuration.
    case usage
    /// A damaged data file.
    case data
    /// Cannot bind, open or lock.
    case unavailable

    /// As `sysexits.h` has them: EX_USAGE, EX_DATAERR, EX_UNAVAILABLE.
    var exitStatus: Int32 {
      switch self {
      case .usage: 64
      case .data: 65
      case .unavailable: 69
      }
    }
  }

  let kind: Kind
  let message: String

  static func usage(_ message: String) -> StartupError {
    StartupError(kind: .usage, message: message)
  }

  static func unavailable(_ message: String) -> StartupError {
    StartupError(kind: .unavailable, message: message)
  }

  /// What kept the store from opening, or from its first use.
  init(_ error: StorageError) {
    switch error {
    case .damaged(let path, let reason):
      self.init(kind: .data, message: "the data file \(path) is damaged: \(reason)")
    case .locked(let path, let holder):
      self.init(kind: .unavailable, message: "the data file \(path) is in use by \(holder)")
    case .cannotOpen(let path, let reason):
      self.init(kind: .unavailable, message: "cannot open the data file \(path): \(reason)")
    case .full:
      self.init(kind: .unavailable, message: "cannot use the store: no space is left to write")
    case .unavailable(let reason):
      self.init(kind: .unavailable, message: "cannot use the store: \(reason)")
    default:
      self.init(kind: .unavailable, message: "cannot use the store: \(error)")
    }
  }

  private init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }
}
