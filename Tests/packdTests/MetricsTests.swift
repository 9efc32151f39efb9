@testable internal import packd
@testable internal import GRPC
internal import HTTP2
internal import NIOCore
internal import NIOPosix
internal import Testing

@Suite struct MetricsTests {
  private func counts(
    _ durations: [Int64], method: Int? = 0, code: Status.Code = .ok
  ) -> CallCounts {
    var counts = CallCounts(methodCount: 2)
    for nanoseconds in durations {
      counts.started(method)
      counts.ended(method, code, .nanoseconds(nanoseconds))
    }
    return counts
  }

  @Test("a call runs from its start to its end, under its method")
  func inFlight() {
    var counts = CallCounts(methodCount: 2)
    counts.started(0)
    counts.started(1)
    counts.started(1)
    counts.started(nil)
    #expect(counts.inFlight == [1, 2, 1])
    counts.ended(1, .ok, .zero)
    counts.ended(nil, .unimplemented, .zero)
    #expect(counts.inFlight == [1, 1, 0])
  }

  @Test("a duration is counted at its bound and above, and not below")
  func bounds() throws {
    for (index, bound) in CallCounts.bounds.enumerated() {
      let histogram = try #require(
        counts([bound.nanoseconds, bound.nanoseconds + 1]).histogram(0, .ok))
      #expect(histogram.count == 2)
      #expect(histogram.cumulative.prefix(index).allSatisfy { $0 == 0 })
      #expect(histogram.cumulative[index] == 1)
      #expect(histogram.cumulative.dropFirst(index + 1).allSatisfy { $0 == 2 })
      #expect(histogram.cumulative.count == CallCounts.bounds.count)
      #expect(Double(bound.seconds) == Double(bound.nanoseconds) / 1e9)
    }
  }

  @Test("what took longer than every bound is in the count alone, and a clock never runs back")
  func outside() throws {
    let long = try #require(counts([60_000_000_000, 15_000_000_000]).histogram(0, .ok))
    #expect(long.cumulative.allSatisfy { $0 == 0 } && long.count == 2 && long.seconds == 75)
    let negative = try #require(counts([-5]).histogram(0, .ok))
    #expect(negative.cumulative.allSatisfy { $0 == 1 } && negative.seconds == 0)
  }

  @Test("methods, codes and loops do not meet")
  func series() throws {
    var sum = counts([1, 1, 1])
    sum.add(counts([2_000_000_000], method: 1, code: .dataLoss))
    sum.add(counts([1], method: nil, code: .unauthenticated))
    sum.add(counts([5], method: 0, code: .unauthenticated))
    sum.add(counts([7]))
    #expect(sum.histogram(0, .ok)?.count == 4)
    #expect(sum.histogram(0, .unauthenticated)?.count == 1)
    #expect(sum.histogram(1, .dataLoss)?.seconds == 2)
    #expect(sum.histogram(2, .unauthenticated)?.count == 1)
    let all = (0...2).flatMap { method in
      Status.Code.allCases.compactMap { sum.histogram(method, $0)?.count }
    }
    #expect(all.reduce(0, +) == 7)
  }

  @Test("the loops' counts are gathered")
  func gather() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
    let metrics = ServerMetrics(methods: ["/a.A/One", "/a.A/Two"])
    for (index, loop) in group.makeIterator().enumerated() {
      try await loop.submit {
        let own = metrics.interceptor(on: loop)
        for _ in 0...index { own.callEnded(Self.ended) }
      }.get()
    }
    let counts = await metrics.counts()
    #expect(counts.histogram(1, .aborted)?.count == 6)
    #expect(counts.inFlight == [0, -6, 0])
    try await group.shutdownGracefully()
  }

  private static let ended = EndedCall(
    id: 1, path: [], methodIndex: 1, code: .aborted, duration: .seconds(1), principal: "",
    peer: "", metadata: Metadata())

  @Test("connections are shown by the reasons of their ends, limits by their names")
  func connections() {
    var counters = ConnectionCounters()
    counters.connectionsOpened = 5
    counters.connectionsClosed = [.maxAge: 1, .exceeded(.keepalivePings): 2]
    counters.limitHits = [.keepalivePings: 2]
    counters.bytesSent = 7
    var text = MetricsText()
    text.add(counters)
    let lines = text.text.split(separator: "\n")
    for line in [
      "packd_connections_open 2", "packd_connections_opened_total 5",
      "packd_connections_closed_total{reason=\"max_age\"} 1",
      "packd_connections_closed_total{reason=\"too_many_pings\"} 2",
      "packd_limit_hits_total{limit=\"too_many_pings\"} 2",
      "packd_limit_hits_total{limit=\"ping_flood\"} 0", "packd_sent_bytes_total 7",
    ] {
      #expect(lines.contains { $0 == line })
    }
  }

  @Test("labels are escaped as the format has it")
  func escaping() {
    var text = MetricsText()
    text.family("a_total", .counter, "What a is.")
    text.sample("a_total", 1)
    text.sample("a_total", 0.5, [("l", "back\\slash \"quote\"\nline ü"), ("m", "")])
    #expect(
      text.text == """
        # HELP a_total What a is.
        # TYPE a_total counter
        a_total 1
        a_total{l="back\\\\slash \\"quote\\"\\nline ü",m=""} 0.5

        """)
  }
}
