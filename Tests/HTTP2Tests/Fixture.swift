@testable internal import HTTP2
internal import HTTP2Frames
internal import NIOCore
internal import NIOEmbedded
internal import Synchronization
internal import Testing

/// Notes what a stream is told, and answers as the test wants.
final class Recorder: StreamHandler {
  var events: [String] = []
  var stream: Stream?
  var onEnd: ((Stream) -> Void)?

  func streamOpened(_ stream: Stream) {
    self.stream = stream
    events.append("open \(stream.id)")
  }
  func receiveHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    events.append(String(decoding: name, as: UTF8.self))
  }
  func receiveHeadersEnd(fits: Bool) { events.append("headers \(fits)") }
  /// How much of the data is read at once; nil all of it.
  var readBytes: Int?

  func receiveData(_ bytes: UnsafeRawBufferPointer) -> ReceivedData {
    events.append("data \(bytes.count)")
    return ReceivedData(readBytes: readBytes ?? bytes.count)
  }
  func outputDrained() { events.append("drained") }
  func receiveEnd() {
    events.append("end")
    if let stream { onEnd?(stream) }
  }
  func deadlinePassed() { events.append("deadline") }
  func streamClosed() {
    events.append("closed")
    stream = nil
  }
}

/// A connection over an embedded channel, and the handlers that it made.
final class Fixture {
  let channel = EmbeddedChannel()
  let loop: LoopState
  private let ended: Endings
  private(set) var handlers: [Recorder] = []
  var onEnd: ((Stream) -> Void)?

  /// - Parameter shakesHands: whether the client's preface and SETTINGS have come, and ours gone.
  init(
    limits: Limits = Limits(), budget: MemoryBudget = MemoryBudget(bytes: 1 << 30),
    shakesHands: Bool = true
  ) throws {
    let ended = Endings()
    loop = LoopState(eventLoop: channel.eventLoop, limits: limits, budget: budget) { ended.add($0) }
    self.ended = ended
    // The embedded loop runs on the test's own thread.
    nonisolated(unsafe) let fixture = self
    loop.counters.opened()
    let connection = Connection(
      channel: channel, loop: loop, acceptTime: channel.eventLoop.now, ageJitter: 0
    ) { fixture.makeHandler() }
    try channel.pipeline.syncOperations.addHandler(connection)
    guard shakesHands else { return }
    try connect()
    try send(Frames.preface + Frames.settings() + Frames.settings(ack: true))
    _ = try received()
  }

  func connect() throws {
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func makeHandler() -> Recorder {
    let recorder = Recorder()
    recorder.onEnd = { [unowned self] in onEnd?($0) }
    handlers.append(recorder)
    return recorder
  }

  func send(_ bytes: [UInt8]) throws {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    channel.embeddedEventLoop.run()
  }

  func received() throws -> [Frames.Received] {
    var bytes: [UInt8] = []
    while var buffer = try channel.readOutbound(as: ByteBuffer.self) {
      bytes += buffer.readBytes(length: buffer.readableBytes) ?? []
    }
    return try #require(Frames.parse(bytes))
  }

  func advance(_ seconds: Int64) {
    channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
  }

  /// How the connection ended; nil while it has not.
  var ending: EndedConnection? { ended.list.first }

  /// How often it was told that it ended.
  var endings: Int { ended.list.count }

  deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

  static let okHeaders = HeaderBlock([":status": "200"])
  static let trailers = HeaderBlock(["grpc-status": "0"])

  static func answer(_ stream: Stream, _ size: Int = 3) {
    stream.send(headers: okHeaders)
    stream.write(size: size) { $0.initializeMemory(as: UInt8.self, repeating: 7) }
    stream.finish(trailers: trailers)
  }
}

/// The ends of connections, as they are told.
private final class Endings: Sendable {
  private let told = Mutex<[EndedConnection]>([])

  var list: [EndedConnection] { told.withLock { $0 } }
  func add(_ ended: EndedConnection) { told.withLock { $0.append(ended) } }
}
