internal import API
internal import GRPC

/// The request messages of a streaming call, decoded. Throws what `StatusMapping` knows; once
/// everything that is there was taken, in a drain ``Status/serverStopping``.
struct Requests<Request: Message>: AsyncSequence, Sendable {
  typealias Element = Request
  typealias Failure = any Error

  fileprivate let messages: RequestMessages

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(messages: messages.makeAsyncIterator())
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var messages: RequestMessages.AsyncIterator

    mutating func next() async throws -> Request? {
      guard let message = try await messages.next() else {
        try await checkEnd()
        return nil
      }
      guard message.bytes.count > Limits.maxInlineRequestBytes else {
        return try Request(decoding: message.bytes)
      }
      // The other calls of the loop do not wait for it.
      return try await Task.detached { try Request(decoding: message.bytes) }.value
    }

    /// Waits until there is a message for ``nextEncodedIfReady()``; false when none will come.
    func isReady() async throws -> Bool {
      if try await messages.isReady() { return true }
      try await checkEnd()
      return false
    }

    private func checkEnd() async throws {
      if try await messages.wasStopped() { throw Status.serverStopping }
    }

    /// The next message as it came, if it is there already: for a handler that takes many at a
    /// time, and has long ones decoded elsewhere than on the event loop.
    func nextEncodedIfReady() async throws -> [UInt8]? {
      try await messages.nextIfReady()?.bytes
    }
  }
}

/// Where the responses of a streaming call go.
struct Responses<Response: Message>: Sendable {
  fileprivate let writer: ResponseWriter

  /// Waits while the client reads more slowly than it is written to; throws CancellationError
  /// once the call is over.
  func send(_ response: Response) async throws {
    try await send(encoded: response.encoded())
  }

  /// The same with a response that is encoded already.
  func send(encoded message: [UInt8]) async throws {
    try await writer.write(message)
  }

  /// Sends the headers at once, so that the client knows that the call has been taken up.
  func sendHeaders() async throws {
    try await writer.sendHeaders()
  }
}

extension Registration {
  /// One request, any number of responses.
  func serverStreaming<Request: Message, Response: Message>(
    _ path: String, for audience: Audience,
    handler: @escaping @Sendable (Request, Caller, Responses<Response>) async throws -> Void
  ) -> Method {
    streaming(path, .serverStreaming, for: audience) {
      (requests: Requests<Request>, caller, responses) in
      var iterator = requests.makeAsyncIterator()
      guard let request = try await iterator.next() else { throw CancellationError() }
      try await handler(request, caller, responses)
    }
  }

  /// Any number of requests and of responses, as they come.
  func bidirectional<Request: Message, Response: Message>(
    _ path: String, for audience: Audience,
    handler:
      @escaping @Sendable (Requests<Request>, Caller, Responses<Response>) async throws ->
      Void
  ) -> Method {
    streaming(path, .bidirectionalStreaming, for: audience, handler: handler)
  }

  private func streaming<Request: Message, Response: Message>(
    _ path: String, _ kind: Method.Kind, for audience: Audience,
    handler:
      @escaping @Sendable (Requests<Request>, Caller, Responses<Response>) async throws ->
      Void
  ) -> Method {
    .streaming(path, kind, interceptors: interceptors(for: audience)) {
      [statuses, openStreams] call in
      let context = call.context
      let caller = Caller(
        principal: Principal.of(context.credentials), method: path, requestHash: [],
        network: context.network)
      // One that sends nothing and does not end would hold up a drain for as long as it likes.
      let place = kind == .bidirectionalStreaming ? openStreams.add(call.requests.stop) : nil
      defer { openStreams.remove(place) }
      do {
        try await handler(
          Requests(messages: call.requests), caller, Responses(writer: call.responses))
        return Metadata()
      } catch {
        throw statuses.status(
          for: error, in: .init(method: path, id: context.callID, deadline: context.deadline))
      }
    }
  }
}
