internal import NIOCore

/// What time does to a connection: PINGs to a client that is silent, and the end of a connection
/// that is silent, idle or old (gRPC's A9 proposal, "server-side connection management"). Asked
/// now and then, it says what has come due.
///
///     open ──no stream for maxIdle──> drain
///      ├──maxAge ± 10 %──> drain ──grace──> end
///      └──nothing read for time──> PING ──nothing read for timeout──> end
struct Keepalive {
  /// Times; nil is never.
  struct Times {
    var ping: TimeAmount?
    var pingTimeout: TimeAmount
    var maxIdle: TimeAmount?
    var maxAge: TimeAmount?
    var ageGrace: TimeAmount?
  }

  enum Action: Equatable {
    case none
    case ping
    /// Let running calls finish, and no new ones begin.
    case drain(CloseReason)
    case end(CloseReason)
  }

  private let times: Times
  /// When the connection is too old, then when its grace is over.
  private var ageLimit: NIODeadline?
  private var isDraining = false
  private var pingSent: NIODeadline?

  /// - Parameter jitter: from -1 to 1, the part of a tenth that the age varies by, so that
  ///   clients which came together do not come again together.
  init(_ times: Times, opened: NIODeadline, jitter: Double) {
    self.times = times
    self.ageLimit = times.maxAge.map { age in
      opened + .nanoseconds(age.nanoseconds + Int64(Double(age.nanoseconds) / 10 * jitter))
    }
  }

  /// What is to be done at `now`.
  /// - Parameters:
  ///   - lastRead: when the client was last heard of.
  ///   - idleSince: when the last stream ended; nil while there is one.
  mutating func due(
    at now: NIODeadline, lastRead: NIODeadline, idleSince: NIODeadline?
  ) -> Action {
    if let ageLimit, ageLimit <= now {
      if isDraining { return .end(.graceOver) }
      isDraining = true
      self.ageLimit = times.ageGrace.map { now + $0 }
      return .drain(.maxAge)
    }
    if let limit = idleLimit(idleSince), limit <= now {
      isDraining = true
      ageLimit = nil
      return .drain(.maxIdle)
    }
    return pingDue(now, lastRead)
  }

  private mutating func pingDue(_ now: NIODeadline, _ lastRead: NIODeadline) -> Action {
    guard let interval = times.ping else { return .none }
    if let sent = pingSent {
      if lastRead > sent {
        pingSent = nil
      } else {
        return sent + times.pingTimeout <= now ? .end(.keepaliveTimeout) : .none
      }
    }
    guard lastRead + interval <= now else { return .none }
    pingSent = now
    return .ping
  }

  private func idleLimit(_ idleSince: NIODeadline?) -> NIODeadline? {
    guard !isDraining, let maxIdle = times.maxIdle, let idleSince else { return nil }
    return idleSince + maxIdle
  }
}
