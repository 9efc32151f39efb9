internal import NIOCore

/// What one connection may ask for that costs it little and us more: frames that carry nothing,
/// and streams that are opened only to be thrown away. One budget for each; a client that
/// overdraws one is ended. HEADERS and DATA of ordinary calls cost nothing here.
struct FloodBudgets {
  /// DATA shorter than a message's prefix, which does not end its stream.
  static let prefixBytes = 5
  /// What each frame of payload that we send may call for: an update of both windows, for as
  /// many readers as there may be behind a client; and a PING that measures the round trip.
  private static let controlFramesPerPayloadFrame = 4
  private static let pingsPerPayloadFrame = 1

  private let maxOutboundFrames: Int
  /// Frames of payload that were sent and have not been reckoned in yet.
  private var payloadFrames = 0
  private var streamResets: TokenBucket
  private var provokedResets: TokenBucket
  private var refusedStreams: TokenBucket
  private var earlyResponses: TokenBucket
  private var emptyData: TokenBucket
  private var smallData: TokenBucket
  private var pings: TokenBucket
  private var settings: TokenBucket
  private var controlFrames: TokenBucket

  init(_ limits: Limits, now: NIODeadline) {
    func bucket(_ perSecond: Int) -> TokenBucket {
      TokenBucket(perSecond: perSecond, burst: perSecond * limits.floodBurstSeconds, now: now)
    }
    // A stream has a response's headers and its trailers waiting at most.
    maxOutboundFrames = max(limits.maxOutboundFrames, 4 * Int(limits.maxConcurrentStreams))
    streamResets = bucket(limits.streamResetsPerSecond)
    provokedResets = bucket(limits.provokedResetsPerSecond)
    refusedStreams = bucket(limits.refusedStreamsPerSecond)
    earlyResponses = bucket(limits.earlyResponsesPerSecond)
    emptyData = bucket(limits.emptyDataFramesPerSecond)
    smallData = bucket(limits.smallDataFramesPerSecond)
    pings = bucket(limits.pingsPerSecond)
    settings = bucket(limits.settingsPerSecond)
    controlFrames = bucket(limits.controlFramesPerSecond)
  }

  /// Frames that are charged when their header has come, be they valid or not.
  enum Frame {
    case reset
    case ping
    case settings
    /// PRIORITY, WINDOW_UPDATE, GOAWAY, and types that nobody knows.
    case control
  }

  /// What is overdrawn by a frame that came; nil when it is within its budget.
  mutating func received(_ frame: Frame, at now: NIODeadline) -> LimitHit? {
    reckonPayload()
    return switch frame {
    case .reset: streamResets.take(at: now) ? nil : .streamResets
    case .ping: pings.take(at: now) ? nil : .pings
    case .settings: settings.take(at: now) ? nil : .settings
    case .control: controlFrames.take(at: now) ? nil : .controlFrames
    }
  }

  /// A DATA frame with `size` bytes of payload that does not end its stream.
  /// - Parameter completesMessage: whether a message ended with it, as it may with any size.
  mutating func receivedData(
    size: Int, completesMessage: Bool, at now: NIODeadline
  ) -> LimitHit? {
    if size >= Self.prefixBytes || completesMessage { return nil }
    if size == 0 { return emptyData.take(at: now) ? nil : .emptyData }
    return smallData.take(at: now) ? nil : .smallData
  }

  /// We send RST_STREAM: because the response is complete before its request, or stuck when its
  /// time is over; because streams are too many; else for an error. Errors are of the client's
  /// making, if it sends frames that are wrong to make us work for streams which are gone at once
  /// (CVE-2025-8671).
  mutating func sentReset(_ code: ErrorCode?, at now: NIODeadline) -> LimitHit? {
    switch code {
    case .noError, .cancel: earlyResponses.take(at: now) ? nil : .earlyResponses
    case .refusedStream: refusedStreams.take(at: now) ? nil : .refusedStreams
    default: provokedResets.take(at: now) ? nil : .provokedResets
    }
  }

  /// We send HEADERS or DATA, which clients answer by WINDOW_UPDATE, and may by PING. Only
  /// noted here: it is done for every frame.
  mutating func sentPayload() { payloadFrames &+= 1 }

  private mutating func reckonPayload() {
    controlFrames.give(Self.controlFramesPerPayloadFrame &* payloadFrames)
    pings.give(Self.pingsPerPayloadFrame &* payloadFrames)
    payloadFrames = 0
  }

  /// `count` frames wait in nghttp2's queues.
  func waiting(_ count: Int) -> LimitHit? { count > maxOutboundFrames ? .outboundFrames : nil }
}
