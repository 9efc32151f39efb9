internal import Logging
internal import Synchronization

/// From which level on events are logged; can be changed while loggers are in use.
final class LogLevel: Sendable {
  private static let levels = Logger.Level.allCases

  private let index: Atomic<Int>

  init(_ level: Logger.Level) {
    index = Atomic(Self.index(of: level))
  }

  var value: Logger.Level {
    get { Self.levels[index.load(ordering: .relaxed)] }
    set { index.store(Self.index(of: newValue), ordering: .relaxed) }
  }

  private static func index(of level: Logger.Level) -> Int {
    levels.firstIndex(of: level) ?? 0
  }
}
