internal import HTTP2
internal import NIOCore

/// One unary call on one stream: judges the request, has the method serve it, and sends the
/// response or the error. Pooled with its stream, confined to its event loop.
///
///     idle ──headers──> receiving ──END_STREAM──> serving ──response──> done
///       │                   │                        │                   │
///       └────── refused ────┴──── error, deadline ───┴──────────> done ──┴─ stream closed ─> idle
final class Call {
  private enum State {
    case idle
    case receiving(Router.RoutedMethod)
    case serving
    case done
  }

  private let shared: LoopState
  private var state = State.idle
  private var stream: Stream?
  private var head = RequestHead()
  private var reader: MessageReader
  private var deadline: NIODeadline?
  private var task: Task<Void, Never>?
  private var id: UInt64 = 0
  private var startTime = NIODeadline.uptimeNanoseconds(0)
  var principal = ""

  init(_ shared: LoopState) {
    self.shared = shared
    self.reader = MessageReader(maxMessageBytes: shared.limits.maxReceiveMessageBytes)
  }

  private var isDone: Bool {
    if case .done = state { true } else { false }
  }
}

// MARK: The request

extension Call: StreamHandler {
  func streamOpened(_ stream: Stream) {
    self.stream = stream
    state = .idle
    id = shared.nextCallID()
    startTime = stream.readTime
    deadline = nil
    principal = ""
    head.removeAll()
  }

  func receiveHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    head.add(name, value)
  }

  func receiveHeadersEnd(fits: Bool) {
    guard fits else { return raise(.resourceExhausted, "request metadata is too large") }
    guard head.isPost else { return refuse(ResponseHeaders.methodNotAllowed) }
    guard head.isGRPC else { return refuse(ResponseHeaders.unsupportedMediaType) }
    switch head.timeout {
    case .none: break
    case .malformed: return raise(.invalidArgument, "malformed grpc-timeout")
    case .after(let amount):
      let deadline = startTime + amount
      self.deadline = deadline
      stream?.setDeadline(deadline)
    }
    switch head.path.withUnsafeBytes(shared.router.route) {
    case .unknown(let reason): return raise(.unimplemented, reason)
    case .method(let method): state = .receiving(method)
    }
    if case .unknown(let encoding) = head.encoding {
      raise(.unimplemented, "grpc-encoding \"\(encoding)\" is not supported")
    }
  }

  func receiveData(_ bytes: UnsafeRawBufferPointer) {
    guard case .receiving = state, let stream else { return }
    do throws(MessageReader.Failure) {
      let kept = try reader.receive(bytes)
      if !stream.keepRequestBytes(kept) {
        raise(.resourceExhausted, "too many unfinished requests")
      }
    } catch {
      raise(error)
    }
  }

  func receiveEnd() {
    guard case .receiving(let method) = state else { return }
    switch reader.end() {
    case .noMessage: return raise(.unimplemented, "a unary call takes one message, got none")
    case .truncated: return raise(.internal, "the request ended within a message")
    case .complete: break
    }
    if let deadline, deadline <= .now() { return deadlinePassed() }
    guard let stream, stream.hasRoomForResponse else { return raiseUnread() }
    state = .serving
    reader.withMessage { method.serve(self, $0) }
  }

  func deadlinePassed() {
    raise(.deadlineExceeded, "the deadline has passed")
  }

  func streamClosed() {
    if !isDone { end(.cancelled) }
    state = .idle
    stream = nil
    // Now rather than at the next use, which may never come.
    reader.reset(keeping: shared.limits.pooledRequestBytes)
  }
}

// MARK: The answer

extension Call: UnaryCall {
  var metadata: Metadata { head.metadata }
  var callID: String { hexadecimal(id) }

  func respond(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    respond(size: size, trailers: ResponseHeaders.okTrailers, fill)
  }

  private func respond(
    size: Int, trailers: HeaderBlock, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    guard case .serving = state, let stream else { return }
    guard stream.hasRoom(forResponseOf: 5 + size) else { return raiseUnread() }
    stream.send(headers: ResponseHeaders.ok)
    stream.write(size: 5 + size) { buffer in
      buffer[0] = 0
      buffer.storeBytes(of: UInt32(size).bigEndian, toByteOffset: 1, as: UInt32.self)
      fill(UnsafeMutableRawBufferPointer(rebasing: buffer[5...]))
    }
    stream.finish(trailers: trailers)
    end(.ok)
  }

  func fail(_ status: Status) {
    guard !isDone, let stream else { return }
    stream.sendOnly(
      headers: ResponseHeaders.trailersOnly(status, maxBytes: maxTrailerBytes(stream)))
    end(status.code)
  }

  func run(_ body: @escaping @Sendable (CallContext) async -> UnaryOutcome) {
    guard case .serving = state, let stream else { return }
    let context = CallContext(
      metadata: head.metadata, deadline: deadline, callID: callID)
    let ticket = Ticket(call: self, stream: stream)
    stream.handlerStarted()
    let task = Task.immediate(executorPreference: shared.executor) {
      let outcome = await body(context)
      ticket.complete(outcome)
    }
    if case .serving = state { self.task = task }
  }

  /// The handler's answer, if the stream is still the one it was asked for on.
  fileprivate func complete(_ outcome: UnaryOutcome, on stream: Stream, _ generation: UInt64) {
    stream.handlerEnded()
    guard stream.generation == generation, self.stream === stream, case .serving = state else {
      return
    }
    principal = outcome.principal
    switch outcome.result {
    case .failure(let status): fail(status)
    case .success(let message):
      let trailers = trailers(outcome.trailingMetadata, stream)
      respond(size: message.count, trailers: trailers) { $0.copyBytes(from: message) }
    }
  }

  private func trailers(_ metadata: Metadata, _ stream: Stream) -> HeaderBlock {
    if metadata.isEmpty { return ResponseHeaders.okTrailers }
    var status = Status.ok
    status.trailingMetadata = metadata
    return ResponseHeaders.trailers(status, maxBytes: maxTrailerBytes(stream))
  }

  private func maxTrailerBytes(_ stream: Stream) -> Int {
    min(shared.limits.maxTrailerBytes, stream.peerMaxHeaderListBytes)
  }

  private func raiseUnread() {
    raise(.resourceExhausted, "too many unread responses on this connection")
  }

  /// An error that the protocol calls for, not a handler.
  private func raise(_ code: Status.Code, _ message: String) {
    fail(Status(code, message, details: shared.router.details(code, message)))
  }

  private func raise(_ failure: MessageReader.Failure) {
    switch failure {
    case .tooLarge(let count):
      let limit = shared.limits.maxReceiveMessageBytes
      raise(.resourceExhausted, "a message of \(count) bytes is over the limit of \(limit)")
    case .badFlag(let flag):
      raise(.internal, "a message's compressed flag is \(flag), expected 0 or 1")
    case .unexpectedlyCompressed:
      raise(.internal, "a message is compressed, but grpc-encoding names no encoding")
    case .secondMessage:
      raise(.unimplemented, "a unary call takes one message, got more")
    }
  }

  /// An HTTP answer to what is not gRPC.
  private func refuse(_ headers: HeaderBlock) {
    stream?.sendOnly(headers: headers)
    end(.unknown)
  }

  private func end(_ code: Status.Code) {
    state = .done
    task?.cancel()
    task = nil
    guard let observer = shared.observer else { return }
    observer.callEnded(
      EndedCall(
        id: id, path: head.path, code: code, duration: .now() - startTime, principal: principal,
        peer: stream?.peer.address ?? "", metadata: head.metadata))
  }
}

/// Carries a call into its task and back.
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
