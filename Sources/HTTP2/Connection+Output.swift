internal import NIOCore

// What goes out: frames that nghttp2 makes, gathered into writes.
extension Connection {
  /// There is something to send: at the end of this read, or of this turn of the loop.
  func needsFlush() {
    guard !isReading, !flushScheduled, !state.isClosing else { return }
    flushScheduled = true
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.execute {
      bound.value.flushScheduled = false
      bound.value.flush()
    }
  }

  func flush() {
    guard !state.isClosing, let context else { return }
    if context.channel.isWritable { submitLastGoAway() }
    send(context)
    if context.channel.isWritable, let isAlive = session?.isAlive, !isAlive, pendingEnd == nil {
      return finish()
    }
    watchOutput(context)
    endIfPending()
  }

  /// Writes what nghttp2 has, as long as the channel takes it.
  func send(_ context: ChannelHandlerContext) {
    do throws(NGHTTP2Session.Failure) {
      while context.channel.isWritable, try gather() {
        writeGathered(context)
      }
    } catch {
      endLater(error.ending)
    }
  }

  func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    loop.counters.bytesSent += bytes.readableBytes
    context.write(wrapOutboundOut(bytes), promise: nil)
  }

  /// Output that waits for the peer must go on in time.
  func watchOutput(_ context: ChannelHandlerContext) {
    guard waitingOutputBytes > 0 || !context.channel.isWritable, !state.isClosing else {
      return timers.stop(.outputStall)
    }
    guard !timers.isRunning(.outputStall) else { return }
    outputHasMoved = false
    let unsent = unsentBytes(context)
    timers.start(.outputStall, in: .seconds(Int64(limits.outputStallTimeoutSeconds))) { [self] in
      if outputHasMoved || unsentBytes(context) < unsent {
        watchOutput(context)
      } else if context.channel.isWritable {
        end(.outputStalled)
      } else {
        abort(ConnectionState.Ending(reason: .outputStalled))
      }
    }
  }

  /// What the channel still has to write to its socket.
  func unsentBytes(_ context: ChannelHandlerContext) -> Int {
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
    output.readableBytes < limits.writeChunkBytes && partBytes < limits.partChunkBytes
  }

  /// Sends what was gathered, in one write to the socket.
  private func writeGathered(_ context: ChannelHandlerContext) {
    loop.counters.bytesSent += output.readableBytes + partBytes
    isWriting = true
    defer { isWriting = false }
    for (offset, bytes) in parts {
      if let before = output.readSlice(length: offset - output.readerIndex) {
        context.write(wrapOutboundOut(before), promise: nil)
      }
      context.write(wrapOutboundOut(bytes), promise: nil)
    }
    if !parts.isEmpty {
      parts.removeAll(keepingCapacity: true)
      partBytes = 0
    }
    context.writeAndFlush(wrapOutboundOut(output), promise: nil)
  }

  /// Adds a DATA frame with `count` bytes of the stream's; false when that is enough for one
  /// write.
  func sendData(_ stream: Stream, _ header: UnsafeRawBufferPointer, _ count: Int) -> Bool {
    output.writeBytes(header)
    if let part = stream.takeData(count, into: &output) {
      parts.append((output.writerIndex, part))
      partBytes += count
    }
    return hasRoomInChunk || isEndOfLong(stream)
  }

  /// Whether there is so little left of the stream's output that it goes along: most of a long
  /// message fills a write, and its last bytes would be a write, and a packet, of their own.
  private func isEndOfLong(_ stream: Stream) -> Bool {
    !parts.isEmpty && 1...limits.maxTailBytes ~= stream.untakenBytes
  }

  /// From how many bytes on a message is not copied. TLS would make a record of each part.
  var minBlockBytes: Int { isSecured ? .max : limits.minBlockBytes }

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

  // MARK: What streams send

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

  var peerMaxHeaderListBytes: Int { session?.peerMaxHeaderListBytes ?? 0 }

  // MARK: What waits for the peer

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

  /// Whether a call may begin; a refusal is counted.
  var hasRoomForResponse: Bool {
    counted(waitingOutputBytes < limits.maxBufferedResponseBytesPerConnection)
  }

  /// Whether a response of `count` bytes may be kept; a refusal is counted.
  func hasRoom(forResponseOf count: Int) -> Bool {
    counted(
      count <= limits.alwaysKeptResponseBytes || waitingOutputBytes == 0
        || waitingOutputBytes + count <= limits.maxBufferedResponseBytesPerConnection)
  }

  private func counted(_ hasRoom: Bool) -> Bool {
    if !hasRoom { loop.counters.hit(.responseBytes) }
    return hasRoom
  }
}
