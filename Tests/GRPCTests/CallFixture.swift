@testable internal import GRPC
@testable internal import HTTP2
internal import HTTP2Frames
internal import NIOCore
internal import NIOEmbedded
internal import Testing

/// Calls over an embedded channel: frames in, frames out, all on the test's own thread.
final class CallFixture {
  let channel = EmbeddedChannel()
  let ends = Ends()

  /// Notes how calls ended.
  final class Ends: LoopInterceptor {
    var codes: [Status.Code] = []
    func callStarted(_ call: any StartedCall) -> Status? { nil }
    func callEnded(_ call: EndedCall) { codes.append(call.code) }
    func finish() {}
  }

  init(
    _ methods: [GRPC.Method], limits: CallLimits = CallLimits(),
    connectionLimits: HTTP2.Limits = HTTP2.Limits()
  ) throws {
    let calls = GRPC.LoopState(
      router: Router(methods: methods) { _, _ in [] }, limits: limits,
      eventLoop: channel.eventLoop, interceptors: [ends])
    // The embedded loop runs on the test's own thread.
    nonisolated(unsafe) let state = calls
    let loop = HTTP2.LoopState(
      eventLoop: channel.eventLoop, limits: connectionLimits, budget: MemoryBudget(bytes: 1 << 30)
    ) { _ in }
    let connection = Connection(
      channel: channel, loop: loop, acceptTime: channel.eventLoop.now, ageJitter: 0
    ) { Call(state) }
    try channel.pipeline.syncOperations.addHandler(connection)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    try send(Frames.preface + Frames.settings() + Frames.settings(ack: true))
    _ = try received()
  }

  deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

  func send(_ bytes: [UInt8]) throws {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    channel.embeddedEventLoop.run()
  }

  /// Begins a call of `/test.Service/Method`.
  func begin(_ stream: UInt32 = 1, encoding: String? = nil) throws {
    let fields: KeyValuePairs<String, String> = [
      ":method": "POST", ":scheme": "http", ":path": "/test.Service/Method",
      ":authority": "localhost", "content-type": "application/grpc",
      "grpc-encoding": encoding ?? "identity", "grpc-accept-encoding": "identity,gzip",
    ]
    try send(Frames.headers(stream, fields, ends: false))
  }

  /// Sends a message in frames of at most 16 KiB.
  func message(
    _ bytes: [UInt8], _ stream: UInt32 = 1, flag: UInt8 = 0, ends: Bool = false
  ) throws {
    let framed = Self.framed(bytes, flag: flag)
    let pieces = stride(from: 0, to: framed.count, by: 16_384).map {
      Array(framed[$0..<min($0 + 16_384, framed.count)])
    }
    for (index, piece) in pieces.enumerated() {
      try send(Frames.data(stream, piece, ends: ends && index == pieces.count - 1))
    }
  }

  func halfClose(_ stream: UInt32 = 1) throws {
    try send(Frames.data(stream, [], ends: true))
  }

  func received() throws -> [Frames.Received] {
    channel.embeddedEventLoop.run()
    var bytes: [UInt8] = []
    while var buffer = try channel.readOutbound(as: ByteBuffer.self) {
      bytes += buffer.readBytes(length: buffer.readableBytes) ?? []
    }
    return try #require(Frames.parse(bytes))
  }

  /// Lets the client take `count` bytes more, of the stream and of the connection.
  func openWindows(_ count: UInt32, _ stream: UInt32 = 1) throws {
    let payload = withUnsafeBytes(of: count.bigEndian) { Array($0) }
    try send(
      Frames.frame(8, flags: 0, stream: 0, payload)
        + Frames.frame(8, flags: 0, stream: stream, payload))
  }

  static func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }
}

extension [Frames.Received] {
  /// The bytes of all DATA frames.
  var body: [UInt8] { filter { $0.type == 0 }.flatMap(\.payload) }

  /// How much of a stream's window was given back.
  func windowUpdates(_ stream: UInt32) -> Int {
    filter { $0.type == 8 && $0.stream == stream }
      .reduce(0) { $0 + $1.payload.reduce(0) { $0 << 8 | Int($1) } }
  }

  /// Whether a HEADERS frame ended the stream.
  var hasTrailers: Bool { contains { $0.type == 1 && $0.flags & 1 != 0 } }
}
