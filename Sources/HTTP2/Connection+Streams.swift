internal import NIOCore

// What nghttp2 finds in the bytes of the peer, for the streams that it is about.
extension Connection {
  var openStreams: Int { streams.count - freeStreams.count }

  /// False refuses the stream.
  func requestBegan(_ id: Int32) -> Bool {
    guard openStreams < Int(limits.maxConcurrentStreams) else {
      return refuse(id, .concurrentStreams)
    }
    guard runningHandlers < limits.maxRunningHandlersPerConnection else {
      return refuse(id, .runningHandlers)
    }
    streamsServed += 1
    loop.counters.streamsOpened += 1
    idleSince = nil
    let stream = freeStreams.popLast() ?? makeStream()
    stream.open(id: id)
    session?.setStream(stream)
    headerStream = stream
    openBlock = id
    return true
  }

  /// RFC 9113 section 8.7: REFUSED_STREAM says that nothing was done, so clients try again.
  private func refuse(_ id: Int32, _ limit: LimitHit) -> Bool {
    loop.counters.hit(limit)
    session?.submitReset(id, .refusedStream)
    return false
  }

  private func makeStream() -> Stream {
    let stream = Stream(connection: self, handler: makeHandler())
    streams.append(stream)
    return stream
  }

  func trailersBegan(_ id: Int32) {
    headerStream = nil
    trailerBytes = 0
    openBlock = id
  }

  func trailersEnded() {
    openBlock = nil
  }

  /// False ends the connection. nghttp2 does not enforce SETTINGS_MAX_HEADER_LIST_SIZE.
  func receiveHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    guard let stream = headerStream else {
      trailerBytes += name.count + value.count + 32
      return trailerBytes <= limits.maxHeaderListBytes * limits.headerBombFactor
        || endLater(.exceeded(.headerBomb))
    }
    stream.headerBytes += name.count + value.count + 32
    stream.headerFields += 1
    if fits(stream, 1) {
      stream.handler.receiveHeader(name, value)
      return true
    }
    return fits(stream, limits.headerBombFactor) || endLater(.exceeded(.headerBomb))
  }

  private func fits(_ stream: Stream, _ factor: Int) -> Bool {
    stream.headerBytes <= limits.maxHeaderListBytes * factor
      && stream.headerFields <= limits.maxHeaderFields * factor
  }

  func receiveHeadersEnd(_ stream: Stream, endsRequest: Bool) {
    headerStream = nil
    openBlock = nil
    if endsRequest { stream.markRequestEnded() }
    let fits = fits(stream, 1)
    if !fits { loop.counters.hit(.headerList) }
    stream.handler.receiveHeadersEnd(fits: fits)
    if endsRequest { stream.handler.receiveEnd() }
  }

  /// True when the bytes are read: both windows are to be given back.
  func receiveData(_ stream: Stream, _ bytes: UnsafeRawBufferPointer) -> Bool {
    messageCompleted = false
    guard stream.isOpen else { return true }
    let received = stream.handler.receiveData(bytes)
    messageCompleted = received.completesMessage
    let unread = bytes.count - received.readBytes
    // It may have been closed by the handler.
    guard unread > 0, stream.isOpen else { return true }
    hold(stream, unread)
    session?.consumeStream(stream.id, received.readBytes)
    session?.consumeConnection(received.readBytes)
    return false
  }

  func streamClosed(_ stream: Stream) {
    guard stream.isOpen else { return }
    if headerStream === stream { headerStream = nil }
    // nghttp2 tells nothing of the end of a block that it does not like.
    if openBlock == stream.id {
      openBlock = nil
      timers.stop(.header)
    }
    releaseRequestBytes(stream.bufferedBytes)
    stream.bufferedBytes = 0
    unreadBytes -= stream.unreadBytes
    stream.unreadBytes = 0
    giveBackConnectionWindow()
    stream.close(keepingOutputBytes: limits.pooledOutputBytes)
    freeStreams.append(stream)
    if openStreams == 0, spareBlock.capacity > 0 { spareBlock = ByteBuffer() }
    if limits.maxIdleSeconds > 0, openStreams == 0 { idleSince = eventLoop.now }
  }

  func armLater(_ stream: Stream) { deadlinesToArm.append(stream) }

  // MARK: Receive windows

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

  // MARK: Memory of unfinished requests

  /// Counts request bytes that are kept; false when they are too many, here or in all.
  func keepRequestBytes(_ count: Int) -> Bool {
    bufferedBytes += count
    guard bufferedBytes > limits.freeRequestBytesPerConnection + reservedBytes else { return true }
    guard bufferedBytes <= limits.maxBufferedRequestBytesPerConnection,
      loop.budget.take(limits.requestReservationBytes)
    else {
      loop.counters.hit(.requestBytes)
      return false
    }
    reservedBytes += limits.requestReservationBytes
    return true
  }

  func releaseRequestBytes(_ count: Int) {
    bufferedBytes -= count
    guard reservedBytes > 0 else { return }
    let needed = bufferedBytes - limits.freeRequestBytesPerConnection
    // One piece more than is needed stays, lest it go back and forth with each message.
    let kept = needed <= 0 ? 0 : needed + 2 * limits.requestReservationBytes
    while reservedBytes > kept {
      loop.budget.give(limits.requestReservationBytes)
      reservedBytes -= limits.requestReservationBytes
    }
  }
}
