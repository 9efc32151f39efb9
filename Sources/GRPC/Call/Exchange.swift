internal import HTTP2
internal import NIOCore

/// The messages of one streaming call on their way between its stream and its handler.
///
/// Unchecked: everything in it is touched on the call's event loop only. A handler that asks from
/// elsewhere, which leaves the task's preferred executor, is brought over first.
final class Exchange: @unchecked Sendable {
  private struct Received {
    let bytes: [UInt8]
    let isCompressed: Bool
    /// On the wire, prefix included.
    var wireBytes: Int { bytes.count + 5 }
    /// What a message takes beside its bytes: its array's head, rounding, its place here.
    static let overheadBytes = 64
  }

  private static let minTakenToDrop = 64

  private let call: Call
  private let stream: Stream
  private let generation: UInt64
  private let executor: LoopExecutor

  private var received: [Received] = []
  /// Those of `received` before it were taken.
  private var firstReceived = 0
  private var requestsEnded = false
  /// The handler is to wait for no more of them.
  private var isStopped = false
  /// The call is over: nothing comes and nothing goes any more.
  private var isOver = false
  private var waitingReader: UnsafeContinuation<Void, Never>?
  private var waitingWriters: [UnsafeContinuation<Void, Never>] = []

  init(call: Call, stream: Stream, executor: LoopExecutor) {
    self.call = call
    self.stream = stream
    self.generation = stream.generation
    self.executor = executor
  }

  /// Whether the stream is still the one of this call.
  func isOf(_ stream: Stream) -> Bool {
    self.stream === stream && stream.generation == generation
  }

  // MARK: The call's side

  /// Whether the handler waits for a message, so that the client may send what makes it whole.
  var isReaderWaiting: Bool { waitingReader != nil }

  func deliver(_ message: [UInt8], isCompressed: Bool) {
    guard stream.keepRequestBytes(Received.overheadBytes) else { return call.raiseUnfinished() }
    received.append(Received(bytes: message, isCompressed: isCompressed))
    wakeReader()
  }

  func endRequests() {
    requestsEnded = true
    wakeReader()
  }

  /// The client has taken some of what waited.
  func outputDrained() { wakeWriters() }

  func callEnded() {
    isOver = true
    received = []
    firstReceived = 0
    // The other calls of the connection are not to wait for what nobody will read.
    stream.requestRead(.max, held: .max)
    wakeReader()
    wakeWriters()
  }

  func handlerReturned(_ result: Result<Metadata, any Error>) {
    onLoop { [self] in
      stream.handlerEnded()
      if !isOver { call.handlerReturned(result) }
    }
  }

  private func wakeReader() {
    waitingReader?.resume()
    waitingReader = nil
  }

  private func wakeWriters() {
    let waiting = waitingWriters
    waitingWriters.removeAll(keepingCapacity: true)
    for writer in waiting { writer.resume() }
  }

  private func onLoop(_ body: @escaping @Sendable () -> Void) {
    if stream.eventLoop.inEventLoop { body() } else { stream.eventLoop.execute(body) }
  }

  /// Runs `body` in a task that is on the loop.
  private func hop<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(CancellationError) -> Value
  ) async throws(CancellationError) -> Value {
    let task = Task(executorPreference: executor) { () async -> Value? in try? await body() }
    let value = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    guard let value else { throw CancellationError() }
    return value
  }

  // MARK: The handler's side: requests

  func nextRequest() async throws(CancellationError) -> RequestMessage? {
    guard stream.eventLoop.inEventLoop else {
      return try await hop { () async throws(CancellationError) in try await self.nextRequest() }
    }
    guard try await requestIsReady(), let message = takeReceived() else { return nil }
    return try await inflated(message)
  }

  /// Waits until a message is there, and leaves it; false once there are none any more.
  func requestIsReady() async throws(CancellationError) -> Bool {
    guard stream.eventLoop.inEventLoop else {
      return try await hop { () async throws(CancellationError) in
        try await self.requestIsReady()
      }
    }
    while true {
      if isOver { throw CancellationError() }
      if firstReceived < received.count { return true }
      if requestsEnded || isStopped { return false }
      if Task.isCancelled { throw CancellationError() }
      await waitForRequest()
    }
  }

  /// From anywhere: see ``RequestMessages/stop()``.
  func stopRequests() {
    onLoop { [self] in
      isStopped = true
      wakeReader()
    }
  }

  func wasStopped() async throws(CancellationError) -> Bool {
    guard stream.eventLoop.inEventLoop else {
      return try await hop { () async throws(CancellationError) in try await self.wasStopped() }
    }
    if isOver { throw CancellationError() }
    return isStopped && !requestsEnded
  }

  /// The next message if it is there; waits for nothing but its inflation.
  func nextRequestIfReady() async throws(CancellationError) -> RequestMessage? {
    guard stream.eventLoop.inEventLoop else {
      return try await hop { () async throws(CancellationError) in
        try await self.nextRequestIfReady()
      }
    }
    if isOver { throw CancellationError() }
    guard let message = takeReceived() else { return nil }
    return try await inflated(message)
  }

  private func takeReceived() -> Received? {
    guard firstReceived < received.count else { return nil }
    let message = received[firstReceived]
    received[firstReceived] = Received(bytes: [], isCompressed: false)
    firstReceived += 1
    if firstReceived == received.count {
      received.removeAll(keepingCapacity: true)
      firstReceived = 0
    } else if firstReceived >= Self.minTakenToDrop, firstReceived * 2 >= received.count {
      // A handler that never quite catches up must not keep the places of all it has read.
      received.removeFirst(firstReceived)
      firstReceived = 0
    }
    stream.requestRead(message.wireBytes, held: message.wireBytes + Received.overheadBytes)
    return message
  }

  private func inflated(_ message: Received) async throws(CancellationError) -> RequestMessage {
    guard message.isCompressed else {
      return RequestMessage(bytes: message.bytes, wasCompressed: false)
    }
    let bytes = await withUnsafeContinuation { continuation in
      call.inflate(message.bytes) { continuation.resume(returning: $0) }
    }
    guard let bytes, !isOver else { throw CancellationError() }
    return RequestMessage(bytes: bytes, wasCompressed: true)
  }

  private func waitForRequest() async {
    precondition(waitingReader == nil, "the messages of a call are read by two tasks at once")
    stream.requestWanted()
    await withTaskCancellationHandler {
      await withUnsafeContinuation { waitingReader = $0 }
    } onCancel: {
      stream.eventLoop.execute { [self] in wakeReader() }
    }
  }

  // MARK: The handler's side: responses

  func sendHeaders(_ metadata: Metadata) async throws(CancellationError) {
    guard stream.eventLoop.inEventLoop else {
      return try await hop { () async throws(CancellationError) in
        try await self.sendHeaders(metadata)
      }
    }
    if isOver { throw CancellationError() }
    call.sendHeaders(metadata)
  }

  func write(
    size: Int, compress: Bool?, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) async throws(CancellationError) {
    guard stream.eventLoop.inEventLoop else {
      let message = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        fill(UnsafeMutableRawBufferPointer(buffer))
        count = size
      }
      return try await hop { () async throws(CancellationError) in
        try await self.write(size: size, compress: compress) { $0.copyBytes(from: message) }
      }
    }
    while !isOver, !stream.hasRoomToWrite {
      if Task.isCancelled { throw CancellationError() }
      await waitForRoom()
    }
    if isOver { throw CancellationError() }
    guard stream.hasRoom(forResponseOf: 5 + size) else {
      call.raiseUnread()
      throw CancellationError()
    }
    call.sendMessage(size: size, compress: compress, fill)
    if isOver { throw CancellationError() }
  }

  private func waitForRoom() async {
    stream.roomWanted()
    await withTaskCancellationHandler {
      await withUnsafeContinuation { waitingWriters.append($0) }
    } onCancel: {
      stream.eventLoop.execute { [self] in wakeWriters() }
    }
  }
}
