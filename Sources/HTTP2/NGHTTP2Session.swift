internal import CNghttp2

/// The one place that calls nghttp2: a server session whose events go to its connection.
///
/// nghttp2 checks frames, stream states, header syntax and HPACK (RFC 9113, RFC 7541), answers
/// errors with RST_STREAM or GOAWAY by itself, and keeps both flow-control windows. What it
/// does not do is ours: header list limits, running handlers, timeouts.
struct NGHTTP2Session: ~Copyable {
  /// Why the session cannot go on; the connection is to be closed.
  struct Failure: Error {
    let ending: ConnectionState.Ending

    /// - Parameter code: one of nghttp2's own, `nghttp2_error`.
    fileprivate init(_ code: Int32) {
      let words = String(cString: nghttp2_strerror(code))
      ending = ConnectionState.Ending(reason: Self.reason(code), words: words)
    }

    private static func reason(_ code: Int32) -> CloseReason {
      switch code {
      case NGHTTP2_ERR_FLOODED.rawValue: .exceeded(.unreadAcknowledgements)
      case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: .exceeded(.continuations)
      case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: .protocolError
      default: .internalError
      }
    }
  }

  private let session: OpaquePointer

  /// - Throws: ``Failure`` when memory is short.
  init(connection: Connection, options: SessionOptions) throws(Failure) {
    var session: OpaquePointer?
    let userData = Unmanaged.passUnretained(connection).toOpaque()
    guard let options = options.pointer,
      nghttp2_session_server_new2(&session, callbacks, userData, options) == 0, let session
    else { throw Failure(NGHTTP2_ERR_NOMEM.rawValue) }
    self.session = session
  }

  deinit { nghttp2_session_del(session) }

  /// What nghttp2 is told of SETTINGS_MAX_CONCURRENT_STREAMS. It would end the connection of a
  /// client that goes beyond the value which that client has acknowledged, while a stream too
  /// many is worth a REFUSED_STREAM (RFC 9113 section 5.1.2), which ``Connection`` gives it. So
  /// nghttp2 knows of no bound, and the client's is put into the frame.
  private static let unboundedStreams = UInt32.max

  /// Begins with our SETTINGS: the frame, which is to be sent before all else.
  func begin(_ limits: Limits) throws(Failure) -> [UInt8] {
    let entries: [(nghttp2_settings_id, UInt32)] = [
      // RFC 9218 section 2.1: says that the RFC 7540 priorities are not used. Sent first.
      (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, Self.unboundedStreams),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(limits.streamWindowBytes)),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(limits.maxHeaderListBytes)),
    ]
    let list = entries.map {
      nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: $0.1)
    }
    nghttp2_submit_settings(session, flagNone, list, list.count)
    guard let bytes = try nextOutput() else { throw Failure(NGHTTP2_ERR_NOMEM.rawValue) }
    var frame = Array(bytes)
    Self.setMaxConcurrentStreams(limits.maxConcurrentStreams, in: &frame)
    nghttp2_session_set_local_window_size(session, flagNone, 0, limits.connectionWindowBytes)
    return frame
  }

  /// Sets the value in a SETTINGS frame: behind the frame's header of nine bytes come entries
  /// of a two-byte identifier and a four-byte value (RFC 9113 sections 4.1 and 6.5.1).
  private static func setMaxConcurrentStreams(_ value: UInt32, in frame: inout [UInt8]) {
    let identifier = UInt16(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue)
    for entry in stride(from: 9, to: frame.count - 5, by: 6)
    where UInt16(frame[entry]) << 8 | UInt16(frame[entry + 1]) == identifier {
      withUnsafeBytes(of: value.bigEndian) {
        frame.replaceSubrange(entry + 2..<entry + 6, with: $0)
      }
    }
  }

  // MARK: Bytes

  /// Takes what the peer sent; events come before it returns. Returns how many bytes it took,
  /// which are not all when ``Connection/endTurn()`` says so.
  func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let taken = nghttp2_session_mem_recv(session, start, bytes.count)
    if taken < 0 { throw Failure(Int32(taken)) }
    return taken
  }

  /// The next bytes to send, valid until the next call; nil when there are none now. DATA frames
  /// go to ``Connection/sendData(_:_:_:)`` meanwhile, which comes before these bytes.
  func nextOutput() throws(Failure) -> UnsafeRawBufferPointer? {
    var start: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(session, &start)
    if count < 0 { throw Failure(Int32(count)) }
    return count == 0 ? nil : UnsafeRawBufferPointer(start: start, count: count)
  }

  /// False once both directions are done, by GOAWAY or by a connection error.
  var isAlive: Bool {
    nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0
  }

  /// Frames that wait to be sent; DATA is not among them.
  var outboundFrames: Int { nghttp2_session_get_outbound_queue_size(session) }

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

  func submitPing(_ payload: PingPayload) {
    withUnsafeBytes(of: payload.rawValue.bigEndian) {
      _ = nghttp2_submit_ping(
        session, flagNone, $0.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// GOAWAY, with the last stream that has been received: those up to it are served, later
  /// ones are not. `words` are its debug data.
  func submitGoAway(_ code: ErrorCode, words: String) {
    var words = words
    words.withUTF8 {
      _ = nghttp2_submit_goaway(
        session, flagNone, nghttp2_session_get_last_proc_stream_id(session), code.rawValue,
        $0.baseAddress, $0.count)
    }
  }
}

/// What nghttp2 is to enforce by itself, the same for all sessions.
final class SessionOptions {
  /// Nil when memory was short.
  fileprivate let pointer: OpaquePointer?

  init(_ limits: Limits) {
    var options: OpaquePointer?
    nghttp2_option_new(&options)
    pointer = options
    guard let options else { return }
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_max_outbound_ack(options, limits.maxOutboundAcks)
    nghttp2_option_set_max_settings(options, limits.maxSettingsEntries)
    nghttp2_option_set_max_continuations(options, limits.maxContinuationFrames)
    // Types that nobody knows are ignored, but counted first.
    for type in UInt8(10)...255 { nghttp2_option_set_user_recv_extension_type(options, type) }
    // A second wall behind the connection's own budget, which says why. It counts by whole
    // seconds, so it has one more of them; and it is silent once a GOAWAY was sent.
    nghttp2_option_set_stream_reset_rate_limit(
      options, UInt64(limits.streamResetsPerSecond * (limits.floodBurstSeconds + 1)),
      UInt64(limits.streamResetsPerSecond))
  }

  deinit { nghttp2_option_del(pointer) }
}

/// What our PINGs carry, so that their answers can be told from each other.
enum PingPayload: UInt64 {
  case keepalive = 1
  case drain = 2
}

private let flagNone = UInt8(NGHTTP2_FLAG_NONE.rawValue)

// Made once, then only read by nghttp2, which copies it into each session.
nonisolated(unsafe) private let callbacks: OpaquePointer? = {
  var table: OpaquePointer?
  nghttp2_session_callbacks_new(&table)
  nghttp2_session_callbacks_set_on_begin_frame_callback(table, onBeginFrame)
  nghttp2_session_callbacks_set_unpack_extension_callback(table, onExtension)
  nghttp2_session_callbacks_set_on_begin_headers_callback(table, onBeginHeaders)
  nghttp2_session_callbacks_set_on_header_callback(table, onHeader)
  nghttp2_session_callbacks_set_on_invalid_header_callback(table, onInvalidHeader)
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, onDataChunk)
  nghttp2_session_callbacks_set_on_frame_recv_callback(table, onFrame)
  nghttp2_session_callbacks_set_on_frame_send_callback(table, onFrameSent)
  nghttp2_session_callbacks_set_on_stream_close_callback(table, onStreamClose)
  nghttp2_session_callbacks_set_send_data_callback(table, onSendBody)
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

private func result(_ mayGoOn: Bool) -> Int32 {
  mayGoOn ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
}

/// SETTINGS_MAX_FRAME_SIZE before a peer is told otherwise, RFC 9113 section 6.5.2.
private let maxFrameBytes = 16_384

/// Ends the connection of a client that breaks the protocol where nghttp2 does not see it.
private func breaks(_ userData: UnsafeMutableRawPointer?, _ words: String) -> Int32 {
  guard let connection = connection(userData) else { return 0 }
  return connection._withUnsafeGuaranteedRef { result($0.endLater(.protocolError, words: words)) }
}

/// Every frame's header, those of frames that nghttp2 is going to ignore among them.
private let onBeginFrame: nghttp2_on_begin_frame_callback = { session, header, userData in
  guard let header else { return 0 }
  let charge: FloodBudgets.Frame
  switch UInt32(header.pointee.type) {
  case NGHTTP2_HEADERS.rawValue: return 0
  case NGHTTP2_DATA.rawValue:
    // Little of it for a stream that is gone tells nobody anything; else `onFrame` charges it.
    guard header.pointee.length < FloodBudgets.prefixBytes,
      stream(session, header.pointee.stream_id) == nil
    else { return 0 }
    charge = .control
  case NGHTTP2_CONTINUATION.rawValue:
    // RFC 9113 section 4.2; nghttp2 1.52 bounds the length of every other frame.
    guard header.pointee.length > maxFrameBytes else { return 0 }
    return breaks(userData, "CONTINUATION: too large frame size")
  case NGHTTP2_PRIORITY.rawValue where header.pointee.stream_id == 0:
    // RFC 9113 section 6.3; nghttp2 looks at no PRIORITY once RFC 7540's are said not to be used.
    return breaks(userData, "PRIORITY: stream_id == 0")
  case NGHTTP2_RST_STREAM.rawValue: charge = .reset
  case NGHTTP2_PING.rawValue: charge = .ping
  case NGHTTP2_SETTINGS.rawValue: charge = .settings
  default: charge = .control
  }
  guard let connection = connection(userData) else { return 0 }
  return connection._withUnsafeGuaranteedRef { result($0.received(charge)) }
}

/// Without it nghttp2 would not tell of frames of unknown types; nothing is kept of them.
private let onExtension: nghttp2_unpack_extension_callback = { _, _, _, _ in
  NGHTTP2_ERR_CANCEL.rawValue
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
    let mayGoOn = $0.receiveHeader(
      UnsafeRawBufferPointer(start: name, count: nameCount),
      UnsafeRawBufferPointer(start: value, count: valueCount))
    return mayGoOn && $0.endTurn() ? NGHTTP2_ERR_PAUSE.rawValue : result(mayGoOn)
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
  case NGHTTP2_HEADERS.rawValue:
    guard let stream = stream(session, header.stream_id) else { return 0 }
    let ends = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    let isRequest = frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
    connection._withUnsafeGuaranteedRef { connection in
      stream._withUnsafeGuaranteedRef {
        if isRequest { return connection.receiveHeadersEnd($0, endsRequest: ends) }
        connection.trailersEnded()
        if ends { $0.endRequest() }
      }
    }
  case NGHTTP2_DATA.rawValue:
    if header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
      stream(session, header.stream_id)?._withUnsafeGuaranteedRef { $0.endRequest() }
      return 0
    }
    let size = header.length - frame.pointee.data.padlen
    return connection._withUnsafeGuaranteedRef { result($0.receivedPiece(size: size)) }
  case NGHTTP2_SETTINGS.rawValue:
    if header.isAck { connection._withUnsafeGuaranteedRef { $0.receivedSettingsAck() } }
  case NGHTTP2_PING.rawValue:
    guard header.isAck else {
      return connection._withUnsafeGuaranteedRef { result($0.receivedPing()) }
    }
    let payload = withUnsafeBytes(of: frame.pointee.ping.opaque_data) {
      PingPayload(rawValue: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)))
    }
    connection._withUnsafeGuaranteedRef { $0.receivedPingAck(payload) }
  default: break
  }
  return 0
}

extension nghttp2_frame_hd {
  /// Of SETTINGS and PING.
  fileprivate var isAck: Bool { flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 }
}

private let onFrameSent: nghttp2_on_frame_send_callback = { _, frame, userData in
  guard let frame, let connection = connection(userData) else { return 0 }
  switch UInt32(frame.pointee.hd.type) {
  case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
    connection._withUnsafeGuaranteedRef { $0.sentPayload() }
  case NGHTTP2_RST_STREAM.rawValue:
    let code = ErrorCode(rawValue: frame.pointee.rst_stream.error_code)
    connection._withUnsafeGuaranteedRef { $0.sentReset(code) }
  case NGHTTP2_GOAWAY.rawValue:
    let goAway = frame.pointee.goaway
    let words = UnsafeRawBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
    connection._withUnsafeGuaranteedRef {
      $0.sentGoAway(
        ErrorCode(rawValue: goAway.error_code), words: String(decoding: words, as: UTF8.self))
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

/// Tells how much there is; ``onSendBody`` moves it, past nghttp2's own buffers.
private let onReadBody: nghttp2_data_source_read_callback = {
  session, streamID, _, count, flags, source, _ in
  guard let pointer = source?.pointee.ptr, let flags else {
    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
  return Unmanaged<Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
    flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    switch $0.nextData(upTo: count) {
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

private let onSendBody: nghttp2_send_data_callback = { _, _, header, count, source, userData in
  guard let pointer = source?.pointee.ptr, let connection = connection(userData) else {
    return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }
  let frameHeader = UnsafeRawBufferPointer(start: header, count: frameHeaderBytes)
  return Unmanaged<Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { stream in
    connection._withUnsafeGuaranteedRef {
      $0.sendData(stream, frameHeader, count) ? 0 : NGHTTP2_ERR_PAUSE.rawValue
    }
  }
}

/// RFC 9113 section 4.1.
private let frameHeaderBytes = 9
