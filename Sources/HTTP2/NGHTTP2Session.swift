internal import CNghttp2

/// The one place that calls nghttp2: a server session whose events go to its connection.
///
/// nghttp2 checks frames, stream states, header syntax and HPACK (RFC 9113, RFC 7541), answers
/// errors with RST_STREAM or GOAWAY by itself, and keeps both flow-control windows. What it
/// does not do is ours: header list limits, running handlers, timeouts.
struct NGHTTP2Session: ~Copyable {
  /// Why the session cannot go on; the connection is to be closed.
  struct Failure: Error {
    let reason: String
  }

  private let session: OpaquePointer

  /// - Throws: ``Failure`` when memory is short.
  init(connection: Connection, limits: Limits) throws(Failure) {
    var options: OpaquePointer?
    guard nghttp2_option_new(&options) == 0, let options else {
      throw Failure(reason: "out of memory")
    }
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_max_outbound_ack(options, limits.maxOutboundAcks)
    nghttp2_option_set_max_settings(options, limits.maxSettingsEntries)
    nghttp2_option_set_max_continuations(options, limits.maxContinuationFrames)
    nghttp2_option_set_stream_reset_rate_limit(
      options, UInt64(limits.streamResetsPerSecond * (limits.floodBurstSeconds + 1)),
      UInt64(limits.streamResetsPerSecond))

    var session: OpaquePointer?
    let userData = Unmanaged.passUnretained(connection).toOpaque()
    guard nghttp2_session_server_new2(&session, callbacks, userData, options) == 0,
      let session
    else { throw Failure(reason: "out of memory") }
    self.session = session
    submitSettings(limits)
  }

  deinit { nghttp2_session_del(session) }

  private func submitSettings(_ limits: Limits) {
    // RFC 9218 section 2.1: says that the RFC 7540 priorities are not used. Sent first.
    let noPriorities = nghttp2_settings_entry(
      settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1)
    let entries = [
      noPriorities,
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
        value: limits.maxConcurrentStreams),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(limits.streamWindowBytes)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(limits.maxHeaderListBytes)),
    ]
    nghttp2_submit_settings(session, flagNone, entries, entries.count)
    nghttp2_session_set_local_window_size(session, flagNone, 0, limits.connectionWindowBytes)
  }

  // MARK: Bytes

  /// Takes what the peer sent; events come before it returns.
  func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let taken = nghttp2_session_mem_recv(session, start, bytes.count)
    if taken < 0 { throw Failure(reason: String(cString: nghttp2_strerror(Int32(taken)))) }
  }

  /// The next bytes to send, valid until the next call; nil when there are none now.
  func nextOutput() throws(Failure) -> UnsafeRawBufferPointer? {
    var start: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(session, &start)
    if count < 0 { throw Failure(reason: String(cString: nghttp2_strerror(Int32(count)))) }
    return count == 0 ? nil : UnsafeRawBufferPointer(start: start, count: count)
  }

  /// False once both directions are done, by GOAWAY or by a connection error.
  var isAlive: Bool {
    nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0
  }

  /// SETTINGS_MAX_HEADER_LIST_SIZE of the peer; huge when it set none.
  var peerMaxHeaderListBytes: Int {
    Int(
      nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE))
  }

  // MARK: Streams

  func setStream(_ stream: Stream) {
    nghttp2_session_set_stream_user_data(
      session, stream.id, Unmanaged.passUnretained(stream).toOpaque())
  }

  func submitResponse(_ stream: Stream, _ headers: HeaderBlock) {
    var provider = nghttp2_data_provider()
    provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
    provider.read_callback = onReadBody
    nghttp2_submit_response(session, stream.id, headers.baseAddress, headers.count, &provider)
  }

  func submitHeadersOnly(_ stream: Stream, _ headers: HeaderBlock) {
    nghttp2_submit_response(session, stream.id, headers.baseAddress, headers.count, nil)
  }

  func resumeOutput(_ stream: Stream) {
    nghttp2_session_resume_data(session, stream.id)
  }

  /// Gives back `count` bytes of the stream's receive window.
  func consumeStream(_ id: Int32, _ count: Int) {
    nghttp2_session_consume_stream(session, id, count)
  }

  /// Gives back `count` bytes of the connection's receive window.
  func consumeConnection(_ count: Int) {
    nghttp2_session_consume_connection(session, count)
  }

  /// Whether the peer lets nothing be sent on the stream now.
  func isWindowClosed(_ id: Int32) -> Bool {
    nghttp2_session_get_stream_remote_window_size(session, id) <= 0
      || nghttp2_session_get_remote_window_size(session) <= 0
  }

  func submitReset(_ streamID: Int32, _ code: ErrorCode) {
    nghttp2_submit_rst_stream(session, flagNone, streamID, code.rawValue)
  }

  // MARK: The connection

  /// The first GOAWAY of a drain: nothing is refused yet, but the peer is to open no more
  /// streams here (RFC 9113 section 6.8).
  func submitShutdownNotice() {
    nghttp2_submit_shutdown_notice(session)
  }

  func submitPing() {
    nghttp2_submit_ping(session, flagNone, nil)
  }

  /// The last GOAWAY: streams that have been received are served, later ones are not.
  func submitGoAway(_ code: ErrorCode, reason: StaticString) {
    nghttp2_submit_goaway(
      session, flagNone, nghttp2_session_get_last_proc_stream_id(session), code.rawValue,
      reason.utf8Start, reason.utf8CodeUnitCount)
  }

  /// GOAWAY, and nothing after it.
  func terminate(_ code: ErrorCode) {
    nghttp2_session_terminate_session(session, code.rawValue)
  }
}

private let flagNone = UInt8(NGHTTP2_FLAG_NONE.rawValue)

// Made once, then only read by nghttp2, which copies it into each session.
nonisolated(unsafe) private let callbacks: OpaquePointer? = {
  var table: OpaquePointer?
  nghttp2_session_callbacks_new(&table)
  nghttp2_session_callbacks_set_on_begin_headers_callback(table, onBeginHeaders)
  nghttp2_session_callbacks_set_on_header_callback(table, onHeader)
  nghttp2_session_callbacks_set_on_invalid_header_callback(table, onInvalidHeader)
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, onDataChunk)
  nghttp2_session_callbacks_set_on_frame_recv_callback(table, onFrame)
  nghttp2_session_callbacks_set_on_stream_close_callback(table, onStreamClose)
  return table
}()

/// The connection and the stream outlive the call that nghttp2 makes with their addresses, so
/// nothing is retained: a retain and release each would show at a dozen callbacks a call.
private func connection(_ userData: UnsafeMutableRawPointer?) -> Unmanaged<Connection>? {
  userData.map { Unmanaged<Connection>.fromOpaque($0) }
}

private func stream(_ session: OpaquePointer?, _ id: Int32) -> Unmanaged<Stream>? {
  nghttp2_session_get_stream_user_data(session, id).map { Unmanaged<Stream>.fromOpaque($0) }
}

private let onBeginHeaders: nghttp2_on_begin_headers_callback = { _, frame, userData in
  guard let frame, let connection = connection(userData) else { return 0 }
  return connection._withUnsafeGuaranteedRef {
    if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
      return $0.requestBegan(frame.pointee.hd.stream_id)
        ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    $0.trailersBegan(frame.pointee.hd.stream_id)
    return 0
  }
}

private let onHeader: nghttp2_on_header_callback = {
  _, _, name, nameCount, value, valueCount, _, userData in
  guard let connection = connection(userData) else { return 0 }
  return connection._withUnsafeGuaranteedRef {
    $0.receiveHeader(
      UnsafeRawBufferPointer(start: name, count: nameCount),
      UnsafeRawBufferPointer(start: value, count: valueCount))
      ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }
}

private let onInvalidHeader: nghttp2_on_invalid_header_callback = {
  session, frame, _, _, _, _, _, _ in
  // RFC 9113 section 8.1.1: a malformed request is a stream error, never a guess.
  guard let frame else { return 0 }
  nghttp2_submit_rst_stream(
    session, flagNone, frame.pointee.hd.stream_id, ErrorCode.protocolError.rawValue)
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
}

private let onDataChunk: nghttp2_on_data_chunk_recv_callback = {
  session, _, streamID, bytes, count, userData in
  guard let connection = connection(userData) else { return 0 }
  let stream = stream(session, streamID)
  connection._withUnsafeGuaranteedRef { connection in
    let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
    let isRead = stream?._withUnsafeGuaranteedRef { connection.receiveData($0, bytes) } ?? true
    // Padding is given back by nghttp2 itself.
    if isRead { nghttp2_session_consume(session, streamID, count) }
  }
  return 0
}

private let onFrame: nghttp2_on_frame_recv_callback = { session, frame, userData in
  guard let frame, let connection = connection(userData) else { return 0 }
  let header = frame.pointee.hd
  switch UInt32(header.type) {
  case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
    guard let stream = stream(session, header.stream_id) else { return 0 }
    let isHeaders = UInt32(header.type) == NGHTTP2_HEADERS.rawValue
    let ends = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    connection._withUnsafeGuaranteedRef { connection in
      stream._withUnsafeGuaranteedRef {
        if isHeaders && frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
          connection.receiveHeadersEnd($0, endsRequest: ends)
        } else {
          if isHeaders { connection.trailersEnded() }
          if ends { $0.endRequest() }
        }
      }
    }
  case NGHTTP2_SETTINGS.rawValue:
    if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 {
      connection._withUnsafeGuaranteedRef { $0.receivedSettingsAck() }
    }
  case NGHTTP2_PING.rawValue:
    if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 {
      connection._withUnsafeGuaranteedRef { $0.receivedPingAck() }
    }
  default: break
  }
  return 0
}

// Always 0: with an error nghttp2 would leave the stream half closed (CVE-2023-35945).
private let onStreamClose: nghttp2_on_stream_close_callback = { session, streamID, _, userData in
  guard let connection = connection(userData), let stream = stream(session, streamID) else {
    return 0
  }
  connection._withUnsafeGuaranteedRef { connection in
    connection.streamClosed(stream.takeUnretainedValue())
  }
  return 0
}

private let onReadBody: nghttp2_data_source_read_callback = {
  session, streamID, buffer, count, flags, source, _ in
  guard let pointer = source?.pointee.ptr, let flags else {
    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
  return Unmanaged<Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
    switch $0.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count)) {
    case .some(let count): return count
    case .deferred: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .last(let count, let trailers):
      flags.pointee |=
        NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      nghttp2_submit_trailer(session, streamID, trailers.baseAddress, trailers.count)
      return count
    }
  }
}
