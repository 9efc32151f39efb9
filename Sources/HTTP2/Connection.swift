internal import Glibc
package import NIOCore

/// One HTTP/2 connection: bytes in through nghttp2, events to the streams' handlers, and one
/// coalesced write per read cycle. A channel handler, confined to its event loop.
///
/// Here are its parts and the channel's events; its streams, its output and its end have files
/// of their own. When it ends and why is decided by the pure parts: ``ConnectionState``,
/// ``Keepalive``, ``PingStrikes``, ``FloodBudgets``.
package final class Connection: ChannelDuplexHandler {
  package typealias InboundIn = ByteBuffer
  package typealias InboundOut = Never
  package typealias OutboundIn = Never
  package typealias OutboundOut = ByteBuffer

  /// Who is at the other end.
  package struct Peer: Sendable {
    /// As the log names it.
    package let address: String
    /// As limits tell it apart, ``ClientNetwork/description``.
    package let network: String
    /// What was made of its certificate; nil without one, or when it is nobody's.
    package let identity: ServerTLS.Identity?
  }

  /// Fired into a connection's pipeline to begin its drain.
  struct DrainEvent: Sendable {}

  /// Fired into a connection's pipeline when a drain has lasted long enough.
  struct GraceOverEvent: Sendable {}

  package internal(set) var readTime: NIODeadline
  package let peer: Peer
  package let eventLoop: any EventLoop
  var runningHandlers = 0

  let loop: LoopState
  /// Those of its beginning, whatever is read anew later.
  let limits: Limits
  /// Whether TLS is between this and the socket.
  let isSecured: Bool
  let makeHandler: @Sendable () -> any StreamHandler
  var session: NGHTTP2Session?
  var context: ChannelHandlerContext?

  // The end of the connection.
  let opened: NIODeadline
  let timers: ConnectionTimers
  var state = ConnectionState()
  /// Set within nghttp2's callbacks, carried out when it has returned.
  var pendingEnd: ConnectionState.Ending?
  var keepalive: Keepalive
  var strikes: PingStrikes
  var budgets: FloodBudgets
  /// Nil while there are streams. Kept only when a connection may be too long idle.
  var idleSince: NIODeadline?

  // Streams, in use or ready for it.
  var streams: [Stream] = []
  var freeStreams: [Stream] = []
  var streamsServed = 0
  /// Where the fields of a request go; nil within trailers, which nobody reads.
  var headerStream: Stream?
  /// The stream whose header or trailer section has begun and not ended.
  var openBlock: Int32?
  var trailerBytes = 0
  var deadlinesToArm: [Stream] = []
  var earlyFinished: [(Stream, generation: UInt64)] = []

  // Requests.
  var bufferedBytes = 0
  /// Request bytes that handlers have not read, and those among them that the connection's
  /// window waits for.
  var unreadBytes = 0
  var withheldBytes = 0
  /// What this connection has taken of the budget that all share.
  var reservedBytes = 0
  /// Whether the last DATA ended a message.
  var messageCompleted = false

  // Output.
  var waitingOutputBytes = 0
  var outputHasMoved = false
  var output = ByteBuffer()
  /// Parts of long messages, which go out from where they are, each behind the first `offset`
  /// bytes of `output`.
  var parts: [(offset: Int, bytes: ByteBuffer)] = []
  var partBytes = 0
  /// What the next long message may be written into; its memory is kept while there are streams.
  var spareBlock = ByteBuffer()
  var isWriting = false
  var isReading = false
  /// Whether the client sends faster than it is read, as far as the last read tells.
  var isPressing = false
  /// What was read and has to wait for the next turn.
  var unreceived = ByteBuffer()
  /// Which number of `streamsServed` ends this turn.
  var lastStreamOfTurn = Int.max
  var flushScheduled = false
  var readSuppressed = false
  var restScheduled = false

  /// - Parameters:
  ///   - acceptTime: when the connection came; the time for its handshake, TLS's included, and
  ///     its age begin then.
  ///   - ageJitter: from -1 to 1; see ``Keepalive``.
  init(
    channel: any Channel, loop: LoopState, identity: ServerTLS.Identity? = nil,
    isSecured: Bool = false, acceptTime: NIODeadline, ageJitter: Double = .random(in: -1...1),
    makeHandler: @escaping @Sendable () -> any StreamHandler
  ) {
    self.eventLoop = channel.eventLoop
    self.loop = loop
    self.limits = loop.limits
    self.isSecured = isSecured
    self.makeHandler = makeHandler
    self.peer = Peer(
      address: Peer.address(of: channel),
      network: ClientNetwork(channel.remoteAddress).description, identity: identity)
    self.timers = ConnectionTimers(eventLoop: channel.eventLoop)
    self.readTime = acceptTime
    self.opened = acceptTime
    self.idleSince = acceptTime
    self.keepalive = Keepalive(
      Keepalive.Times(loop.limits), opened: acceptTime, jitter: ageJitter)
    self.strikes = PingStrikes(
      minInterval: .seconds(Int64(loop.limits.keepaliveMinPingIntervalSeconds)))
    self.budgets = FloodBudgets(loop.limits, now: acceptTime)
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

extension Keepalive.Times {
  /// A number of seconds that is 0 stands for never.
  init(_ limits: Limits) {
    func time(_ seconds: Int) -> TimeAmount? { seconds > 0 ? .seconds(Int64(seconds)) : nil }
    self.init(
      ping: time(limits.keepaliveTimeSeconds),
      pingTimeout: .seconds(Int64(limits.keepaliveTimeoutSeconds)),
      maxIdle: time(limits.maxIdleSeconds), maxAge: time(limits.maxAgeSeconds),
      ageGrace: time(limits.maxAgeGraceSeconds))
  }
}

// MARK: The channel's events

extension Connection {
  package func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start(context) }
  }

  package func channelActive(context: ChannelHandlerContext) {
    start(context)
  }

  private func start(_ context: ChannelHandlerContext) {
    guard session == nil, !state.isClosing else { return }
    do throws(NGHTTP2Session.Failure) {
      session = try NGHTTP2Session(connection: self, options: loop.sessionOptions)
      if let settings = try session?.begin(limits) { write(ByteBuffer(bytes: settings), context) }
    } catch {
      return abort(error.ending)
    }
    timers.start(.handshake, at: opened + limits.handshakeTimeout) { [self] in
      end(.handshakeTimeout)
    }
    loop.add(self)
    if state.awaitsDrainPing { sendDrainNotice() } else { flush() }
    context.flush()
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    readTime = eventLoop.now
    guard !state.isClosing else { return }
    let buffer = unwrapInboundIn(data)
    loop.counters.bytesReceived += buffer.readableBytes
    guard unreceived.readableBytes > 0 else { return receive(buffer) }
    // What comes without being asked for is the connection's end, which does not wait.
    unreceived.writeImmutableBuffer(buffer)
    buffer.withUnsafeReadableBytes { wipe($0) }
    while unreceived.readableBytes > 0 { receiveRest() }
  }

  private func receive(_ buffer: ByteBuffer) {
    isReading = true
    lastStreamOfTurn = streamsServed + limits.maxStreamsPerTurn
    var failure: NGHTTP2Session.Failure?
    var taken = buffer.readableBytes
    buffer.withUnsafeReadableBytes { bytes in
      do throws(NGHTTP2Session.Failure) {
        taken = try session?.receive(bytes) ?? taken
      } catch {
        failure = error
      }
      wipe(UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
    }
    // What was read through TLS is less than what was taken from the socket.
    isPressing = taken < buffer.readableBytes || taken > limits.maxReadBytes / 2
    if taken < buffer.readableBytes {
      unreceived = buffer
      unreceived.moveReaderIndex(forwardBy: taken)
    }
    if let failure { endLater(failure.ending) } else { relieveQueue() }
    endIfPending()
  }

  /// Nothing of a call is to be found once it is over: the memory is used again, or given back, as
  /// it is. Nobody else reads these bytes.
  private func wipe(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
  }

  private func receiveRest() {
    let buffer = unreceived
    unreceived = ByteBuffer()
    guard !state.isClosing else { return }
    receive(buffer)
  }

  /// Whether what was read has begun so many streams that the rest waits for the next turn: a
  /// client that resets them at once could keep the loop for milliseconds.
  func endTurn() -> Bool {
    guard streamsServed > lastStreamOfTurn else { return false }
    lastStreamOfTurn = .max
    return true
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    readCompleted()
    resumeReading(context)
  }

  private func readCompleted() {
    isReading = false
    if !deadlinesToArm.isEmpty {
      for stream in deadlinesToArm { stream.armDeadline() }
      deadlinesToArm.removeAll(keepingCapacity: true)
    }
    flush()
    watchHeaderBlock()
    if isPressing { loop.giveWay() }
  }

  /// A header block that this read left open must end in time.
  private func watchHeaderBlock() {
    if openBlock == nil || state.isClosing {
      timers.stop(.header)
    } else if !timers.isRunning(.header) {
      timers.start(.header, in: .seconds(Int64(limits.headerTimeoutSeconds))) { [self] in
        end(.headerTimeout)
      }
    }
  }

  /// Goes on with what was read, then with reading, unless output waits for the peer.
  private func resumeReading(_ context: ChannelHandlerContext) {
    guard context.channel.isWritable else { return }
    if unreceived.readableBytes > 0, !state.isClosing {
      guard !restScheduled else { return }
      restScheduled = true
      let bound = NIOLoopBound((self, context), eventLoop: eventLoop)
      eventLoop.execute {
        let (connection, context) = bound.value
        connection.restScheduled = false
        guard context.channel.isWritable else { return }
        connection.receiveRest()
        connection.readCompleted()
        connection.resumeReading(context)
      }
    } else if readSuppressed {
      readSuppressed = false
      context.read()
    }
  }

  /// Output that waits for the peer stops its input.
  package func read(context: ChannelHandlerContext) {
    if state.isClosing || context.channel.isWritable && unreceived.readableBytes == 0 {
      context.read()
    } else {
      readSuppressed = true
    }
  }

  package func channelWritabilityChanged(context: ChannelHandlerContext) {
    // A long message goes over the high mark on its way into the socket. Whoever writes looks
    // himself what has become of it.
    guard !isWriting else { return }
    if context.channel.isWritable {
      outputHasMoved = true
      flush()
      resumeReading(context)
    } else {
      watchOutput(context)
    }
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is DrainEvent: beginDrain(.drained)
    case is GraceOverEvent: abort(ConnectionState.Ending(reason: .graceOver))
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    abort(ConnectionState.Ending(error))
  }

  package func channelInactive(context: ChannelHandlerContext) {
    channelGone()
    context.fireChannelInactive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    channelGone()
    self.context = nil
  }
}
