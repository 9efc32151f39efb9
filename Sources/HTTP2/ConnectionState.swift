/// The life of a connection, without its channel: what comes in are events, what comes out is
/// whether something is to be done. The first reason to end is the connection's.
///
///     handshake ──SETTINGS ACK──> serving ──drain──> draining
///         └────────────────drain──────────────────────^  │
///                                                        │  noticed: GOAWAY(all), PING
///     any of these ──end──> closing ──channel gone──>    │  confirmed: PING ACK, or its time
///                                       closed           v  final: GOAWAY(last), no new streams
///
/// Draining follows RFC 9113 section 6.8: a GOAWAY that still lets every stream in, a PING whose
/// answer shows that the client has seen it, then the GOAWAY that names the last stream.
struct ConnectionState {
  enum Phase: Equatable {
    /// Preface or first SETTINGS acknowledgement are still to come.
    case handshake
    case serving
    case draining(Drain, CloseReason)
    /// Nothing is received or sent any more; the channel is about to be gone.
    case closing(Ending)
    case closed(Ending)
  }

  enum Drain: Equatable {
    /// The GOAWAY that still lets every stream in was sent, or will be once there is a session.
    case noticed
    /// The client has seen it, or had its time.
    case confirmed
    /// The GOAWAY that names the last stream was sent.
    case final
  }

  /// Why a connection ends, and what nghttp2 or the channel say of it.
  struct Ending: Equatable {
    let reason: CloseReason
    var words = ""
  }

  private(set) var phase = Phase.handshake

  var isClosing: Bool {
    switch phase {
    case .handshake, .serving, .draining: false
    case .closing, .closed: true
    }
  }

  /// Whether the first GOAWAY of a drain is due, or out, and its PING unanswered.
  var awaitsDrainPing: Bool {
    if case .draining(.noticed, _) = phase { true } else { false }
  }

  mutating func settingsAcknowledged() {
    if case .handshake = phase { phase = .serving }
  }

  /// True when the drain begins with this: the first GOAWAY and the PING are to be sent.
  mutating func drain(_ reason: CloseReason) -> Bool {
    switch phase {
    case .handshake, .serving:
      phase = .draining(.noticed, reason)
      return true
    case .draining, .closing, .closed: return false
    }
  }

  /// The client has answered the PING, or its time is over.
  mutating func drainPingAnswered() {
    if case .draining(.noticed, let reason) = phase { phase = .draining(.confirmed, reason) }
  }

  /// The reason that the last GOAWAY is to name, when it is to be sent now; given once.
  mutating func takeLastGoAway() -> CloseReason? {
    guard case .draining(.confirmed, let reason) = phase else { return nil }
    phase = .draining(.final, reason)
    return reason
  }

  /// False when the connection has been ended before.
  mutating func end(_ ending: Ending) -> Bool {
    guard !isClosing else { return false }
    phase = .closing(ending)
    return true
  }

  /// There is nothing left to do: every stream is done after a GOAWAY of one side, or the
  /// client is gone. False when the connection has been ended before.
  mutating func end() -> Bool {
    if case .draining(_, let reason) = phase { return end(Ending(reason: reason)) }
    return end(Ending(reason: .clientClosed))
  }

  /// The channel is gone. Returns why, the first time.
  mutating func channelGone() -> Ending? {
    _ = end()
    guard case .closing(let ending) = phase else { return nil }
    phase = .closed(ending)
    return ending
  }
}
