internal import GRPC
internal import Logging
internal import Testing

@testable internal import Services

@Suite("Attempt limiter")
struct AttemptLimiterTests {
  private let second: Int64 = 1_000_000_000
  private let clock = TestClock()

  private func limiter(_ perUsername: Int, _ perAddress: Int) -> AttemptLimiter {
    AttemptLimiter(
      perMinutePerUsername: perUsername, perMinutePerAddress: perAddress,
      now: { [clock] in clock.time })
  }

  @Test("ten attempts at a username pass at once, then one each six seconds")
  func username() throws {
    let limiter = AttemptLimiter(now: { [clock] in clock.time })
    for index in 0..<10 {
      try limiter.attempt(username: "web", account: "x", network: "192.0.2.\(index)")
    }
    #expect(throws: Refusal.tooManyAttempts(retryMilliseconds: 6000)) {
      try limiter.attempt(username: "web", account: "x", network: "192.0.2.99")
    }
    try limiter.attempt(username: "other", account: "x", network: "192.0.2.99")
    clock.advance(seconds: 4)
    #expect(throws: Refusal.tooManyAttempts(retryMilliseconds: 2000)) {
      try limiter.attempt(username: "web", account: "x", network: "192.0.2.99")
    }
    clock.advance(seconds: 2)
    try limiter.attempt(username: "web", account: "x", network: "192.0.2.99")
    #expect(throws: Refusal.self) {
      try limiter.attempt(username: "web", account: "x", network: "192.0.2.99")
    }
    clock.advance(seconds: 3600)
    for _ in 0..<10 { try limiter.attempt(username: "web", account: "x", network: "192.0.2.99") }
    #expect(throws: Refusal.self) {
      try limiter.attempt(username: "web", account: "x", network: "192.0.2.99")
    }
  }

  @Test("callers of another account shut no username")
  func account() throws {
    let limiter = limiter(2, 100)
    for _ in 0..<2 { try limiter.attempt(username: "web", account: "y", network: "192.0.2.1") }
    #expect(throws: Refusal.self) {
      try limiter.attempt(username: "web", account: "y", network: "192.0.2.1")
    }
    try limiter.attempt(username: "web", account: "x", network: "192.0.2.1")
  }

  @Test("sixty attempts from an address pass at once, whatever the usernames are")
  func address() throws {
    let limiter = AttemptLimiter(now: { [clock] in clock.time })
    for index in 0..<60 {
      try limiter.attempt(username: "web\(index)", account: "x", network: "192.0.2.1")
    }
    #expect(throws: Refusal.tooManyAttempts(retryMilliseconds: 1000)) {
      try limiter.attempt(username: "fresh", account: "x", network: "192.0.2.1")
    }
    try limiter.attempt(username: "fresh", account: "x", network: "192.0.2.2")
  }

  @Test("what one limit refuses takes nothing from the other")
  func bothOrNeither() throws {
    let limiter = limiter(2, 3)
    for _ in 0..<2 { try limiter.attempt(username: "a", account: "x", network: "192.0.2.1") }
    for _ in 0..<20 {
      #expect(throws: Refusal.self) {
        try limiter.attempt(username: "a", account: "x", network: "192.0.2.1")
      }
    }
    try limiter.attempt(username: "b", account: "x", network: "192.0.2.1")
    for _ in 0..<20 {
      #expect(throws: Refusal.self) {
        try limiter.attempt(username: "c", account: "x", network: "192.0.2.1")
      }
    }
    for _ in 0..<2 { try limiter.attempt(username: "c", account: "x", network: "192.0.2.2") }
  }

  @Test("a table never holds more names than it may, and lets fresh ones in")
  func bounded() {
    let table = AttemptTable(perMinute: 1, shards: 4, maxPerShard: 64)
    for index in 0..<10_000 {
      #expect(table.take("name \(index)", at: 0) == 0)
      #expect(table.count <= 4 * 64)
    }
    #expect(table.count > 4 * 64 / 2)
    #expect(table.take("much later", at: 120 * second) == 0)
  }

  @Test("whoever fills a table does not free the name that was tried most")
  func evictsTheLeastTried() {
    let table = AttemptTable(perMinute: 10, shards: 1, maxPerShard: 64)
    for _ in 0..<10 { #expect(table.take("victim", at: 0) == 0) }
    for index in 0..<5000 { _ = table.take("name \(index)", at: 0) }
    #expect(table.take("victim", at: 0) > 0)
    #expect(table.take("victim", at: 6 * second) == 0)
  }

  @Test("names that are back within their rate are forgotten first")
  func forgetsTheRested() {
    let table = AttemptTable(perMinute: 60, shards: 1, maxPerShard: 64)
    for index in 0..<60 { _ = table.take("old \(index)", at: 0) }
    for index in 0..<4 { _ = table.take("new \(index)", at: 10 * second) }
    #expect(table.take("newest", at: 10 * second) == 0)
    #expect(table.count == 5)
  }

  @Test("a clock that is set back shuts nobody out for longer than a full minute")
  func clockSetBack() {
    let table = AttemptTable(perMinute: 10)
    for _ in 0..<10 { #expect(table.take("web", at: 3600 * second) == 0) }
    let wait = table.take("web", at: 0)
    #expect(wait > 0 && wait <= 60 * second)
    #expect(table.take("web", at: wait) == 0)
  }

  @Test("the refusal says when to try again")
  func refusal() throws {
    let statuses = StatusMapping(logger: Logger(label: "test"), random: { 0 })
    let status = statuses.status(for: Refusal.tooManyAttempts(retryMilliseconds: 1500))
    #expect(status.code == .resourceExhausted)
    #expect(status.message == "Too many attempts")
    #expect(status.trailingMetadata.first("grpc-retry-pushback-ms") == "1500")
    #expect(try Details(status).reason == "TOO_MANY_ATTEMPTS")
  }
}
