@testable internal import GRPC
@testable internal import HTTP2
internal import HTTP2Frames
internal import Synchronization
internal import Testing

/// What a handler notes for its test; both run on one thread.
private final class Notes: Sendable {
  private let kept = Mutex<[String]>([])
  private let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)

  var all: [String] { kept.withLock { $0 } }
  func add(_ note: String) { kept.withLock { $0.append(note) } }

  /// Waits until the test opens the gate.
  func wait() async {
    await withCheckedContinuation { continuation in gate.withLock { $0 = continuation } }
  }
  func open() {
    gate.withLock {
      $0?.resume()
      $0 = nil
    }
  }
}

@Suite struct StreamingCallTests {
  private static let path = "/test.Service/Method"

  private func method(
    _ kind: GRPC.Method.Kind,
    _ handler: @escaping @Sendable (StreamingCall) async throws -> Metadata
  ) -> GRPC.Method {
    .streaming(Self.path, kind, handler: handler)
  }

  private func echo() -> GRPC.Method {
    method(.bidirectionalStreaming) { call in
      for try await request in call.requests { try await call.responses.write(request.bytes) }
      return Metadata()
    }
  }

  @Test("messages go both ways one by one, and the half-close ends the sequence")
  func bothWays() throws {
    let fixture = try CallFixture([echo()])
    try fixture.begin()
    for text in ["a", "", "bc"] {
      try fixture.message(Array(text.utf8))
      #expect(try fixture.received().body == CallFixture.framed(Array(text.utf8)))
    }
    try fixture.halfClose()
    #expect(try fixture.received().hasTrailers)
    #expect(fixture.ends.codes == [.ok])
  }

  @Test("many messages of one frame all arrive, in order")
  func coalesced() throws {
    let fixture = try CallFixture([echo()])
    try fixture.begin()
    let framed = (0..<200).flatMap { CallFixture.framed([UInt8($0)]) }
    try fixture.send(Frames.data(1, framed, ends: true))
    #expect(try fixture.received().body == framed)
    #expect(fixture.ends.codes == [.ok])
  }

  @Test("a handler can wait without taking, and then take what is there without waiting")
  func batches() throws {
    let fixture = try CallFixture([
      method(.bidirectionalStreaming) { call in
        let requests = call.requests.makeAsyncIterator()
        while try await requests.isReady() {
          var count = 0
          while try await requests.nextIfReady() != nil { count += 1 }
          try await call.responses.write(Array("\(count)".utf8))
        }
        #expect(try await requests.nextIfReady() == nil)
        return Metadata()
      }
    ])
    try fixture.begin()
    for count in [1, 7, 200] {
      let framed = (0..<count).flatMap { _ in CallFixture.framed([1]) }
      try fixture.send(Frames.data(1, framed, ends: false))
      #expect(try fixture.received().body == CallFixture.framed(Array("\(count)".utf8)))
    }
    try fixture.halfClose()
    #expect(try fixture.received().hasTrailers)
    #expect(fixture.ends.codes == [.ok])
  }

  @Test("the window is given back only as the handler reads")
  func stoppedHandler() throws {
    let notes = Notes()
    let fixture = try CallFixture([
      method(.bidirectionalStreaming) { call in
        await notes.wait()
        for try await request in call.requests { notes.add("\(request.bytes.count)") }
        return Metadata()
      }
    ])
    try fixture.begin()
    let messages = 16
    for _ in 0..<messages {
      try fixture.message([UInt8](repeating: 1, count: 60_000))
    }
    #expect(try fixture.received().windowUpdates(1) == 0)
    notes.open()
    #expect(try fixture.received().windowUpdates(1) >= (messages - 9) * 60_005)
    #expect(notes.all == [String](repeating: "60000", count: messages))
  }

  @Test("a message that is larger than the window gets through to a handler that waits for it")
  func largeMessage() throws {
    let fixture = try CallFixture([
      method(.clientStreaming) { call in
        var sum = 0
        for try await request in call.requests { sum += request.bytes.count }
        try await call.responses.write(Array("\(sum)".utf8))
        return Metadata()
      }
    ])
    try fixture.begin()
    var given = 0
    let framed = CallFixture.framed([UInt8](repeating: 1, count: 3 << 20))
    for start in stride(from: 0, to: framed.count, by: 16_384) {
      try fixture.send(
        Frames.data(1, Array(framed[start..<min(start + 16_384, framed.count)]), ends: false))
      given += try fixture.received().windowUpdates(1)
      try #require(start - given < 1 << 20)
    }
    try fixture.halfClose()
    #expect(try fixture.received().body == CallFixture.framed(Array("\(3 << 20)".utf8)))
  }

  @Test("a client that does not read stops the producer, and its reading lets it go on")
  func slowReader() throws {
    let notes = Notes()
    let fixture = try CallFixture([
      method(.serverStreaming) { call in
        for index in 0..<100 {
          try await call.responses.write([UInt8](repeating: 2, count: 16_000))
          notes.add("\(index)")
        }
        return Metadata()
      }
    ])
    try fixture.begin()
    try fixture.message([], ends: true)
    let window = 65_535
    #expect(try fixture.received().body.count == window)
    // What the window let through, 64 KiB that wait, and the message that went over.
    #expect((window / 16_005...(window + 65_536) / 16_005 + 1).contains(notes.all.count))
    let before = notes.all.count
    try fixture.openWindows(160_000)
    #expect(try fixture.received().body.count == 160_000)
    #expect(notes.all.count >= before + 8)
    try fixture.openWindows(2_000_000)
    #expect(try fixture.received().hasTrailers)
    #expect(notes.all.count == 100)
  }

  @Test("what streams leave unread is bounded together, as for unary calls")
  func unreadStreams() throws {
    var limits = HTTP2.Limits()
    limits.maxBufferedResponseBytesPerConnection = 300_000
    let fixture = try CallFixture(
      [
        method(.bidirectionalStreaming) { call in
          try await call.responses.write([UInt8](repeating: 2, count: 200_000))
          return Metadata()
        }
      ], connectionLimits: limits)
    for stream: UInt32 in [1, 3, 5] { try fixture.begin(stream) }
    #expect(fixture.ends.codes == [.ok, .resourceExhausted, .resourceExhausted])
  }

  @Test("a backlog that a handler never quite catches up with arrives in order")
  func backlog() throws {
    let notes = Notes()
    let count = 2_000
    let fixture = try CallFixture([
      method(.bidirectionalStreaming) { call in
        await notes.wait()
        for try await request in call.requests {
          notes.add(String(decoding: request.bytes, as: UTF8.self))
          if notes.all.count == 500 { await notes.wait() }
        }
        return Metadata()
      }
    ])
    try fixture.begin()
    for index in 0..<count / 2 { try fixture.message(Array("\(index)".utf8)) }
    notes.open()
    _ = try fixture.received()
    #expect(notes.all.count == 500)
    for index in count / 2..<count { try fixture.message(Array("\(index)".utf8)) }
    notes.open()
    try fixture.halfClose()
    #expect(notes.all == (0..<count).map(String.init))
    #expect(fixture.ends.codes == [.ok])
  }

  @Test("a reset cancels a handler that waits, for a message or for the client to read")
  func reset() throws {
    let notes = Notes()
    let fixture = try CallFixture([
      method(.bidirectionalStreaming) { call in
        do {
          for try await request in call.requests {
            while request.bytes == [1] {
              try await call.responses.write([UInt8](repeating: 2, count: 16_000))
            }
          }
        } catch {
          notes.add("\(error) \(Task.isCancelled)")
          throw error
        }
        return Metadata()
      }
    ])
    try fixture.begin(1)
    try fixture.begin(3)
    try fixture.message([1], 3)
    #expect(notes.all.isEmpty)
    try fixture.send(Frames.reset(1) + Frames.reset(3))
    #expect(notes.all == [String](repeating: "CancellationError() true", count: 2))
    #expect(fixture.ends.codes == [.cancelled, .cancelled])
  }

  @Test("the handler may answer before the client has ended")
  func earlyEnd() throws {
    let fixture = try CallFixture([
      method(.bidirectionalStreaming) { _ in throw Status(.notFound, "nothing") }
    ])
    try fixture.begin()
    let frames = try fixture.received()
    #expect(frames.hasTrailers)
    #expect(frames.last?.type == 3 && frames.last?.payload == [0, 0, 0, 0])
    #expect(fixture.ends.codes == [.notFound])
  }

  @Test("errors that a handler does not name are INTERNAL, and so is a response too many or few")
  func handlerFaults() throws {
    struct Unforeseen: Error {}
    let faults: [(GRPC.Method.Kind, @Sendable (StreamingCall) async throws -> Metadata)] = [
      (.clientStreaming, { _ in Metadata() }),
      (
        .clientStreaming,
        { call in
          try await call.responses.write([1])
          try await call.responses.write([2])
          return Metadata()
        }
      ),
      (.bidirectionalStreaming, { _ in throw Unforeseen() }),
    ]
    for (kind, handler) in faults {
      let fixture = try CallFixture([method(kind, handler)])
      try fixture.begin()
      try fixture.halfClose()
      #expect(fixture.ends.codes == [.internal])
    }
  }

  @Test("a server stream takes exactly one request")
  func oneRequest() throws {
    for count in [0, 2] {
      let fixture = try CallFixture([method(.serverStreaming) { _ in Metadata() }])
      try fixture.begin()
      for _ in 0..<count { try fixture.message([1]) }
      try fixture.halfClose()
      #expect(fixture.ends.codes == [.unimplemented])
    }
  }

  @Test("a stream that ends within a message is INTERNAL, and cancels the handler")
  func truncated() throws {
    let notes = Notes()
    let fixture = try CallFixture([
      method(.bidirectionalStreaming) { call in
        do { for try await _ in call.requests {} } catch { notes.add("\(error)") }
        return Metadata()
      }
    ])
    try fixture.begin()
    try fixture.send(Frames.data(1, [0, 0, 0, 0, 9, 1], ends: true))
    #expect(fixture.ends.codes == [.internal])
    #expect(notes.all == ["CancellationError()"])
  }

  @Test("compressed requests are inflated, and answered in kind when that is smaller")
  func compression() throws {
    let fixture = try CallFixture([echo()])
    try fixture.begin(encoding: "gzip")
    let zeros = [UInt8](repeating: 0, count: 5_000)
    let deflated = try #require(zeros.withUnsafeBytes { Gzip.deflated($0) })
    try fixture.message(deflated, flag: 1)
    #expect(try fixture.received().body == CallFixture.framed(deflated, flag: 1))
    try fixture.message([1, 2, 3])
    #expect(try fixture.received().body == CallFixture.framed([1, 2, 3]))
  }

  @Test("what inflates beyond the limit, or not at all, ends the call")
  func badCompression() throws {
    var limits = CallLimits()
    limits.maxReceiveMessageBytes = 4_000
    let bomb = try #require([UInt8](repeating: 0, count: 5_000).withUnsafeBytes(Gzip.deflated))
    for (message, code) in [(bomb, Status.Code.resourceExhausted), ([1, 2, 3], .internal)] {
      let fixture = try CallFixture([echo()], limits: limits)
      try fixture.begin(encoding: "gzip")
      try fixture.message(message, flag: 1)
      #expect(fixture.ends.codes == [code])
    }
  }
}
