package import NIOCore

/// One HTTP/2 connection: bytes in through nghttp2, events to the streams' handlers, and one
/// coalesced write per read cycle. A channel handler, confined to its event loop.
package final class Connection: ChannelDuplexHandler {
  package typealias InboundIn = ByteBuffer
  package typealias InboundOut = Never
  package typealias OutboundIn = Never
  package typealias OutboundOut = ByteBuffer

  /// Who is at the other end.
  package struct Peer: Sendable {
    /// As the log names it.
    package let address: String
    /// What was made of its certificate; nil without one, or when it is nobody's.
    package let identity: ServerTLS.Identity?
  }

  /// Fired into a connection's pipeline to begin its drain.
  struct DrainEvent: Sendable {}

  package private(set) var readTime = NIODeadline.now()
  package let peer: Peer
  package let eventLoop: any EventLoop
  var runningHandlers = 0

  private let limits: Limits
  private let budget: MemoryBudget
  private let makeHandler: @Sendable () -> any StreamHandler
  private let acceptTime: NIODeadline?
  private var session: NGHTTP2Session?
  private var context: ChannelHandlerContext?
  private let timers: ConnectionTimers
  private var drain = Drain.none

  private var streams: [Stream] = []
  private var freeStreams: [Stream] = []
  /// Where the fields of a request go; nil within trailers, which nobody reads.
  private var headerStream: Stream?
  private var headerBlockIsOpen = false
  private var trailerBytes = 0
  private var deadlinesToArm: [Stream] = []
  private var earlyFinished: [(Stream, generation: UInt64)] = []
  private var bufferedBytes = 0
  /// Request bytes that handlers have not read, and those among them that the connection's
  /// window waits for.
  private var unreadBytes = 0
  private var withheldBytes = 0
  /// What this connection has taken of the budget that all share.
  private var reservedBytes = 0
  private var waitingOutputBytes = 0
  private var outputHasMoved = false

  private var output: ByteBuffer
  /// Parts of long messages, which go out from where they are, each behind the first `offset`
  /// bytes of `output`.
  private var parts: [(offset: Int, bytes: ByteBuffer)] = []
  private var partBytes = 0
  private var isReading = false
  private var flushScheduled = false
  private var readSuppressed = false
  private var isClosing = false

  private enum Drain {
    case none
    /// The GOAWAY that still lets every stream in was sent, or will be once there is a session.
    case noticed
    /// The client has seen it, or had its time.
    case confirmed
    /// The GOAWAY that names the last stream was sent.
    case final
  }

  /// - Parameter acceptTime: when the time for the handshake began, TLS's included; nil is when
  ///   the channel becomes active.
  init(
    channel: any Channel, limits: Limits, budget: MemoryBudget,
    identity: ServerTLS.Identity? = nil, acceptTime: NIODeadline? = nil,
    makeHandler: @escaping @Sendable () -> any StreamHandler
  ) {
    self.eventLoop = channel.eventLoop
    self.limits = limits
    self.budget = budget
    self.makeHandler = makeHandler
    self.acceptTime = acceptTime ?? channel.eventLoop.now
    self.peer = Peer(address: Peer.address(of: channel), identity: identity)
    self.timers = ConnectionTimers(eventLoop: channel.eventLoop, limits: limits)
    self.output = ByteBuffer()
  }
}

extension Connection.Peer {
  static func address(of channel: any Channel) -> String {
    switch channel.remoteAddress {
    case .v4(let v4)?:
      let address = SocketAddress.v4(v4)
      return "\(v4.host.isEmpty ? address.ipAddress ?? "" : v4.host):\(address.port ?? 0)"
    case .v6(let v6)?:
      let address = SocketAddress.v6(v6)
      return "[\(address.ipAddress ?? "")]:\(address.port ?? 0)"
    case .unixDomainSocket?: return "unix"
    case nil: return "unknown"
    }
  }
}

// MARK: The channel's events

extension Connection {
  package func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start() }
  }

  package func channelActive(context: ChannelHandlerContext) {
    start()
  }

  private func start() {
    guard session == nil, !isClosing else { return }
    do throws(NGHTTP2Session.Failure) {
      session = try NGHTTP2Session(connection: self, limits: limits)
    } catch {
      return abort()
    }
    timers.start(.handshake, since: acceptTime) { [self] in terminate(.settingsTimeout) }
    if case .noticed = drain { sendDrainNotice() } else { flush() }
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    let buffer = unwrapInboundIn(data)
    isReading = true
    readTime = .now()
    var failure: NGHTTP2Session.Failure?
    buffer.withUnsafeReadableBytes { bytes in
      do throws(NGHTTP2Session.Failure) { try session?.receive(bytes) } catch { failure = error }
    }
    if failure != nil {
      isReading = false
      flush()
      finishClosing()
    }
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    if !deadlinesToArm.isEmpty {
      for stream in deadlinesToArm { stream.armDeadline() }
      deadlinesToArm.removeAll(keepingCapacity: true)
    }
    flush()
    watchHeaderBlock()
  }

  /// A header block that this read left open must end in time.
  private func watchHeaderBlock() {
    if !headerBlockIsOpen {
      timers.stop(.header)
    } else if !timers.isRunning(.header) {
      timers.start(.header) { [self] in terminate(.enhanceYourCalm) }
    }
  }

  /// Output that waits for the peer stops its input.
  package func read(context: ChannelHandlerContext) {
    if context.channel.isWritable { context.read() } else { readSuppressed = true }
  }

  package func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      outputHasMoved = true
      flush()
      if readSuppressed, context.channel.isWritable {
        readSuppressed = false
        context.read()
      }
    } else {
      watchOutput(context)
    }
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is DrainEvent { beginDrain() } else { context.fireUserInboundEventTriggered(event) }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    abort()
  }

  package func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }
}

// MARK: Output

extension Connection {
  /// There is something to send: at the end of this read, or of this turn of the loop.
  func needsFlush() {
    guard !isReading, !flushScheduled, !isClosing else { return }
    flushScheduled = true
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.execute {
      bound.value.flushScheduled = false
      bound.value.flush()
    }
  }

  private func flush() {
    guard !isClosing, let context else { return }
    if context.channel.isWritable { submitLastGoAway() }
    do throws(NGHTTP2Session.Failure) {
      while context.channel.isWritable, try gather() {
        write(context)
      }
      if context.channel.isWritable, let isAlive = session?.isAlive, !isAlive { finishClosing() }
    } catch {
      abort()
    }
    watchOutput(context)
  }

  /// Output that waits for the peer must go on in time.
  private func watchOutput(_ context: ChannelHandlerContext) {
    guard waitingOutputBytes > 0 || !context.channel.isWritable, !isClosing else {
      return timers.stop(.outputStall)
    }
    guard !timers.isRunning(.outputStall) else { return }
    outputHasMoved = false
    let unsent = unsentBytes(context)
    timers.start(.outputStall) { [self] in
      if outputHasMoved || unsentBytes(context) < unsent {
        watchOutput(context)
      } else if context.channel.isWritable {
        terminate(.enhanceYourCalm)
      } else {
        abort()
      }
    }
  }

  /// What the channel still has to write to its socket.
  private func unsentBytes(_ context: ChannelHandlerContext) -> Int {
    (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  /// Fills `output` and `parts` with what is to be sent, up to about a chunk; false when there is
  /// nothing.
  private func gather() throws(NGHTTP2Session.Failure) -> Bool {
    guard session != nil else { return false }
    output.clear()
    repeat {
      while hasRoomInChunk, let bytes = try session?.nextOutput() {
        output.writeBytes(bytes)
      }
    } while hasRoomInChunk && resetEarlyFinished()
    return output.readableBytes > 0
  }

  private var hasRoomInChunk: Bool {
    output.readableBytes < limits.writeChunkBytes && partBytes < limits.blockChunkBytes
  }

  /// Sends what was gathered: one write to the socket.
  private func write(_ context: ChannelHandlerContext) {
    guard !parts.isEmpty else {
      return context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }
    for (offset, bytes) in parts {
      if let before = output.readSlice(length: offset - output.readerIndex) {
        context.write(wrapOutboundOut(before), promise: nil)
      }
      context.write(wrapOutboundOut(bytes), promise: nil)
    }
    parts.removeAll(keepingCapacity: true)
    partBytes = 0
    if output.readableBytes > 0 { context.write(wrapOutboundOut(output), promise: nil) }
    context.flush()
  }

  /// Adds a DATA frame with `count` bytes of the stream's; false when that is enough for one
  /// write.
  func sendData(_ stream: Stream, _ header: UnsafeRawBufferPointer, _ count: Int) -> Bool {
    output.writeBytes(header)
    if let part = stream.takeData(count, into: &output) {
      parts.append((output.writerIndex, part))
      partBytes += count
    }
    return hasRoomInChunk
  }

  /// From how many bytes on a message is not copied.
  var minBlockBytes: Int { limits.minBlockBytes }

  /// RFC 9113 section 8.1: a response that ended before its request asks the client to stop
  /// sending, without an error. True when there is something new to send.
  private func resetEarlyFinished() -> Bool {
    guard !earlyFinished.isEmpty else { return false }
    var submitted = false
    earlyFinished.removeAll { stream, generation in
      guard stream.isOpen, stream.generation == generation, !stream.requestEnded else {
        return true
      }
      guard stream.trailersSubmitted else { return false }
      session?.submitReset(stream.id, .noError)
      submitted = true
      return true
    }
    return submitted
  }

  func submitResponse(_ stream: Stream, _ headers: HeaderBlock) {
    session?.submitResponse(stream, headers)
    needsFlush()
  }

  func submitHeadersOnly(_ stream: Stream, _ headers: HeaderBlock) {
    session?.submitHeadersOnly(stream, headers)
    needsFlush()
  }

  func resumeOutput(_ stream: Stream) { session?.resumeOutput(stream) }
  func resetAfterOutput(_ stream: Stream) { earlyFinished.append((stream, stream.generation)) }
  func isWindowClosed(_ stream: Stream) -> Bool { session?.isWindowClosed(stream.id) ?? true }

  func reset(_ stream: Stream, _ code: ErrorCode) {
    session?.submitReset(stream.id, code)
    needsFlush()
  }

  func armLater(_ stream: Stream) { deadlinesToArm.append(stream) }
  var peerMaxHeaderListBytes: Int { session?.peerMaxHeaderListBytes ?? 0 }

  func outputAdded(_ count: Int) { waitingOutputBytes += count }
  func outputDropped(_ count: Int) { waitingOutputBytes -= count }

  func outputTaken(_ count: Int) {
    waitingOutputBytes -= count
    if count > 0 { outputHasMoved = true }
  }

  var hasRoomToWrite: Bool { waitingOutputBytes < limits.outputHighWaterBytes }
  var maxStreamOutputBytes: Int { limits.maxStreamOutputBytes }
  /// How much of a stream's output may be left when it has room again.
  var streamOutputLowBytes: Int { hasRoomToWrite ? limits.maxStreamOutputBytes / 2 : 0 }

  var hasRoomForResponse: Bool {
    waitingOutputBytes < limits.maxBufferedResponseBytesPerConnection
  }

  func hasRoom(forResponseOf count: Int) -> Bool {
    count <= limits.alwaysKeptResponseBytes || waitingOutputBytes == 0
      || waitingOutputBytes + count <= limits.maxBufferedResponseBytesPerConnection
  }

  /// Counts request bytes that are kept; false when they are too many, here or in all.
  func keepRequestBytes(_ count: Int) -> Bool {
    bufferedBytes += count
    guard bufferedBytes > limits.freeRequestBytesPerConnection + reservedBytes else { return true }
    guard bufferedBytes <= limits.maxBufferedRequestBytesPerConnection,
      budget.take(limits.requestReservationBytes)
    else { return false }
    reservedBytes += limits.requestReservationBytes
    return true
  }

  func releaseRequestBytes(_ count: Int) {
    bufferedBytes -= count
    if reservedBytes > 0, bufferedBytes <= limits.freeRequestBytesPerConnection {
      budget.give(reservedBytes)
      reservedBytes = 0
    }
  }
}

// MARK: The session's events

extension Connection {
  /// False refuses the stream.
  func requestBegan(_ id: Int32) -> Bool {
    guard runningHandlers < limits.maxRunningHandlersPerConnection else {
      session?.submitReset(id, .refusedStream)
      return false
    }
    let stream = freeStreams.popLast() ?? makeStream()
    stream.open(id: id)
    session?.setStream(stream)
    headerStream = stream
    headerBlockIsOpen = true
    return true
  }

  func trailersBegan(_ id: Int32) {
    headerStream = nil
    trailerBytes = 0
    headerBlockIsOpen = true
  }

  func trailersEnded() {
    headerBlockIsOpen = false
  }

  private func makeStream() -> Stream {
    let stream = Stream(connection: self, handler: makeHandler())
    streams.append(stream)
    return stream
  }

  /// False ends the connection. nghttp2 does not enforce SETTINGS_MAX_HEADER_LIST_SIZE.
  func receiveHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    guard let stream = headerStream else {
      trailerBytes += name.count + value.count + 32
      return trailerBytes <= limits.maxHeaderListBytes * limits.headerBombFactor
    }
    stream.headerBytes += name.count + value.count + 32
    stream.headerFields += 1
    if fits(stream, 1) {
      stream.handler.receiveHeader(name, value)
      return true
    }
    return fits(stream, limits.headerBombFactor)
  }

  private func fits(_ stream: Stream, _ factor: Int) -> Bool {
    stream.headerBytes <= limits.maxHeaderListBytes * factor
      && stream.headerFields <= limits.maxHeaderFields * factor
  }

  func receiveHeadersEnd(_ stream: Stream, endsRequest: Bool) {
    headerStream = nil
    headerBlockIsOpen = false
    if endsRequest { stream.markRequestEnded() }
    stream.handler.receiveHeadersEnd(fits: fits(stream, 1))
    if endsRequest { stream.handler.receiveEnd() }
  }

  /// True when the bytes are read: both windows are to be given back.
  func receiveData(_ stream: Stream, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard stream.isOpen else { return true }
    let received = stream.handler.receiveData(bytes)
    let unread = bytes.count - received.readBytes
    // It may have been closed by the handler.
    guard unread > 0, stream.isOpen else { return true }
    hold(stream, unread)
    session?.consumeStream(stream.id, received.readBytes)
    session?.consumeConnection(received.readBytes)
    return false
  }

  /// The stream's window waits for its handler. The connection's does not, so that a slow handler
  /// stops no other stream, until those that are slow hold too much together.
  private func hold(_ stream: Stream, _ count: Int) {
    stream.unreadBytes += count
    unreadBytes += count
    withheldBytes += count
    giveBackConnectionWindow()
  }

  private func giveBackConnectionWindow() {
    guard withheldBytes > 0, unreadBytes <= limits.maxUnreadRequestBytesPerConnection else {
      return
    }
    session?.consumeConnection(withheldBytes)
    withheldBytes = 0
  }

  func giveBack(_ stream: Stream, _ count: Int) {
    guard count > 0 else { return }
    stream.unreadBytes -= count
    unreadBytes -= count
    session?.consumeStream(stream.id, count)
    giveBackConnectionWindow()
    needsFlush()
  }

  func streamClosed(_ stream: Stream) {
    guard stream.isOpen else { return }
    if headerStream === stream {
      headerStream = nil
      headerBlockIsOpen = false
    }
    releaseRequestBytes(stream.bufferedBytes)
    unreadBytes -= stream.unreadBytes
    giveBackConnectionWindow()
    stream.close(keepingOutputBytes: limits.pooledOutputBytes)
    freeStreams.append(stream)
  }

  func receivedSettingsAck() {
    timers.stop(.handshake)
  }

  /// Within a read: the last GOAWAY waits for ``flush()``, so that it names every stream that
  /// the read brought.
  func receivedPingAck() {
    if case .noticed = drain { drain = .confirmed }
  }
}

// MARK: The end

extension Connection {
  /// RFC 9113 section 6.8: a GOAWAY that still lets every stream in, a PING whose answer shows
  /// that the client has seen it, then the GOAWAY that names the last stream.
  private func beginDrain() {
    guard case .none = drain, !isClosing else { return }
    drain = .noticed
    timers.start(.drainPing) { [self] in
      if case .noticed = drain { drain = .confirmed }
      flush()
    }
    sendDrainNotice()
  }

  private func sendDrainNotice() {
    session?.submitShutdownNotice()
    // Sent first by itself: nghttp2 lets a PING go before all else, and its answer is to say
    // that the client has seen the GOAWAY.
    flush()
    session?.submitPing()
    flush()
  }

  /// nghttp2 lets streams in until this GOAWAY is sent, whatever it names: so it is submitted
  /// only when it goes out with no read in between.
  private func submitLastGoAway() {
    guard case .confirmed = drain else { return }
    drain = .final
    timers.stop(.drainPing)
    session?.submitGoAway(.noError, reason: "shutting down")
  }

  private func terminate(_ code: ErrorCode) {
    session?.terminate(code)
    flush()
  }

  /// Everything is sent: says so to the peer, and waits for its end a moment, since closing
  /// with unread input would make TCP throw away what is still on its way.
  private func finishClosing() {
    guard !isClosing, let context else { return }
    isClosing = true
    closeStreams()
    context.close(mode: .output, promise: nil)
    timers.stopAll()
    timers.start(.linger) { context.close(promise: nil) }
    if readSuppressed {
      readSuppressed = false
      context.read()
    }
  }

  private func abort() {
    isClosing = true
    closeStreams()
    context?.close(promise: nil)
  }

  private func end() {
    isClosing = true
    timers.stopAll()
    closeStreams()
    for stream in streams { stream.detach() }
    session = nil
  }

  /// Drops the header blocks that nghttp2 may still point to: after this nothing is received
  /// and nothing is sent.
  private func closeStreams() {
    for stream in streams { streamClosed(stream) }
  }
}
