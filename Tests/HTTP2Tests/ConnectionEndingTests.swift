@testable internal import HTTP2
internal import HTTP2Frames
internal import NIOCore
internal import NIOEmbedded
internal import Testing

/// Why connections end, what the client is told of it, and what is counted.
@Suite struct ConnectionEndingTests {
  private func goAway(_ frames: [Frames.Received]) throws -> (code: UInt8, words: String) {
    let frame = try #require(frames.last { $0.type == 7 })
    return (frame.payload[7], String(decoding: frame.payload[8...], as: UTF8.self))
  }

  private func closes(
    _ fixture: Fixture, _ reason: CloseReason, _ code: ErrorCode = .enhanceYourCalm
  ) throws {
    let last = try goAway(fixture.received())
    #expect(last.words == reason.name)
    #expect(last.code == UInt8(code.rawValue))
    fixture.advance(2)
    #expect(!fixture.channel.isActive)
    #expect(fixture.ending?.reason == reason)
    #expect(fixture.endings == 1)
    #expect(fixture.loop.counters.connectionsClosed == [reason: 1])
    #expect(fixture.loop.counters.connectionsOpen == 0)
  }

  // MARK: Floods

  private static let windowUpdate = Frames.frame(8, flags: 0, stream: 0, [0, 0, 0, 1])

  private static let floods: [(LimitHit, [UInt8])] = [
    (.pings, Frames.pingAck([0, 0, 0, 0, 0, 0, 0, 9])),
    (.settings, Frames.settings()),
    (.controlFrames, windowUpdate),
    (.controlFrames, Frames.frame(2, flags: 0, stream: 5, [0, 0, 0, 0, 16])),
    (.controlFrames, Frames.frame(0xfa, flags: 0, stream: 0, [])),
    (.emptyData, Frames.data(1, [], ends: false)),
    (.emptyData, Frames.frame(0, flags: 0x8, stream: 1, [2, 0, 0])),
    (.smallData, Frames.data(1, [1], ends: false)),
    (.smallData, Frames.frame(0, flags: 0x8, stream: 1, [3, 7, 0, 0, 0])),
  ]

  @Test("a flood of small frames ends the connection, and says why", arguments: 0..<9)
  func floods(index: Int) throws {
    let (limit, frame) = Self.floods[index]
    var limits = Limits()
    limits.floodBurstSeconds = 1
    limits.pingsPerSecond = 50
    limits.settingsPerSecond = 50
    limits.controlFramesPerSecond = 50
    limits.emptyDataFramesPerSecond = 50
    limits.smallDataFramesPerSecond = 50
    let fixture = try Fixture(limits: limits)
    try fixture.send(Frames.headers(1, Frames.request, ends: false))
    for _ in 0..<40 { try fixture.send(frame) }
    #expect(fixture.channel.isActive)
    for _ in 0..<40 { try fixture.send(frame) }
    try closes(fixture, .exceeded(limit))
    #expect(fixture.loop.counters.limitHits == [limit: 1])
  }

  @Test("within their rate the same frames are nobody's flood", arguments: 0..<9)
  func slowFrames(index: Int) throws {
    let (_, frame) = Self.floods[index]
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: false))
    for _ in 0..<200 {
      try fixture.send(frame)
      fixture.channel.embeddedEventLoop.advanceTime(by: .milliseconds(200))
    }
    #expect(fixture.channel.isActive)
  }

  @Test("a flood in one read is stopped within it")
  func stoppedAtOnce() throws {
    var limits = Limits()
    limits.streamResetsPerSecond = 10
    limits.floodBurstSeconds = 1
    let fixture = try Fixture(limits: limits)
    var bytes: [UInt8] = []
    for id in stride(from: UInt32(1), to: 201, by: 2) {
      bytes += Frames.headers(id, Frames.request, ends: true) + Frames.reset(id)
    }
    try fixture.send(bytes)
    #expect(fixture.loop.counters.streamsOpened == 11)
    #expect(fixture.loop.counters.resetsReceived == 11)
    try closes(fixture, .exceeded(.streamResets))
  }

  @Test("resets are still counted when a drain has begun")
  func resetsInDrain() throws {
    var limits = Limits()
    limits.streamResetsPerSecond = 10
    limits.floodBurstSeconds = 1
    let fixture = try Fixture(limits: limits)
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    for id in stride(from: UInt32(1), to: 31, by: 2) {
      try fixture.send(Frames.headers(id, Frames.request, ends: true) + Frames.reset(id))
    }
    try closes(fixture, .exceeded(.streamResets))
  }

  @Test("resets that the client provokes are counted against it")
  func provokedResets() throws {
    var limits = Limits()
    limits.provokedResetsPerSecond = 10
    limits.floodBurstSeconds = 1
    let fixture = try Fixture(limits: limits)
    for id in stride(from: UInt32(1), to: 31, by: 2) {
      // A window beyond 2^31 - 1 is an error of its stream (RFC 9113 section 6.9.1).
      try fixture.send(
        Frames.headers(id, Frames.request, ends: false)
          + Frames.frame(8, flags: 0, stream: id, [0x7f, 0xff, 0xff, 0xff]))
    }
    #expect(fixture.loop.counters.resetsSent == 11)
    try closes(fixture, .exceeded(.provokedResets))
  }

  @Test("answers before their request's end are bounded too")
  func earlyResponses() throws {
    var limits = Limits()
    limits.earlyResponsesPerSecond = 10
    limits.floodBurstSeconds = 1
    let fixture = try Fixture(limits: limits)
    for id in stride(from: UInt32(1), to: 31, by: 2) {
      try fixture.send(Frames.headers(id, Frames.request, ends: false))
      if let stream = fixture.handlers[0].stream { Fixture.answer(stream) }
      fixture.channel.embeddedEventLoop.run()
    }
    try closes(fixture, .exceeded(.earlyResponses))
  }

  @Test("frames that cannot be sent do not pile up")
  func outboundFrames() throws {
    var limits = Limits()
    limits.maxOutboundFrames = 100
    limits.maxConcurrentStreams = 10
    let fixture = try Fixture(limits: limits)
    fixture.channel.isWritable = false
    fixture.channel.pipeline.fireChannelWritabilityChanged()
    var bytes: [UInt8] = []
    for id in stride(from: UInt32(1), to: 401, by: 2) {
      bytes += Frames.headers(id, Frames.request, ends: false)
    }
    try fixture.send(bytes)
    fixture.advance(2)
    #expect(fixture.ending?.reason == .exceeded(.outboundFrames))
    #expect(fixture.loop.counters.limitHits[.outboundFrames] == 1)
  }

  @Test("acknowledgements that are not read do not pile up")
  func acknowledgements() throws {
    var limits = Limits()
    limits.maxOutboundAcks = 20
    let fixture = try Fixture(limits: limits)
    fixture.channel.isWritable = false
    fixture.channel.pipeline.fireChannelWritabilityChanged()
    for _ in 0..<30 { try? fixture.send(Frames.settings()) }
    fixture.advance(2)
    #expect(fixture.ending?.reason == .exceeded(.unreadAcknowledgements))
  }

  @Test("what nghttp2 bounds by itself has its reason too")
  func nghttp2Limits() throws {
    let many = try Fixture()
    try many.send(
      Frames.frame(4, flags: 0, stream: 0, (0..<40).flatMap { _ in [0, 3, 0, 0, 0, 9] as [UInt8] }))
    many.advance(2)
    #expect(many.ending?.reason == .exceeded(.settingsEntries))

    let long = try Fixture()
    let pieces = (0..<20).flatMap { _ in Frames.frame(9, flags: 0, stream: 1, []) }
    try long.send(Frames.headers(1, Frames.request, ends: true, complete: false) + pieces)
    try closes(long, .exceeded(.continuations))
  }

  @Test("a header bomb has its name")
  func headerBomb() throws {
    var limits = Limits()
    limits.maxHeaderListBytes = 100
    let fixture = try Fixture(limits: limits)
    try fixture.send(
      Frames.headers(1, [":method": String(repeating: "x", count: 500)], ends: true))
    try closes(fixture, .exceeded(.headerBomb))
  }

  // MARK: Refusals

  @Test("the client is told how many streams it may open; one more is refused, not fatal")
  func concurrentStreams() throws {
    var limits = Limits()
    limits.maxConcurrentStreams = 3
    let fixture = try Fixture(limits: limits, shakesHands: false)
    try fixture.connect()
    try fixture.send(Frames.preface + Frames.settings() + Frames.settings(ack: true))
    let settings = try #require(try fixture.received().first)
    #expect(settings.type == 4)
    #expect(Array(settings.payload[..<12]) == [0, 9, 0, 0, 0, 1, 0, 3, 0, 0, 0, 3])
    for id in stride(from: UInt32(1), to: 11, by: 2) {
      try fixture.send(Frames.headers(id, Frames.request, ends: true))
    }
    let refusals = try fixture.received()
    #expect(refusals.map(\.stream) == [7, 9])
    #expect(refusals.allSatisfy { $0.type == 3 && $0.payload == [0, 0, 0, 7] })
    #expect(fixture.loop.counters.limitHits == [.concurrentStreams: 2])
    Fixture.answer(try #require(fixture.handlers[0].stream))
    fixture.channel.embeddedEventLoop.run()
    try fixture.send(Frames.headers(11, Frames.request, ends: true))
    #expect(fixture.handlers[0].events.last == "end")
  }

  @Test("a client that will not hear of it is ended")
  func refusedStreams() throws {
    var limits = Limits()
    limits.maxConcurrentStreams = 1
    limits.refusedStreamsPerSecond = 10
    limits.floodBurstSeconds = 1
    let fixture = try Fixture(limits: limits)
    for id in stride(from: UInt32(1), to: 41, by: 2) {
      try fixture.send(Frames.headers(id, Frames.request, ends: true))
    }
    try closes(fixture, .exceeded(.refusedStreams))
  }

  @Test("headers that are too large cost their stream, and are counted")
  func headerList() throws {
    var limits = Limits()
    limits.maxHeaderListBytes = 200
    let fixture = try Fixture(limits: limits)
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    #expect(fixture.channel.isActive)
    #expect(fixture.loop.counters.limitHits == [:])
    let large: KeyValuePairs<String, String> = [
      ":method": "POST", ":scheme": "http", ":path": "/a/b", ":authority": "localhost",
      "x": String(repeating: "x", count: 100),
    ]
    try fixture.send(Frames.headers(3, large, ends: true))
    #expect(fixture.channel.isActive)
    #expect(fixture.loop.counters.limitHits == [.headerList: 1])
  }

  // MARK: Keepalive and age

  private func ping(_ number: UInt8) -> [UInt8] {
    Frames.frame(6, flags: 0, stream: 0, [0, 0, 0, 0, 0, 0, 0, number])
  }

  @Test("a client that pings without need is told too_many_pings")
  func tooManyPings() throws {
    let fixture = try Fixture()
    for number in 0..<3 {
      try fixture.send(ping(UInt8(number)))
      fixture.advance(10)
    }
    #expect(fixture.channel.isActive)
    try fixture.send(ping(3))
    try closes(fixture, .exceeded(.keepalivePings))
    #expect(fixture.ending?.reason.name == "too_many_pings")
  }

  @Test("a client that waits for a call may ping")
  func pingsDuringCalls() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    for number in 0..<100 {
      try fixture.send(ping(UInt8(number)))
      fixture.advance(10)
    }
    #expect(fixture.channel.isActive)
  }

  @Test("a client that measures the round trip of what it is sent may ping as it likes")
  func roundTrips() throws {
    let fixture = try Fixture()
    fixture.onEnd = { Fixture.answer($0) }
    for id in stride(from: UInt32(1), to: 4_001, by: 2) {
      try fixture.send(Frames.headers(id, Frames.request, ends: true) + ping(1))
    }
    #expect(fixture.channel.isActive)
    #expect(try fixture.received().filter { $0.type == 6 }.count == 2_000)
  }

  @Test("a silent client is asked whether it is there, and left when it is not")
  func keepalive() throws {
    var limits = Limits()
    limits.keepaliveTimeSeconds = 100
    let fixture = try Fixture(limits: limits)
    fixture.advance(99)
    #expect(try fixture.received().isEmpty)
    fixture.advance(1)
    let asked = try #require(try fixture.received().first)
    #expect(asked.type == 6)
    fixture.advance(10)
    try fixture.send(Frames.pingAck(asked.payload))
    fixture.advance(99)
    #expect(try fixture.received().isEmpty)
    fixture.advance(2)
    #expect(try fixture.received().map(\.type) == [6])
    fixture.advance(18)
    #expect(fixture.channel.isActive)
    fixture.advance(1)
    try closes(fixture, .keepaliveTimeout, .noError)
  }

  @Test("the answer to a keepalive's PING is not taken for that to a drain's")
  func pingAnswers() throws {
    var limits = Limits()
    limits.keepaliveTimeSeconds = 2
    let fixture = try Fixture(limits: limits)
    fixture.advance(2)
    let asked = try #require(try fixture.received().first)
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    try fixture.send(Frames.pingAck(asked.payload))
    let notice = try fixture.received()
    #expect(notice.map(\.type) == [7, 6])
    try fixture.send(Frames.pingAck(notice[1].payload))
    #expect(try goAway(fixture.received()).words == "drain")
  }

  @Test("an idle connection is drained, one with a stream is not")
  func idle() throws {
    var limits = Limits()
    limits.maxIdleSeconds = 30
    let fixture = try Fixture(limits: limits)
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    fixture.advance(100)
    #expect(try fixture.received().isEmpty)
    Fixture.answer(try #require(fixture.handlers[0].stream))
    fixture.channel.embeddedEventLoop.run()
    _ = try fixture.received()
    fixture.advance(29)
    #expect(try fixture.received().isEmpty)
    fixture.advance(1)
    let notice = try fixture.received()
    #expect(notice.map(\.type) == [7, 6])
    try fixture.send(Frames.pingAck(notice[1].payload))
    try closes(fixture, .maxIdle, .noError)
    #expect(fixture.ending?.streams == 1)
  }

  @Test("an old connection is drained; its calls have the grace")
  func age() throws {
    var limits = Limits()
    limits.maxAgeSeconds = 600
    limits.maxAgeGraceSeconds = 60
    let fixture = try Fixture(limits: limits)
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    fixture.advance(600)
    let notice = try fixture.received()
    #expect(notice.map(\.type) == [7, 6])
    try fixture.send(Frames.pingAck(notice[1].payload))
    #expect(try goAway(fixture.received()).words == "max_age")
    fixture.advance(58)
    #expect(fixture.channel.isActive)
    fixture.advance(2)
    #expect(fixture.handlers[0].events.last == "closed")
    fixture.advance(2)
    #expect(fixture.ending?.reason == .graceOver)
  }

  // MARK: Other ends

  @Test("what a drain leaves is closed when its grace is over")
  func graceOver() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.GraceOverEvent())
    #expect(!fixture.channel.isActive)
    #expect(fixture.ending?.reason == .graceOver)
  }

  @Test("a client that closes did so, whatever the socket calls it", arguments: [true, false])
  func clientClosed(breaks: Bool) throws {
    let fixture = try Fixture()
    if breaks {
      fixture.channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "read"))
    } else {
      try fixture.channel.close().wait()
    }
    #expect(fixture.ending?.reason == .clientClosed)
    #expect(fixture.endings == 1)
  }

  @Test("a broken channel is told with what it says")
  func channelError() throws {
    let fixture = try Fixture()
    fixture.channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
    #expect(fixture.ending?.reason == .channelError)
    #expect(fixture.ending?.words == "Input closed")
  }

  @Test("a break of the protocol is told in nghttp2's words, to the client and to the log")
  func protocolError() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.data(0, [1], ends: false))
    let last = try goAway(fixture.received())
    #expect(last.code == 1)
    #expect(!last.words.isEmpty)
    fixture.advance(2)
    #expect(fixture.ending?.reason == .protocolError)
    #expect(fixture.ending?.words == last.words)
  }

  @Test("a client that leaves by GOAWAY is answered to the last stream")
  func clientGoAway() throws {
    let fixture = try Fixture()
    try fixture.send(
      Frames.headers(1, Frames.request, ends: true)
        + Frames.frame(7, flags: 0, stream: 0, [UInt8](repeating: 0, count: 8)))
    #expect(fixture.channel.isActive)
    Fixture.answer(try #require(fixture.handlers[0].stream))
    fixture.channel.embeddedEventLoop.run()
    #expect(try fixture.received().map(\.type) == [1, 0, 1])
    fixture.advance(2)
    #expect(!fixture.channel.isActive)
    #expect(fixture.ending?.reason == .clientClosed)
  }

  @Test("output that stands still ends the connection")
  func outputStalled() throws {
    let fixture = try Fixture()
    fixture.onEnd = { Fixture.answer($0, 100_000) }
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    _ = try fixture.received()
    fixture.advance(61)
    try closes(fixture, .outputStalled)
  }

  @Test("bytes and streams are counted")
  func counters() throws {
    let fixture = try Fixture()
    let before = fixture.loop.counters
    #expect(before.connectionsOpen == 1)
    fixture.onEnd = { Fixture.answer($0) }
    let request = Frames.headers(1, Frames.request, ends: true)
    try fixture.send(request)
    let sent = try fixture.received().reduce(0) { $0 + 9 + $1.payload.count }
    #expect(fixture.loop.counters.bytesReceived - before.bytesReceived == request.count)
    #expect(fixture.loop.counters.bytesSent - before.bytesSent == sent)
    #expect(fixture.loop.counters.streamsOpened == 1)
  }
}
