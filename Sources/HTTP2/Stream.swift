package import NIOCore

/// What a stream's events are for: a call. Made once per pooled stream and used again for each
/// new stream in its place, so it starts afresh at ``streamOpened(_:)``. All on the event loop.
package protocol StreamHandler: AnyObject {
  func streamOpened(_ stream: Stream)
  /// A field of the request's header section, pseudo-fields included, valid only within.
  func receiveHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
  /// The header section is complete. `fits` is false when it broke the limits; its fields
  /// were cut off then.
  func receiveHeadersEnd(fits: Bool)
  /// Takes what came of the request's body.
  func receiveData(_ bytes: UnsafeRawBufferPointer) -> ReceivedData
  /// The client has half-closed; nothing more comes.
  func receiveEnd()
  /// The client has taken so much of what waited that there is room to write; comes once for
  /// each ``Stream/roomWanted()``.
  func outputDrained()
  /// The deadline set by ``Stream/setDeadline(_:)`` has passed.
  func deadlinePassed()
  /// The stream is gone, whoever closed it: nothing can be sent any more.
  func streamClosed()
}

/// What became of the body bytes that a handler was given.
package struct ReceivedData {
  /// How many of them the client may send anew at once. The rest are given back by
  /// ``Stream/requestRead(_:)`` and ``Stream/requestWanted()``.
  package var readBytes: Int
  /// Whether they brought the end of a message, so that even few of them are no waste.
  package var completesMessage: Bool

  package init(readBytes: Int, completesMessage: Bool = false) {
    self.readBytes = readBytes
    self.completesMessage = completesMessage
  }
}

/// The server's end of one HTTP/2 stream. Confined to its connection's event loop, and pooled
/// there: `generation` tells one use from the next.
///
///     idle ──HEADERS──> open ──END_STREAM──> half-closed (remote) ──trailers──> closed
///                        └──────trailers──> half-closed (local) ──RST(NO_ERROR)──> closed
package final class Stream {
  /// What has gone to nghttp2 of the response.
  private enum Response {
    case none
    case headers
    case finished
  }

  package private(set) var id: Int32 = 0
  package private(set) var generation: UInt64 = 0
  package private(set) var isOpen = false
  /// Whether the client has half-closed.
  private(set) var requestEnded = false
  /// Whether trailers went to nghttp2, so that they are sent once its output is drained.
  private(set) var trailersSubmitted = false
  var headerBytes = 0
  var headerFields = 0
  /// Request bytes that are held in memory.
  var bufferedBytes = 0
  /// Request bytes that the window waits for.
  var unreadBytes = 0

  // Unsafe: it is used only while the stream is open, or attached, which ends before the
  // connection does; a checked reference costs an atomic pair at each use.
  private unowned(unsafe) let connection: Connection
  /// False once the connection is gone, which a handler may outlive.
  private var isAttached = true
  package let eventLoop: any EventLoop
  package let handler: any StreamHandler
  private var response = Response.none
  private var output = OutputBuffer()
  private var outputDeferred = false
  private var roomIsWanted = false
  private var responseHeaders: HeaderBlock?
  private var trailers: HeaderBlock?
  private var deadline: NIODeadline?
  private var deadlineTimer: Scheduled<Void>?

  init(connection: Connection, handler: any StreamHandler) {
    self.connection = connection
    self.eventLoop = connection.eventLoop
    self.handler = handler
  }

  package var peer: Connection.Peer { connection.peer }
  /// When the bytes that are being handled were read; saves a clock call per stream.
  package var readTime: NIODeadline { connection.readTime }
  /// Header list bytes that the peer accepts, SETTINGS_MAX_HEADER_LIST_SIZE.
  package var peerMaxHeaderListBytes: Int { connection.peerMaxHeaderListBytes }

  /// Sends the response's header section; the body follows, and ``finish(trailers:)``.
  package func send(headers: HeaderBlock) {
    guard isOpen, case .none = response else { return }
    response = .headers
    responseHeaders = headers
    connection.submitResponse(self, headers)
  }

  /// Sends a response that is a header section alone.
  package func sendOnly(headers: HeaderBlock) {
    guard isOpen, case .none = response else { return }
    response = .finished
    responseHeaders = headers
    trailersSubmitted = true
    connection.submitHeadersOnly(self, headers)
    if !requestEnded { connection.resetAfterOutput(self) }
  }

  /// Appends `size` bytes of body, which `fill` writes.
  package func write(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    guard isOpen, case .headers = response else { return }
    if size < connection.minBlockBytes {
      output.append(size: size, fill)
    } else {
      output.appendBlock(size: size, spare: &connection.spareBlock, fill)
    }
    connection.outputAdded(size)
    resumeOutput()
  }

  /// Ends the response once its body is sent.
  package func finish(trailers: HeaderBlock) {
    guard isOpen, case .headers = response else { return }
    response = .finished
    self.trailers = trailers
    resumeOutput()
    if !requestEnded { connection.resetAfterOutput(self) }
  }

  /// Resets the stream when the client's window holds back what is to be sent.
  package func resetIfStuck() {
    guard isOpen, !output.isEmpty, connection.isWindowClosed(self) else { return }
    connection.reset(self, .cancel)
  }

  /// Calls the handler's `deadlinePassed` at `time`, unless the stream is closed by then. The
  /// timer is armed only when the stream outlives the read that it came with.
  package func setDeadline(_ time: NIODeadline) {
    deadline = time
    connection.armLater(self)
  }

  /// Tells that `count` bytes of the request are kept; false when the connection keeps too
  /// many already.
  package func keepRequestBytes(_ count: Int) -> Bool {
    bufferedBytes += count
    return connection.keepRequestBytes(count)
  }

  /// The handler has read `count` bytes of the request: the client may send as many anew. `held`
  /// bytes of memory, told by ``keepRequestBytes(_:)``, are free again.
  package func requestRead(_ count: Int, held: Int) {
    guard isOpen else { return }
    let released = min(held, bufferedBytes)
    bufferedBytes -= released
    connection.releaseRequestBytes(released)
    connection.giveBack(self, min(count, unreadBytes))
  }

  /// The handler waits for more than has come: the client may send as much again.
  package func requestWanted() {
    guard isOpen else { return }
    connection.giveBack(self, unreadBytes)
  }

  /// Whether a response message may be written now, or should wait until the client has taken
  /// some of what was written before. A stream whose output has all been taken has room always,
  /// so that slow streams of a connection cannot stop the others.
  package var hasRoomToWrite: Bool {
    output.isEmpty || connection.hasRoomToWrite && output.count < connection.maxStreamOutputBytes
  }

  /// Asks for ``StreamHandler/outputDrained()``.
  package func roomWanted() { roomIsWanted = true }

  /// Whether the client has taken enough of earlier responses for this call to be served.
  package var hasRoomForResponse: Bool { connection.hasRoomForResponse }
  /// Whether a response of `count` bytes may be kept until the client takes it.
  package func hasRoom(forResponseOf count: Int) -> Bool {
    connection.hasRoom(forResponseOf: count)
  }

  /// Marks that a handler goes on after the read that it came with, or has ended.
  package func handlerStarted() { connection.runningHandlers += 1 }
  package func handlerEnded() { if isAttached { connection.runningHandlers -= 1 } }

  /// Counts that this stream's call ran into a limit.
  package func count(_ hit: LimitHit) { if isOpen { connection.loop.counters.hit(hit) } }

  private func resumeOutput() {
    if outputDeferred {
      outputDeferred = false
      connection.resumeOutput(self)
    }
    connection.needsFlush()
  }
}

// The connection's side.
extension Stream {
  func open(id: Int32) {
    self.id = id
    generation &+= 1
    isOpen = true
    requestEnded = false
    trailersSubmitted = false
    headerBytes = 0
    headerFields = 0
    bufferedBytes = 0
    unreadBytes = 0
    response = .none
    outputDeferred = false
    roomIsWanted = false
    handler.streamOpened(self)
  }

  func endRequest() {
    requestEnded = true
    handler.receiveEnd()
  }

  func detach() { isAttached = false }
  func markRequestEnded() { requestEnded = true }

  func close(keepingOutputBytes pooledBytes: Int) {
    guard isOpen else { return }
    isOpen = false
    deadline = nil
    deadlineTimer?.cancel()
    deadlineTimer = nil
    handler.streamClosed()
    connection.outputDropped(output.count)
    output.reset(keeping: pooledBytes)
    responseHeaders = nil
    trailers = nil
  }

  /// How much of the output no frame has taken yet.
  var untakenBytes: Int { output.count }

  func armDeadline() {
    guard isOpen, deadlineTimer == nil, let deadline else { return }
    if case .finished = response { return }
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let generation = generation
    deadlineTimer = eventLoop.scheduleTask(deadline: deadline) {
      let stream = bound.value
      guard stream.isOpen, stream.generation == generation else { return }
      stream.handler.deadlinePassed()
    }
  }

  /// What goes into the next DATA frame.
  enum NextData {
    case some(Int)
    /// The last bytes; trailers follow.
    case last(Int, trailers: HeaderBlock)
    /// Nothing yet; ``Connection/resumeOutput(_:)`` will tell.
    case deferred
  }

  /// How many bytes there are for a frame of at most `limit`; ``takeData(_:into:)`` takes them.
  func nextData(upTo limit: Int) -> NextData {
    let count = min(limit, output.count)
    if count == output.count, let trailers {
      trailersSubmitted = true
      return .last(count, trailers: trailers)
    }
    if count == 0 {
      outputDeferred = true
      return .deferred
    }
    return .some(count)
  }

  /// Moves `count` bytes, as ``nextData(upTo:)`` told, into `buffer`, or returns them as a buffer
  /// that shares memory with this one's.
  func takeData(_ count: Int, into buffer: inout ByteBuffer) -> ByteBuffer? {
    let shared = output.takeShared(count)
    if shared == nil {
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) {
        output.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
      }
    }
    connection.outputTaken(count)
    if roomIsWanted, output.isEmpty || output.count <= connection.streamOutputLowBytes {
      roomIsWanted = false
      handler.outputDrained()
    }
    return shared
  }
}
