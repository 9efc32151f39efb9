internal import GRPC
internal import NIOCore
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Rate limit")
struct RateLimitTests {
  private let second: Int64 = 1_000_000_000

  private func limit(_ rate: Int, burst: Int) -> RateLimit {
    RateLimit(callsPerSecond: rate, burst: burst, now: Instant.now)
  }

  @Test("a burst passes, what is beyond it waits for as long as it is told")
  func burst() {
    let limit = limit(10, burst: 5)
    for _ in 0..<5 { #expect(limit.take("a", at: 0) == 0) }
    let wait = limit.take("a", at: 0)
    #expect(wait == second / 10)
    #expect(limit.take("a", at: wait - 1) > 0)
    #expect(limit.take("a", at: wait) == 0)
    #expect(limit.take("a", at: wait) > 0)
  }

  @Test("in the long run the rate holds, whoever tries more often")
  func rate() {
    let limit = limit(100, burst: 10)
    let passed = (0..<10_000).filter { limit.take("a", at: Int64($0) * second / 1000) == 0 }
    #expect((1000...1010).contains(passed.count))
  }

  @Test("callers do not pay for each other")
  func apart() {
    let limit = limit(1, burst: 1)
    #expect(limit.take("a", at: 0) == 0)
    #expect(limit.take("a", at: 0) > 0)
    #expect(limit.take("b", at: 0) == 0)
  }

  @Test("callers that are back within their rate are forgotten, and a full table refuses")
  func bounded() {
    let limit = limit(1, burst: 1)
    let most = Limits.maxCallersPerRateLimitShard * Limits.rateLimitShards
    let passed = (0..<most * 5 / 4).filter { limit.take("\($0)", at: 0) == 0 }.count
    #expect(passed <= most && passed > most * 9 / 10)
    #expect((0..<most / 2).allSatisfy { limit.take("later \($0)", at: 2 * second) == 0 })
  }

  @Test("the refusal says when to try again, and names the caller by principal or address")
  func refusal() throws {
    let clock = TestClock()
    let limit = RateLimit(callsPerSecond: 2, burst: 1, now: { clock.time })
    func call(_ principal: String) -> FakeCall {
      let call = FakeCall(method: "/a/B", metadata: Metadata(), deadline: nil)
      call.principal = principal
      return call
    }
    #expect(limit.callStarted(call("default/1")) == nil)
    #expect(limit.callStarted(call("")) == nil)
    let refused = call("default/1")
    let status = try #require(limit.callStarted(refused))
    #expect(refused.rateLimitedCount == 1)
    #expect(status.code == .resourceExhausted)
    #expect(status.trailingMetadata.first("grpc-retry-pushback-ms") == "500")
    #expect(try Details(status).reason == "RATE_LIMITED")
    #expect(limit.callStarted(call("")) != nil)
    clock.advance(seconds: 1)
    #expect(limit.callStarted(call("default/1")) == nil)
  }

  @Test("callers without a name are one where they come from one network")
  func networks() {
    let limit = RateLimit(callsPerSecond: 1, burst: 1, now: Instant.now)
    func refuses(_ network: String) -> Bool {
      let call = FakeCall(method: "/a/B", metadata: Metadata(), deadline: nil, network: network)
      return limit.callStarted(call) != nil
    }
    #expect(!refuses("2001:db8:1:2::/64"))
    #expect(refuses("2001:db8:1:2::/64"))
    #expect(!refuses("2001:db8:1:3::/64"))
  }

  @Test("methods that are exempt are never refused")
  func exempt() {
    let limit = RateLimit(callsPerSecond: 1, burst: 1, exempt: ["/a/B"], now: Instant.now)
    let call = FakeCall(method: "/a/B", metadata: Metadata(), deadline: nil)
    for _ in 0..<10 { #expect(limit.callStarted(call) == nil) }
  }
}
