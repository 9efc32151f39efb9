internal import NIOCore

/// What a connection waits for, each with its bound from ``Limits``; at most one timer a kind.
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
  private let limits: Limits
  private var running: [Kind: Scheduled<Void>] = [:]

  init(eventLoop: any EventLoop, limits: Limits) {
    self.eventLoop = eventLoop
    self.limits = limits
  }

  /// Calls `action` on the event loop after the kind's time, which begins now if not before,
  /// unless it is stopped until then.
  func start(_ kind: Kind, since begin: NIODeadline? = nil, _ action: @escaping () -> Void) {
    stop(kind)
    let bound = NIOLoopBound((timers: self, action: action), eventLoop: eventLoop)
    running[kind] = eventLoop.scheduleTask(deadline: (begin ?? eventLoop.now) + time(kind)) {
      bound.value.timers.running[kind] = nil
      bound.value.action()
    }
  }

  func isRunning(_ kind: Kind) -> Bool { running[kind] != nil }

  func stop(_ kind: Kind) {
    guard !running.isEmpty else { return }
    running.removeValue(forKey: kind)?.cancel()
  }

  func stopAll() {
    for timer in running.values { timer.cancel() }
    running.removeAll()
  }

  private func time(_ kind: Kind) -> TimeAmount {
    switch kind {
    case .handshake: .seconds(Int64(limits.handshakeTimeoutSeconds))
    case .header: .seconds(Int64(limits.headerTimeoutSeconds))
    case .outputStall: .seconds(Int64(limits.outputStallTimeoutSeconds))
    case .drainPing: .seconds(Int64(limits.drainPingTimeoutSeconds))
    case .linger: .milliseconds(Int64(limits.lingerMilliseconds))
    }
  }
}
