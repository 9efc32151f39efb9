@testable internal import HTTP2
internal import HTTP2Frames
internal import NIOCore
internal import NIOEmbedded
internal import Testing

@Suite struct ConnectionTests {
  private func answer(_ stream: Stream, _ size: Int = 3) { Fixture.answer(stream, size) }

  @Test("a request's events come in order, and its answer is headers, body, trailers")
  func unary() throws {
    let fixture = try Fixture()
    fixture.onEnd = { answer($0) }
    try fixture.send(
      Frames.headers(1, Frames.request, ends: false) + Frames.data(1, [1, 2], ends: true))
    #expect(
      fixture.handlers[0].events == [
        "open 1", ":method", ":scheme", ":path", ":authority", "headers true", "data 2", "end",
        "closed",
      ])
    let frames = try fixture.received()
    #expect(frames.map(\.type) == [1, 0, 1])
    #expect(frames[1].payload == [7, 7, 7])
    #expect(frames[2].flags & Frames.endStream != 0)
  }

  @Test("a stream's object serves again once its stream is closed")
  func pooling() throws {
    let fixture = try Fixture()
    fixture.onEnd = { answer($0) }
    for id in stride(from: UInt32(1), through: 9, by: 2) {
      try fixture.send(Frames.headers(id, Frames.request, ends: true))
    }
    #expect(fixture.handlers.count == 1)
    #expect(fixture.handlers[0].events.filter { $0 == "closed" }.count == 5)
  }

  @Test("an answer before the request's end is followed by RST_STREAM(NO_ERROR)")
  func earlyAnswer() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: false))
    answer(try #require(fixture.handlers[0].stream))
    fixture.channel.embeddedEventLoop.run()
    let frames = try fixture.received()
    #expect(frames.map(\.type) == [1, 0, 1, 3])
    #expect(frames[3].payload == [0, 0, 0, 0])
    #expect(fixture.handlers[0].events.last == "closed")
  }

  @Test("a stream that the client resets is closed, and what is sent later goes nowhere")
  func reset() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    let stream = try #require(fixture.handlers[0].stream)
    try fixture.send(Frames.reset(1))
    #expect(fixture.handlers[0].events.last == "closed")
    answer(stream)
    fixture.channel.embeddedEventLoop.run()
    #expect(try fixture.received().isEmpty)
  }

  @Test("a body larger than the peer's window is sent as the window opens")
  func flowControl() throws {
    let fixture = try Fixture()
    fixture.onEnd = { answer($0, 100_000) }
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    let first = try fixture.received().filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count }
    #expect(first == 65_535)
    let increment: [UInt8] = [0, 1, 0, 0]
    try fixture.send(
      Frames.frame(8, flags: 0, stream: 0, increment)
        + Frames.frame(8, flags: 0, stream: 1, increment))
    let rest = try fixture.received()
    #expect(rest.filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count } == 100_000 - first)
    #expect(rest.last?.flags == Frames.endStream | Frames.endHeaders)
  }

  @Test(
    "a long message arrives as it was written, between short ones and beside another stream's",
    arguments: [1_024 * 1_024, 200])
  func longMessages(minBlockBytes: Int) throws {
    var limits = Limits()
    limits.minBlockBytes = minBlockBytes
    limits.partChunkBytes = 40_000
    let fixture = try Fixture(limits: limits)
    try fixture.send(
      Frames.frame(8, flags: 0, stream: 0, [0, 15, 0, 0])
        + Frames.frame(4, flags: 0, stream: 0, [0, 4, 0, 15, 0, 0]))
    let lengths = [5, 150_000, 7, 201, 3, 90_000]
    var written: [UInt32: [UInt8]] = [:]
    fixture.onEnd = { stream in
      stream.send(headers: Fixture.okHeaders)
      var all: [UInt8] = []
      for (index, length) in lengths.enumerated() {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 / 251 &+ $0 &+ index) }
        stream.write(size: length) { $0.copyBytes(from: bytes) }
        all += bytes
      }
      written[UInt32(stream.id)] = all
      stream.finish(trailers: Fixture.trailers)
    }
    try fixture.send(
      Frames.headers(1, Frames.request, ends: true) + Frames.headers(3, Frames.request, ends: true))
    let frames = try fixture.received()
    for stream in [1, 3] as [UInt32] {
      let body = frames.filter { $0.type == 0 && $0.stream == stream }.flatMap(\.payload)
      #expect(body == written[stream])
      #expect(frames.last { $0.stream == stream }?.type == 1)
    }
    let sent = frames.reduce(0) { $0 + 9 + $1.payload.count }
    #expect(fixture.loop.counters.bytesSent >= sent)
  }

  @Test("the last bytes of a long message go into the write that it fills")
  func endOfLongMessage() throws {
    var limits = Limits()
    limits.minBlockBytes = 200
    limits.partChunkBytes = 32_768
    let fixture = try Fixture(limits: limits)
    try fixture.send(
      Frames.frame(8, flags: 0, stream: 0, [0, 15, 0, 0])
        + Frames.frame(4, flags: 0, stream: 0, [0, 4, 0, 15, 0, 0]))
    let flushes = FlushCounter()
    try fixture.channel.pipeline.syncOperations.addHandler(flushes, position: .first)
    fixture.onEnd = { stream in
      stream.send(headers: Fixture.okHeaders)
      stream.write(size: 32_768 + 13) { $0.initializeMemory(as: UInt8.self, repeating: 7) }
    }
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    #expect(flushes.count == 1)
    let data = try fixture.received().filter { $0.type == 0 }
    #expect(data.map(\.payload.count) == [16_384, 16_384, 13])
  }

  @Test("headers over the limit are cut off, counted, and reported")
  func headerLimit() throws {
    var limits = Limits()
    limits.maxHeaderListBytes = 300
    let fixture = try Fixture(limits: limits)
    let fields = Frames.headers(
      1,
      [
        ":method": "POST", ":scheme": "http", ":path": "/a/b", ":authority": "localhost",
        "x-large": String(repeating: "x", count: 200), "x-after": "y",
      ], ends: true)
    try fixture.send(fields)
    #expect(fixture.handlers[0].events.contains("headers false"))
    #expect(!fixture.handlers[0].events.contains("x-large"))
  }

  @Test("a header bomb ends the connection")
  func headerBomb() throws {
    var limits = Limits()
    limits.maxHeaderFields = 10
    let fixture = try Fixture(limits: limits)
    // Indexed fields (RFC 7541 section 6.1): one byte each on the wire.
    let block = [UInt8](repeating: 0x80 | 16, count: 1_000)
    let request = Frames.headers(1, Frames.request, ends: true)
    let bomb = Frames.frame(
      1, flags: Frames.endHeaders | Frames.endStream, stream: 1, Array(request[9...]) + block)
    try fixture.send(bomb)
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!fixture.channel.isActive)
  }

  @Test("bytes that are not HTTP/2 end the connection")
  func garbage() throws {
    let fixture = try Fixture()
    try fixture.send([UInt8](repeating: 0xff, count: 64))
    let frames = try fixture.received()
    #expect(frames.last?.type == 7)
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!fixture.channel.isActive)
  }

  @Test("a drain says GOAWAY twice, serves what was accepted, then ends the connection")
  func drain() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: true))
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    fixture.channel.embeddedEventLoop.run()
    let notice = try fixture.received()
    #expect(notice.map(\.type) == [7, 6])
    #expect(notice[0].payload.prefix(4) == [0x7f, 0xff, 0xff, 0xff])
    try fixture.send(
      Frames.headers(3, Frames.request, ends: true) + Frames.pingAck(notice[1].payload))
    let final = try fixture.received()
    #expect(final.map(\.type) == [7])
    #expect(final[0].payload.prefix(4) == [0, 0, 0, 3])
    for handler in fixture.handlers { answer(try #require(handler.stream)) }
    fixture.channel.embeddedEventLoop.run()
    #expect(try fixture.received().map(\.type).sorted() == [0, 0, 1, 1, 1, 1])
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!fixture.channel.isActive)
  }

  @Test("a drain does not wait for a PING that nobody answers")
  func drainWithoutAnswer() throws {
    let fixture = try Fixture()
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(5))
    #expect(try fixture.received().filter { $0.type == 7 }.count == 2)
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!fixture.channel.isActive)
  }

  @Test("a client that never says anything is ended when its time is up")
  func handshakeTimeout() throws {
    let fixture = try Fixture(shakesHands: false)
    try fixture.connect()
    fixture.advance(9)
    #expect(fixture.channel.isActive)
    fixture.advance(3)
    #expect(!fixture.channel.isActive)
    #expect(fixture.ending?.reason == .handshakeTimeout)
  }

  @Test("a header block that is begun and not ended is not waited for")
  func headerTimeout() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: true, complete: false))
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(12))
    #expect(!fixture.channel.isActive)
  }

  @Test("trailers that nghttp2 rejects end their stream alone")
  func rejectedTrailers() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: false))
    try fixture.send(Frames.headers(3, Frames.request, ends: false))
    try fixture.send(Frames.headers(3, ["connection": "close"], ends: true))
    #expect(try fixture.received().contains { $0.type == 3 && $0.stream == 3 })
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(12))
    #expect(fixture.channel.isActive)
  }

  @Test("trailers that are begun and not ended are not waited for")
  func trailerTimeout() throws {
    let fixture = try Fixture()
    try fixture.send(Frames.headers(1, Frames.request, ends: false))
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(12))
    #expect(fixture.channel.isActive)
    try fixture.send(Frames.headers(1, ["x": "y"], ends: true, complete: false))
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(12))
    #expect(!fixture.channel.isActive)
  }

  @Test("a malformed request costs its stream, not its connection")
  func malformedRequest() throws {
    let fixture = try Fixture()
    let forbidden: KeyValuePairs<String, String> = [
      ":method": "POST", ":scheme": "http", ":path": "/a/b", ":authority": "localhost",
      "connection": "close",
    ]
    try fixture.send(Frames.headers(1, forbidden, ends: true))
    try fixture.send(Frames.headers(3, [":method": "POST", ":scheme": "http"], ends: true))
    #expect(try fixture.received().map(\.type) == [3, 3])
    fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(30))
    #expect(fixture.channel.isActive)
    fixture.onEnd = { answer($0) }
    try fixture.send(Frames.headers(5, Frames.request, ends: true))
    #expect(try fixture.received().map(\.type) == [1, 0, 1])
  }

  @Test("a stream that comes with the answer to a drain's PING is named by the last GOAWAY")
  func drainRace() throws {
    let fixture = try Fixture()
    fixture.onEnd = { answer($0) }
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    fixture.channel.embeddedEventLoop.run()
    let ping = try #require(try fixture.received().last)
    try fixture.send(
      Frames.pingAck(ping.payload) + Frames.headers(1, Frames.request, ends: true))
    let frames = try fixture.received()
    #expect(frames.map(\.type).sorted() == [0, 1, 1, 7])
    #expect(frames.first { $0.type == 7 }?.payload.prefix(4) == [0, 0, 0, 1])
  }

  @Test("a drain before the connection is active is noticed when it is")
  func drainBeforeStart() throws {
    let fixture = try Fixture(shakesHands: false)
    fixture.channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    try fixture.connect()
    fixture.channel.embeddedEventLoop.run()
    #expect(try fixture.received().map(\.type) == [4, 8, 7, 6])
  }

  @Test("request bytes are counted against the connection, then against what all share")
  func requestMemory() throws {
    var limits = Limits()
    limits.requestReservationBytes = 100_000
    limits.maxBufferedRequestBytesPerConnection = 250_000
    let budget = MemoryBudget(bytes: 250_000)
    let first = try Fixture(limits: limits, budget: budget)
    let second = try Fixture(limits: limits, budget: budget)
    for fixture in [first, second] {
      try fixture.send(Frames.headers(1, Frames.request, ends: false))
    }
    let stream = try #require(first.handlers[0].stream)
    let other = try #require(second.handlers[0].stream)
    #expect(stream.keepRequestBytes(100_000))
    #expect(stream.keepRequestBytes(100_000))
    #expect(other.keepRequestBytes(10_000))
    #expect(!other.keepRequestBytes(100_000))
    #expect(!stream.keepRequestBytes(100_000))
    try first.send(Frames.reset(1))
    #expect(other.keepRequestBytes(0))
  }

  @Test("a deadline fires once, and not for a stream that is closed")
  func deadline() throws {
    let fixture = try Fixture()
    fixture.onEnd = { $0.setDeadline(.uptimeNanoseconds(5_000_000_000)) }
    try fixture.send(
      Frames.headers(1, Frames.request, ends: true) + Frames.headers(3, Frames.request, ends: true))
    try fixture.send(Frames.reset(3))
    fixture.channel.embeddedEventLoop.advanceTime(to: .uptimeNanoseconds(20_000_000_000))
    #expect(fixture.handlers[0].events.filter { $0 == "deadline" }.count == 1)
    #expect(!fixture.handlers[1].events.contains("deadline"))
  }

  @Test("what begins many streams at once is served in turns, all of it and in order")
  func turns() throws {
    var limits = Limits()
    limits.maxStreamsPerTurn = 10
    let fixture = try Fixture(limits: limits)
    fixture.onEnd = { answer($0) }
    let ids = (0..<95).map { UInt32(2 * $0 + 1) }
    let requests = ids.flatMap { Frames.headers($0, Frames.request, ends: true) }
    try fixture.channel.writeInbound(ByteBuffer(bytes: requests))
    #expect(fixture.handlers.count == 11)
    fixture.channel.embeddedEventLoop.run()
    let frames = try fixture.received()
    #expect(frames.filter { $0.type == 0 }.map(\.stream) == ids)
    #expect(frames.filter { $0.flags & Frames.endStream != 0 }.map(\.stream) == ids)
    // It still reads.
    try fixture.send(Frames.headers(191, Frames.request, ends: true))
    #expect(try fixture.received().contains { $0.type == 0 && $0.stream == 191 })
  }

  @Test("streams are refused while too many handlers run, those of reset streams included")
  func runningHandlers() throws {
    var limits = Limits()
    limits.maxRunningHandlersPerConnection = 2
    let fixture = try Fixture(limits: limits)
    fixture.onEnd = { $0.handlerStarted() }
    for id in [UInt32(1), 3] {
      try fixture.send(Frames.headers(id, Frames.request, ends: true) + Frames.reset(id))
    }
    try fixture.send(Frames.headers(5, Frames.request, ends: true))
    let frames = try fixture.received()
    #expect(frames.last == Frames.Received(type: 3, flags: 0, stream: 5, payload: [0, 0, 0, 7]))
  }
}

/// Counts the writes that a socket would see.
private final class FlushCounter: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  private(set) var count = 0

  func flush(context: ChannelHandlerContext) {
    count += 1
    context.flush()
  }
}
