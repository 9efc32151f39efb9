@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct FloodBudgetsTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  /// Every budget is one a second, of three at once.
  private static var small: Limits {
    var limits = Limits()
    limits.floodBurstSeconds = 3
    limits.streamResetsPerSecond = 1
    limits.provokedResetsPerSecond = 1
    limits.refusedStreamsPerSecond = 1
    limits.earlyResponsesPerSecond = 1
    limits.emptyDataFramesPerSecond = 1
    limits.smallDataFramesPerSecond = 1
    limits.pingsPerSecond = 1
    limits.settingsPerSecond = 1
    limits.controlFramesPerSecond = 1
    return limits
  }

  private typealias Charge = @Sendable (inout FloodBudgets, NIODeadline) -> LimitHit?

  private static let charges: [(LimitHit, Charge)] = [
    (.streamResets, { $0.received(.reset, at: $1) }),
    (.pings, { $0.received(.ping, at: $1) }),
    (.settings, { $0.received(.settings, at: $1) }),
    (.controlFrames, { $0.received(.control, at: $1) }),
    (.emptyData, { $0.receivedData(size: 0, completesMessage: false, at: $1) }),
    (.smallData, { $0.receivedData(size: 4, completesMessage: false, at: $1) }),
    (.provokedResets, { $0.sentReset(.protocolError, at: $1) }),
    (.provokedResets, { $0.sentReset(nil, at: $1) }),
    (.refusedStreams, { $0.sentReset(.refusedStream, at: $1) }),
    (.earlyResponses, { $0.sentReset(.noError, at: $1) }),
  ]

  @Test("each flood overdraws its own budget, and only after the burst", arguments: 0..<10)
  func budgets(index: Int) {
    let (limit, charge) = Self.charges[index]
    var budgets = FloodBudgets(Self.small, now: start)
    for _ in 0..<3 { #expect(charge(&budgets, start) == nil) }
    #expect(charge(&budgets, start) == limit)
    for (other, charge) in Self.charges where other != limit {
      #expect(charge(&budgets, start) == nil)
    }
    #expect(charge(&budgets, start + .seconds(1)) == nil)
  }

  @Test("DATA that carries a prefix or ends a message costs nothing")
  func usefulData() {
    var budgets = FloodBudgets(Self.small, now: start)
    for _ in 0..<100 {
      #expect(budgets.receivedData(size: 5, completesMessage: false, at: start) == nil)
      #expect(budgets.receivedData(size: 1, completesMessage: true, at: start) == nil)
    }
  }

  @Test("a reader may answer each frame of payload by four control frames and a PING")
  func answers() {
    var budgets = FloodBudgets(Self.small, now: start)
    for _ in 0..<1_000 {
      budgets.sentPayload()
      // The burst of the small budget holds three of them.
      for _ in 0..<3 { #expect(budgets.received(.control, at: start) == nil) }
      #expect(budgets.received(.ping, at: start) == nil)
    }
  }

  @Test("a thousand cancellations a second are nobody's flood")
  func heavyCanceller() {
    var budgets = FloodBudgets(Limits(), now: start)
    for number in 0..<120_000 {
      #expect(budgets.received(.reset, at: start + .milliseconds(Int64(number))) == nil)
    }
  }

  @Test("rapid resets are", arguments: [10_000, 100_000])
  func rapidReset(perSecond: Int) {
    var budgets = FloodBudgets(Limits(), now: start)
    let hit = (0..<200_000).first { number in
      let now = start + .nanoseconds(Int64(number) * 1_000_000_000 / Int64(perSecond))
      return budgets.received(.reset, at: now) != nil
    }
    #expect((hit ?? .max) < 30_000)
  }

  @Test("the queue may grow with the streams that are allowed")
  func outboundFrames() {
    #expect(FloodBudgets(Limits(), now: start).waiting(2_000) == nil)
    #expect(FloodBudgets(Limits(), now: start).waiting(2_001) == .outboundFrames)
    var limits = Limits()
    limits.maxConcurrentStreams = 1_000
    #expect(FloodBudgets(limits, now: start).waiting(4_000) == nil)
    #expect(FloodBudgets(limits, now: start).waiting(4_001) == .outboundFrames)
  }
}
