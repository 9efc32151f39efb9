internal import API
internal import GRPC

/// grpc.testing.TestService, as the gRPC project's interop-test-descriptions have it ("Server").
/// UnimplementedCall is not served, and that is what its clients test.
struct TestService: Sendable {
  /// Nanoseconds since 1970.
  let now: @Sendable () -> Int64

  var methods: [Method] {
    [
      unary("EmptyCall") { (_: Empty, _) in Answer(Empty()) },
      unary("UnaryCall", handler: unaryCall),
      unary("CacheableUnaryCall", handler: cacheableUnaryCall),
      streaming("StreamingInputCall", .clientStreaming, handler: streamingInputCall),
      streaming("StreamingOutputCall", .serverStreaming, handler: fullDuplexCall),
      streaming("FullDuplexCall", .bidirectionalStreaming, handler: fullDuplexCall),
      streaming("HalfDuplexCall", .bidirectionalStreaming, handler: halfDuplexCall),
    ]
  }

  // MARK: Unary calls

  private func unaryCall(
    _ request: SimpleRequest, isCompressed: Bool
  ) throws -> Answer<SimpleResponse> {
    try request.expectCompressed?.check(isCompressed)
    try request.responseStatus?.check()
    let payload = try Payload(request.responseType, size: request.responseSize)
    return Answer(
      SimpleResponse(payload: payload), compress: request.responseCompressed?.value ?? false)
  }

  private func cacheableUnaryCall(
    _ request: SimpleRequest, isCompressed: Bool
  ) -> Answer<SimpleResponse> {
    var metadata = Metadata()
    metadata.append("cache-control", "max-age=\(TestServiceLimits.cacheMaxAgeSeconds), public")
    return Answer(
      SimpleResponse(payload: Payload(body: Array(String(now()).utf8))), metadata: metadata)
  }

  // MARK: Streaming calls

  private func streamingInputCall(_ call: StreamingCall) async throws {
    var size = 0
    for try await message in call.requests {
      let request = try StreamingInputCallRequest(received: message.bytes)
      try request.expectCompressed?.check(message.wasCompressed)
      size += request.payload?.body.count ?? 0
    }
    guard let size = Int32(exactly: size) else {
      throw Status(.outOfRange, "\(size) bytes are more than aggregated_payload_size can tell")
    }
    let response = StreamingInputCallResponse(aggregatedPayloadSize: size)
    try await call.responses.write(response.encoded(), compress: false)
  }

  /// Answers each request before the next is read. StreamingOutputCall is the same with a client
  /// that sends one request.
  private func fullDuplexCall(_ call: StreamingCall) async throws {
    var output = ResponseSequence(call.responses)
    for try await message in call.requests {
      let request = try StreamingOutputCallRequest(received: message.bytes)
      try request.responseStatus?.check()
      for parameters in request.responseParameters {
        try await output.send(request.responseType, parameters)
      }
    }
  }

  /// Answers when the client has sent all requests.
  private func halfDuplexCall(_ call: StreamingCall) async throws {
    var asked: [(PayloadType, ResponseParameters)] = []
    for try await message in call.requests {
      let request = try StreamingOutputCallRequest(received: message.bytes)
      try request.responseStatus?.check()
      asked += request.responseParameters.map { (request.responseType, $0) }
      guard asked.count <= TestServiceLimits.maxBufferedResponses else {
        throw Status(
          .resourceExhausted,
          "more than \(TestServiceLimits.maxBufferedResponses) responses are asked for at once")
      }
    }
    var output = ResponseSequence(call.responses)
    for (type, parameters) in asked { try await output.send(type, parameters) }
  }
}

// MARK: Registration

/// What a unary method answers.
private struct Answer<Response: Message> {
  let response: Response
  let metadata: Metadata
  let compress: Bool

  init(_ response: Response, metadata: Metadata = Metadata(), compress: Bool = false) {
    self.response = response
    self.metadata = metadata
    self.compress = compress
  }
}

extension TestService {
  private static let path = "/grpc.testing.TestService/"

  private func unary<Request: Message, Response: Message>(
    _ name: String,
    handler: @escaping @Sendable (Request, _ isCompressed: Bool) throws -> Answer<Response>
  ) -> Method {
    .unary(Self.path + name, compression: .chosenByHandler) { call, bytes in
      let isCompressed = call.requestIsCompressed
      let answer = Result { try handler(Request(received: bytes), isCompressed) }
      call.run { context in
        let echo = Echo(context.metadata)
        do {
          let answer = try answer.get()
          return UnaryOutcome(
            result: .success(answer.response.encoded()),
            initialMetadata: answer.metadata.merging(echo.initial),
            trailingMetadata: echo.trailing, compress: answer.compress)
        } catch {
          return UnaryOutcome(result: .failure(Status(error)))
        }
      }
    }
  }

  private func streaming(
    _ name: String, _ kind: Method.Kind,
    handler: @escaping @Sendable (StreamingCall) async throws -> Void
  ) -> Method {
    .streaming(Self.path + name, kind, compression: .chosenByHandler) { call in
      let echo = Echo(call.context.metadata)
      if !echo.initial.isEmpty { try await call.responses.sendHeaders(echo.initial) }
      try await handler(call)
      return echo.trailing
    }
  }
}
