internal import NIOCore

/// What a connection waits for; at most one timer a kind.
///
/// Actions hold their connection strongly until they run or are stopped, which the end of the
/// connection does: a weak reference would slow down every retain of it.
final class ConnectionTimers {
  enum Kind: Int, CaseIterable {
    case handshake
    case header
    case outputStall
    case drainPing
    case linger
  }

  private let eventLoop: any EventLoop
  /// One place a kind; asked at every read, so it is no dictionary.
  private var running = [Scheduled<Void>?](repeating: nil, count: Kind.allCases.count)

  init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  /// Calls `action` on the event loop after `time`, unless it is stopped before.
  func start(_ kind: Kind, in time: TimeAmount, _ action: @escaping () -> Void) {
    start(kind, at: eventLoop.now + time, action)
  }

  /// Calls `action` on the event loop at `deadline`, unless it is stopped before.
  func start(_ kind: Kind, at deadline: NIODeadline, _ action: @escaping () -> Void) {
    stop(kind)
    let bound = NIOLoopBound((timers: self, action: action), eventLoop: eventLoop)
    running[kind.rawValue] = eventLoop.scheduleTask(deadline: deadline) {
      bound.value.timers.running[kind.rawValue] = nil
      bound.value.action()
    }
  }

  func isRunning(_ kind: Kind) -> Bool { running[kind.rawValue] != nil }

  func stop(_ kind: Kind) {
    guard let timer = running[kind.rawValue] else { return }
    running[kind.rawValue] = nil
    timer.cancel()
  }

  func stopAll() {
    for kind in Kind.allCases { stop(kind) }
  }
}
