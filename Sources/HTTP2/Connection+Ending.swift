internal import Glibc
internal import NIOCore
internal import NIOSSL

// The connection's own frames, its drain, and its end.
extension Connection {
  // MARK: Frames that are charged

  /// A frame that costs the client little has begun. False ends the connection.
  func received(_ frame: FloodBudgets.Frame) -> Bool {
    if case .reset = frame { loop.counters.resetsReceived += 1 }
    return allowed(budgets.received(frame, at: readTime))
  }

  /// A DATA frame that does not end its stream, with `size` bytes of payload. False ends the
  /// connection.
  func receivedPiece(size: Int) -> Bool {
    allowed(
      budgets.receivedData(
        size: size, completesMessage: size > 0 && messageCompleted, at: readTime))
  }

  /// False ends the connection. A client that waits for a call may look whether we are there, as
  /// often as ``FloodBudgets`` lets it.
  func receivedPing() -> Bool {
    guard openStreams == 0 else { return true }
    return allowed(strikes.received(at: readTime) ? .keepalivePings : nil)
  }

  func sentPayload() {
    budgets.sentPayload()
    strikes.sentPayload()
  }

  func sentReset(_ code: ErrorCode?) {
    loop.counters.resetsSent += 1
    _ = allowed(budgets.sentReset(code, at: readTime))
  }

  /// nghttp2 has ended the connection: it sends a GOAWAY by itself, which says why.
  func sentGoAway(_ code: ErrorCode?, words: String) {
    switch code {
    case .noError: break
    case .internalError: endLater(.internalError, words: words)
    // Of all that it finds wrong, this is no break of the protocol.
    case .enhanceYourCalm: endLater(.exceeded(.settingsEntries), words: words)
    default: endLater(.protocolError, words: words)
    }
  }

  private func allowed(_ limit: LimitHit?) -> Bool {
    guard let limit else { return true }
    return endLater(.exceeded(limit))
  }

  /// Frames that wait to be sent: they are sent, or else are too many. Not within a read, or
  /// the GOAWAYs of a drain could pass streams that this read still brings.
  func relieveQueue() {
    guard let context, let limit = waitingLimit() else { return }
    send(context)
    if waitingLimit() != nil { _ = allowed(limit) }
  }

  private func waitingLimit() -> LimitHit? {
    budgets.waiting(session?.outboundFrames ?? 0)
  }

  func receivedSettingsAck() {
    timers.stop(.handshake)
    state.settingsAcknowledged()
  }

  /// Within a read: the last GOAWAY waits for ``flush()``, so that it names every stream that
  /// the read brought.
  func receivedPingAck(_ payload: PingPayload?) {
    if payload == .drain { state.drainPingAnswered() }
  }

  // MARK: Time

  /// Looks whether the connection has been silent, idle or open for too long; comes from
  /// ``LoopState``, once a second.
  func lookAtAge(_ now: NIODeadline) {
    guard !state.isClosing else { return }
    switch keepalive.due(at: now, lastRead: readTime, idleSince: idleSince) {
    case .none: break
    case .ping:
      session?.submitPing(.keepalive)
      flush()
    case .drain(let reason): beginDrain(reason)
    case .end(let reason): end(reason)
    }
  }

  // MARK: The drain

  func beginDrain(_ reason: CloseReason) {
    guard state.drain(reason) else { return }
    timers.start(.drainPing, in: .seconds(Int64(limits.drainPingTimeoutSeconds))) { [self] in
      state.drainPingAnswered()
      flush()
    }
    sendDrainNotice()
  }

  func sendDrainNotice() {
    session?.submitShutdownNotice()
    // Sent first by itself: nghttp2 lets a PING go before all else, and its answer is to say
    // that the client has seen the GOAWAY.
    flush()
    session?.submitPing(.drain)
    flush()
  }

  /// nghttp2 lets streams in until this GOAWAY is sent, whatever it names: so it is submitted
  /// only when it goes out with no read in between.
  func submitLastGoAway() {
    guard let reason = state.takeLastGoAway() else { return }
    timers.stop(.drainPing)
    session?.submitGoAway(.noError, words: reason.name)
  }

  // MARK: The end

  /// Ends the connection when nghttp2 has returned. Always false, for its callbacks to return.
  @discardableResult
  func endLater(_ reason: CloseReason, words: String = "") -> Bool {
    endLater(ConnectionState.Ending(reason: reason, words: words))
    return false
  }

  func endLater(_ ending: ConnectionState.Ending) {
    if pendingEnd == nil { pendingEnd = ending }
  }

  func endIfPending() {
    if let pendingEnd { end(pendingEnd) }
  }

  func end(_ reason: CloseReason) {
    end(ConnectionState.Ending(reason: reason))
  }

  /// Says why, sends what can be sent, and closes. Not within nghttp2's callbacks.
  private func end(_ ending: ConnectionState.Ending) {
    guard state.end(ending), let context else { return }
    isReading = false
    // nghttp2 drops it when it has sent a GOAWAY of its own for an error.
    session?.submitGoAway(ending.reason.errorCode, words: ending.reason.name)
    send(context)
    closeOutput(context)
  }

  /// nghttp2 has nothing more to send, and no stream is left after a GOAWAY. What the socket has
  /// not taken yet is of calls that were served: it goes out as long as the peer takes it.
  func finish() {
    guard state.end(), let context else { return }
    closeStreams()
    timers.stopAll()
    watchUnsent(context)
    let written = eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [self] _ in
      guard context.channel.isActive else { return }
      timers.stop(.outputStall)
      linger(context, until: eventLoop.now + stallTime)
    }
    context.close(mode: .output, promise: written)
    readOn(context)
  }

  /// Says to the peer that nothing more comes, and gives it a moment to take it.
  private func closeOutput(_ context: ChannelHandlerContext) {
    closeStreams()
    timers.stopAll()
    linger(context, until: eventLoop.now)
    context.close(mode: .output, promise: nil)
    readOn(context)
  }

  private var stallTime: TimeAmount { .seconds(Int64(limits.outputStallTimeoutSeconds)) }

  private func watchUnsent(_ context: ChannelHandlerContext) {
    let unsent = unsentBytes(context)
    timers.start(.outputStall, in: stallTime) { [self] in
      if unsentBytes(context) < unsent {
        watchUnsent(context)
      } else {
        context.close(promise: nil)
      }
    }
  }

  /// Waits for the peer's end, since closing with unread input would make TCP throw away what is
  /// still on its way; longer than a moment only for a peer that goes on sending, and so reading.
  private func linger(_ context: ChannelHandlerContext, until deadline: NIODeadline) {
    let lastRead = readTime
    timers.start(.linger, in: .milliseconds(Int64(limits.lingerMilliseconds))) { [self] in
      if readTime > lastRead, eventLoop.now < deadline {
        linger(context, until: deadline)
      } else {
        context.close(promise: nil)
      }
    }
  }

  /// What comes is thrown away from now on.
  private func readOn(_ context: ChannelHandlerContext) {
    if readSuppressed {
      readSuppressed = false
      context.read()
    }
  }

  /// Closes without a word.
  func abort(_ ending: ConnectionState.Ending) {
    _ = state.end(ending)
    closeStreams()
    context?.close(promise: nil)
  }

  func channelGone() {
    let ending = state.channelGone()
    timers.stopAll()
    closeStreams()
    for stream in streams { stream.detach() }
    session = nil
    guard let ending else { return }
    loop.remove(self)
    loop.ended(
      ending, peer: peer.address, duration: eventLoop.now - opened, streams: streamsServed)
  }

  /// Drops the header blocks that nghttp2 may still point to: after this nothing is received
  /// and nothing is sent.
  private func closeStreams() {
    for stream in streams { streamClosed(stream) }
  }
}

extension ConnectionState.Ending {
  /// A client that is gone without a word is gone all the same.
  init(_ error: any Error) {
    let isGone =
      switch error {
      case let error as IOError: [ECONNRESET, EPIPE].contains(error.errnoCode)
      case NIOSSLError.uncleanShutdown: true
      default: false
      }
    self.init(reason: isGone ? .clientClosed : .channelError, words: "\(error)")
  }
}
