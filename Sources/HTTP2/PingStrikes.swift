internal import NIOCore

/// Watches how often a client sends PING when it has nothing else to say, as grpc-go's
/// `handlePing` does (gRPC's keepalive document, "too_many_pings"). PINGs that follow output of
/// ours measure the round trip, and are free.
///
///     0 ──PING too early──> 1 ──PING too early──> 2 ──PING too early──> too many
///     ^───── the next PING after HEADERS or DATA from us ──────┘
struct PingStrikes {
  private static let maxStrikes = 2

  private let minInterval: TimeAmount
  private var strikes = 0
  private var lastPing: NIODeadline?
  private var hasSentPayload = false

  init(minInterval: TimeAmount) {
    self.minInterval = minInterval
  }

  /// We have sent HEADERS or DATA.
  mutating func sentPayload() { hasSentPayload = true }

  /// A PING that is no answer has come; true when it is one too many.
  mutating func received(at now: NIODeadline) -> Bool {
    defer { lastPing = now }
    if hasSentPayload {
      hasSentPayload = false
      strikes = 0
      return false
    }
    if let lastPing, now < lastPing + minInterval { strikes += 1 }
    return strikes > Self.maxStrikes
  }
}
