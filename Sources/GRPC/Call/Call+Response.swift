internal import HTTP2
internal import NIOCore

// MARK: Unary calls

extension Call: UnaryCall {
  var requestIsCompressed: Bool { reader.isCompressed }

  func respond(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    guard takes(responseOf: size) else { return }
    sendMessage(size: size, compress: nil, fill)
    finish(Metadata())
  }

  /// Whether a response of `size` bytes may be sent now; ends the call where the client has not
  /// read enough of others.
  private func takes(responseOf size: Int) -> Bool {
    guard state.isServing, let stream else { return false }
    let hasRoom = stream.hasRoom(forResponseOf: 5 + size)
    if !hasRoom { raiseUnread() }
    return hasRoom
  }

  func run(_ body: @escaping @Sendable (CallContext) async -> UnaryOutcome) {
    guard state.isServing, let stream else { return }
    let context = context
    let ticket = Ticket(call: self, stream: stream)
    stream.handlerStarted()
    let task = Task.immediate(executorPreference: shared.executor) {
      let outcome = await body(context)
      ticket.complete(outcome)
    }
    if state.isOpen { self.task = task }
  }

  private var context: CallContext {
    CallContext(
      metadata: head.metadata, deadline: deadline, callID: callID, credentials: credentials,
      network: network)
  }

  /// The handler's answer, if the stream is still the one it was asked for on.
  fileprivate func complete(
    _ outcome: UnaryOutcome, on stream: Stream, _ generation: UInt64
  ) {
    stream.handlerEnded()
    guard stream.generation == generation, self.stream === stream, state.isServing else { return }
    switch outcome.result {
    case .failure(let status): fail(status)
    case .success(let message):
      guard takes(responseOf: message.count) else { return }
      sendHeaders(outcome.initialMetadata)
      sendMessage(size: message.count, compress: outcome.compress) { $0.copyBytes(from: message) }
      finish(outcome.trailingMetadata)
    }
    outcome.whenHandedOver?()
  }
}

// MARK: Streaming calls

extension Call {
  /// Starts the handler of a streaming method.
  func serveStream(_ route: Router.RoutedMethod) {
    guard case .streaming(let handler) = route.handler, let stream else { return }
    let exchange = Exchange(call: self, stream: stream, executor: shared.executor)
    self.exchange = exchange
    let call = StreamingCall(
      context: context, requests: RequestMessages(exchange: exchange),
      responses: ResponseWriter(exchange: exchange))
    stream.handlerStarted()
    let task = Task.immediate(executorPreference: shared.executor) {
      do {
        let metadata = try await handler(call)
        exchange.handlerReturned(.success(metadata))
      } catch {
        exchange.handlerReturned(.failure(error))
      }
    }
    if self.exchange === exchange { self.task = task }
  }

  func handlerReturned(_ result: Result<Metadata, any Error>) {
    switch result {
    case .success(let metadata):
      if state.owesResponse {
        raise(.internal, "internal error")
      } else {
        finish(metadata)
      }
    case .failure(let status as Status): fail(status)
    case .failure(is CancellationError): raise(.cancelled, "the call was cancelled")
    case .failure: raise(.internal, "internal error")
    }
  }
}

// MARK: What is sent

extension Call {
  /// Headers go once; later calls of it do nothing.
  func sendHeaders(_ metadata: Metadata) {
    guard state.sendHeaders(), let stream else { return }
    if metadata.isEmpty {
      stream.send(headers: announcesGzip ? ResponseHeaders.okGzip : ResponseHeaders.ok)
    } else {
      stream.send(headers: ResponseHeaders.ok(metadata, gzip: announcesGzip))
    }
  }

  /// Whether responses of this call may come compressed.
  private var announcesGzip: Bool {
    guard head.acceptsGzip, let route else { return false }
    return route.compression == .chosenByHandler || head.encoding == .gzip
  }

  func sendMessage(
    size: Int, compress: Bool?, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    sendHeaders(Metadata())
    guard state.sendMessage(), let stream else {
      if state.isOpen { raise(.internal, "internal error") }
      return
    }
    if head.acceptsGzip, announcesGzip, compress ?? (head.encoding == .gzip),
      let message = deflated(size: size, fill)
    {
      return frame(stream, flag: 1, size: message.count) { $0.copyBytes(from: message) }
    }
    frame(stream, flag: 0, size: size, fill)
  }

  /// Nil when it would not get smaller; `fill` can then be called once more.
  private func deflated(
    size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) -> [UInt8]? {
    let message = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      fill(UnsafeMutableRawBufferPointer(buffer))
      count = size
    }
    return message.withUnsafeBytes { Gzip.deflated($0) }
  }

  private func frame(
    _ stream: Stream, flag: UInt8, size: Int,
    _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    stream.write(size: 5 + size) { buffer in
      buffer[0] = flag
      buffer.storeBytes(of: UInt32(size).bigEndian, toByteOffset: 1, as: UInt32.self)
      fill(UnsafeMutableRawBufferPointer(rebasing: buffer[5...]))
    }
  }

  /// Ends the call OK.
  private func finish(_ metadata: Metadata) {
    guard state.isOpen, let stream else { return }
    // An OK without messages is a header section and trailers, as clients expect of one.
    sendHeaders(Metadata())
    guard case .trailers = state.end() else { return }
    if metadata.isEmpty {
      stream.finish(trailers: ResponseHeaders.okTrailers)
    } else {
      var status = Status.ok
      status.trailingMetadata = metadata
      stream.finish(trailers: ResponseHeaders.trailers(status, maxBytes: maxTrailerBytes(stream)))
    }
    end(.ok)
  }

  /// Ends the call with a status.
  func fail(_ status: Status) {
    guard let stream else { return }
    switch state.end() {
    case .nothing: return
    case .trailersOnly:
      stream.sendOnly(
        headers: ResponseHeaders.trailersOnly(status, maxBytes: maxTrailerBytes(stream)))
    case .trailers:
      stream.finish(trailers: ResponseHeaders.trailers(status, maxBytes: maxTrailerBytes(stream)))
    }
    end(status.code)
  }

  private func maxTrailerBytes(_ stream: Stream) -> Int {
    min(shared.limits.maxTrailerBytes, stream.peerMaxHeaderListBytes)
  }

  /// An HTTP answer to what is not gRPC.
  func refuse(_ headers: HeaderBlock) {
    guard case .trailersOnly = state.end() else { return }
    stream?.sendOnly(headers: headers)
    end(.unknown)
  }
}

// MARK: Errors that the protocol calls for, not a handler

extension Call {
  func raise(_ code: Status.Code, _ message: String) {
    guard !state.isDone else { return }
    fail(Status(code, message, details: shared.router.details(code, message)))
  }

  /// One that passes, which clients may try again.
  private func raisePassing(_ message: String) {
    guard !state.isDone else { return }
    var status = Status(
      .resourceExhausted, message, details: shared.router.details(.resourceExhausted, message))
    status.trailingMetadata.append(
      "grpc-retry-pushback-ms", String(shared.limits.retryPushbackMilliseconds))
    fail(status)
  }

  func raiseUnread() { raisePassing("too many unread responses on this connection") }
  func raiseUnfinished() { raisePassing("too many unfinished requests") }
  func raiseUninflated() { raisePassing("too many compressed messages at once") }

  func raise(_ failure: MessageReader.Failure) {
    switch failure {
    case .tooLarge(let count):
      stream?.count(.messageBytes)
      let limit = shared.limits.maxReceiveMessageBytes
      raise(.resourceExhausted, "a message of \(count) bytes is over the limit of \(limit)")
    case .badFlag(let flag):
      raise(.internal, "a message's compressed flag is \(flag), expected 0 or 1")
    case .unexpectedlyCompressed:
      raise(.internal, "a message is compressed, but grpc-encoding names no encoding")
    }
  }

  func raise(_ violation: CallState.Violation) {
    switch violation {
    case .noMessage: raise(.unimplemented, "the method takes one message, got none")
    case .secondMessage: raise(.unimplemented, "the method takes one message, got more")
    case .truncatedMessage: raise(.internal, "the request ended within a message")
    }
  }
}

/// Carries a unary call into its task and back.
///
/// Unchecked: call and stream are touched only in ``complete(_:)``, on their event loop.
private struct Ticket: @unchecked Sendable {
  private let call: Call
  private let stream: Stream
  private let generation: UInt64

  init(call: Call, stream: Stream) {
    self.call = call
    self.stream = stream
    self.generation = stream.generation
  }

  func complete(_ outcome: UnaryOutcome) {
    if stream.eventLoop.inEventLoop {
      call.complete(outcome, on: stream, generation)
    } else {
      stream.eventLoop.execute { call.complete(outcome, on: stream, generation) }
    }
  }
}
