/// What a call may do when, for all four kinds of call (PROTOCOL-HTTP2, "Requests", "Responses").
/// Pure: events go in, what is to be done comes out.
///
///                    headers                       END_STREAM
///     idle ─────────────────────> open: requests flow ────────> open: requests ended
///      ^  │                             │                              │
///      │  │ refused                     │ a status, from the handler   │
///      │  │                             │ or against the client        │
///      │  └──────────> done <───────────┴──────────────────────────────┘
///      └─────────────────┘ stream closed; from `open` this cancels the call
///
/// While the call is open its handler starts once: with the headers when requests stream, else
/// with END_STREAM after exactly one message. Responses begin with a header section, and the
/// end is either trailers after it or, with nothing sent before, trailers only.
struct CallState {
  private enum Phase {
    case idle
    case open(Open)
    case done
  }

  private struct Open {
    let kind: Method.Kind
    var requestCount = 0
    var requestsEnded = false
    var handlerStarted = false
    var headersSent = false
    var responseCount = 0
  }

  private var phase = Phase.idle

  /// Why the client's messages cannot be what the method takes.
  enum Violation: Error, Equatable {
    case noMessage
    case secondMessage
    case truncatedMessage
  }

  var isOpen: Bool { if case .open = phase { true } else { false } }
  var isDone: Bool { if case .done = phase { true } else { false } }
  /// The handler has been started, and the call is open.
  var isServing: Bool { if case .open(let open) = phase { open.handlerStarted } else { false } }
  var takesOneRequest: Bool {
    if case .open(let open) = phase { open.kind.takesOneRequest } else { false }
  }

  /// A new stream takes the call's place.
  mutating func reset() { phase = .idle }

  // MARK: The request

  /// The headers are there and name a method; true when its handler is to start now.
  mutating func open(_ kind: Method.Kind) -> Bool {
    guard case .idle = phase else { return false }
    phase = .open(Open(kind: kind, handlerStarted: !kind.takesOneRequest))
    return !kind.takesOneRequest
  }

  /// The prefix of another message is there.
  mutating func messageBegan() throws(Violation) {
    guard case .open(var open) = phase else { return }
    if open.kind.takesOneRequest, open.requestCount == 1 { throw .secondMessage }
    open.requestCount += 1
    phase = .open(open)
  }

  enum RequestEnd: Equatable {
    /// The one message goes to the handler.
    case serve
    /// The handler's sequence of messages ends.
    case endMessages
    /// The call is over, or its request had ended.
    case ignore
  }

  /// The client has half-closed; `isTruncated` within a message.
  mutating func requestEnded(isTruncated: Bool) throws(Violation) -> RequestEnd {
    guard case .open(var open) = phase, !open.requestsEnded else { return .ignore }
    if isTruncated { throw .truncatedMessage }
    open.requestsEnded = true
    if open.kind.takesOneRequest {
      guard open.requestCount == 1 else { throw .noMessage }
      open.handlerStarted = true
    }
    phase = .open(open)
    return open.kind.takesOneRequest ? .serve : .endMessages
  }

  // MARK: The response

  /// Headers are to be sent; false when they were, or the call is over.
  mutating func sendHeaders() -> Bool {
    guard case .open(var open) = phase, !open.headersSent else { return false }
    open.headersSent = true
    phase = .open(open)
    return true
  }

  /// A response message is to be sent, headers before it; false when there may be none: the call
  /// is over, or gives one response and has.
  mutating func sendMessage() -> Bool {
    guard case .open(var open) = phase, open.headersSent else { return false }
    guard !open.kind.givesOneResponse || open.responseCount == 0 else { return false }
    open.responseCount += 1
    phase = .open(open)
    return true
  }

  enum End: Equatable {
    case trailers
    case trailersOnly
    /// It was over already.
    case nothing
  }

  /// Whether an OK would leave out the one message that the client waits for.
  var owesResponse: Bool {
    guard case .open(let open) = phase else { return false }
    return open.kind.givesOneResponse && open.responseCount == 0
  }

  /// The call ends with a status.
  mutating func end() -> End {
    guard case .open(let open) = phase else {
      defer { phase = .done }
      if case .idle = phase { return .trailersOnly }
      return .nothing
    }
    phase = .done
    return open.headersSent ? .trailers : .trailersOnly
  }

  /// The stream is gone; true when that cancels the call.
  mutating func closed() -> Bool {
    defer { phase = .done }
    return !isDone
  }
}
