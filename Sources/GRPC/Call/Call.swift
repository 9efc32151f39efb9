internal import HTTP2
internal import NIOCore

/// One call on one stream: judges the request, has the method serve it, and sends the responses
/// or the error; ``CallState`` decides what may happen when. Pooled with its stream, confined to
/// its event loop.
final class Call {
  let shared: LoopState
  var state = CallState()
  var stream: Stream?
  var head = RequestHead()
  var reader: MessageReader
  var route: Router.RoutedMethod?
  /// Of a streaming call, once its handler is started.
  var exchange: Exchange?
  var deadline: NIODeadline?
  var task: Task<Void, Never>?
  var principal = ""
  var credentials: (any AnyObject & Sendable)?
  private var id: UInt64 = 0
  private var startTime = NIODeadline.uptimeNanoseconds(0)
  /// How many interceptors have seen the call, the server's first.
  private var interceptorCount = 0

  init(_ shared: LoopState) {
    self.shared = shared
    self.reader = MessageReader(maxMessageBytes: shared.limits.maxReceiveMessageBytes)
  }
}

// MARK: The request

extension Call: StreamHandler {
  func streamOpened(_ stream: Stream) {
    self.stream = stream
    state.reset()
    id = shared.nextCallID()
    startTime = stream.readTime
    head.removeAll()
  }

  func receiveHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    head.add(name, value)
  }

  func receiveHeadersEnd(fits: Bool) {
    guard fits, head.isPost, head.isGRPC else { return refuseHead(fits: fits) }
    switch head.path.withUnsafeBytes(shared.router.route) {
    case .method(let method):
      route = method
      guard startInterceptors(), judgeHead() else { return }
      if state.open(method.kind) { serveStream(method) }
    case .unknown(let reason):
      guard startInterceptors() else { return }
      raise(.unimplemented, reason)
    }
  }

  /// What is no call of a method is logged and counted all the same.
  private func refuseHead(fits: Bool) {
    guard startInterceptors() else { return }
    if !fits {
      raise(.resourceExhausted, "request metadata is too large")
    } else {
      refuse(
        head.isPost ? ResponseHeaders.unsupportedMediaType : ResponseHeaders.methodNotAllowed)
    }
  }

  /// False when the headers end the call.
  private func judgeHead() -> Bool {
    switch head.timeout {
    case .none: break
    case .malformed:
      raise(.invalidArgument, "malformed grpc-timeout")
      return false
    case .after(let amount):
      let deadline = startTime + amount
      self.deadline = deadline
      stream?.setDeadline(deadline)
    }
    switch head.encoding {
    case .identity: break
    case .gzip: reader.allowsCompression = true
    case .unknown(let encoding):
      raise(.unimplemented, "grpc-encoding \"\(encoding)\" is not supported")
      return false
    }
    return true
  }

  func receiveData(_ bytes: UnsafeRawBufferPointer) -> ReceivedData {
    guard state.isOpen, let stream else { return ReceivedData(readBytes: bytes.count) }
    let isWanted = exchange?.isReaderWaiting ?? true
    guard stream.keepRequestBytes(bytes.count) else {
      raiseUnfinished()
      return ReceivedData(readBytes: bytes.count)
    }
    let completed = takeMessages(bytes)
    // What is not wanted yet is given back as the handler reads on.
    let readBytes = isWanted || !state.isOpen ? bytes.count : 0
    return ReceivedData(readBytes: readBytes, completesMessage: completed)
  }

  /// True when a message was completed.
  private func takeMessages(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    var completed = false
    do {
      while true {
        switch try reader.advance(bytes, &index) {
        case .needsMore: return completed
        case .began: try state.messageBegan()
        case .completed:
          completed = true
          if let exchange {
            exchange.deliver(reader.takeMessage(), isCompressed: reader.isCompressed)
          }
        }
      }
    } catch let failure as MessageReader.Failure {
      raise(failure)
    } catch let violation as CallState.Violation {
      raise(violation)
    } catch {
      raise(.internal, "internal error")
    }
    return completed
  }

  func receiveEnd() {
    do throws(CallState.Violation) {
      switch try state.requestEnded(isTruncated: reader.isWithinMessage) {
      case .ignore: break
      case .endMessages: exchange?.endRequests()
      case .serve: serveMessage()
      }
    } catch {
      raise(error)
    }
  }

  /// The one request message is there.
  private func serveMessage() {
    if let deadline, deadline <= .now() { return deadlinePassed() }
    guard let route, let stream, stream.hasRoomForResponse else { return raiseUnread() }
    switch route.handler {
    case .streaming:
      serveStream(route)
      exchange?.deliver(reader.takeMessage(), isCompressed: reader.isCompressed)
      exchange?.endRequests()
    case .unary(let serve):
      guard reader.isCompressed else { return reader.withMessage { serve(self, $0) } }
      inflate(reader.takeMessage()) { [self] message in
        guard let message else { return }
        message.withUnsafeBytes { serve(self, $0) }
        message.wipe()
      }
    }
  }

  func outputDrained() { exchange?.outputDrained() }

  func deadlinePassed() {
    guard state.isOpen else { return }
    raise(.deadlineExceeded, "the deadline has passed")
    // Whoever waits no longer may not be reading either: then no trailers will get through.
    stream?.resetIfStuck()
  }

  func streamClosed() {
    if state.closed() { end(.cancelled) }
    state.reset()
    stream = nil
    route = nil
    deadline = nil
    credentials = nil
    if !principal.isEmpty { principal = "" }
    // Now rather than at the next use, which may never come.
    reader.reset(keeping: shared.limits.pooledRequestBytes)
  }
}

// MARK: Interceptors

extension Call: StartedCall {
  var method: String { route?.name ?? "" }
  var methodIndex: Int? { route?.index }
  var metadata: Metadata { head.metadata }
  var callID: String { hexadecimal(id) }
  func countRateLimited() { stream?.count(.callRate) }
  var network: String { stream?.peer.network ?? "" }
  var peerIdentity: (any AnyObject & Sendable)? { stream?.peer.identity }

  /// False when one of them has ended the call.
  private func startInterceptors() -> Bool {
    for interceptor in shared.interceptors where !start(interceptor) { return false }
    guard let route, route.hasInterceptors else { return true }
    for interceptor in route.interceptors where !start(interceptor) { return false }
    return true
  }

  private func start(_ interceptor: any Interceptor) -> Bool {
    interceptorCount += 1
    guard let status = interceptor.callStarted(self) else { return true }
    fail(status)
    return false
  }

  /// What remains when the status is settled, whoever settled it.
  func end(_ code: Status.Code) {
    task?.cancel()
    task = nil
    if let exchange {
      self.exchange = nil
      exchange.callEnded()
    }
    guard interceptorCount > 0 else { return }
    let call = EndedCall(
      id: id, path: head.path, methodIndex: methodIndex, code: code,
      duration: .now() - startTime, principal: principal,
      peer: stream?.peer.address ?? "", metadata: head.metadata)
    let ofMethod = interceptorCount - shared.interceptors.count
    if ofMethod > 0, let route {
      for index in (0..<ofMethod).reversed() { route.interceptors[index].callEnded(call) }
    }
    let ofServer = min(interceptorCount, shared.interceptors.count)
    for index in (0..<ofServer).reversed() { shared.interceptors[index].callEnded(call) }
    interceptorCount = 0
  }
}
