internal import API
internal import Crypto
internal import GRPC
internal import NIOCore

/// Who calls what, as a handler sees it.
struct Caller: Sendable {
  let principal: Principal
  /// The method's path.
  let method: String
  /// SHA-256 of the request message as it was received, where the request has a request_id;
  /// else empty. The bytes, and not what they were read as, so that fields that are unknown
  /// here count too. An equal message in another encoding is then another request, and refused:
  /// the opposite mistake would pass off one request's answer as another's. For the few messages
  /// whose bytes will not do, of ``MutatingRequest/replayedContent``.
  let requestHash: [UInt8]
  /// Where the client comes from, as limits tell clients apart: "192.0.2.1", a whole network of
  /// IPv6, "2001:db8:1:2::/64", or "unix" for a socket of this machine.
  let network: String
  /// When the client stops waiting.
  var deadline: NIODeadline?
}

extension Caller {
  fileprivate init(_ method: String, _ context: CallContext, _ requestHash: [UInt8]) {
    self.init(
      principal: Principal.of(context.credentials), method: method, requestHash: requestHash,
      network: context.network, deadline: context.deadline)
  }
}

/// What a handler gives back: an encoded response, and whether it was given before.
struct Answer<Response: Message>: Sendable {
  let bytes: [UInt8]
  let isReplay: Bool
  /// What follows as the answer is handed over; see `UnaryOutcome.whenHandedOver`.
  let whenHandedOver: (@Sendable () -> Void)?

  init(_ response: Response) {
    self.init(encoded: response.encoded(), isReplay: false)
  }

  init(
    encoded bytes: [UInt8], isReplay: Bool, whenHandedOver: (@Sendable () -> Void)? = nil
  ) {
    self.bytes = bytes
    self.isReplay = isReplay
    self.whenHandedOver = whenHandedOver
  }

  /// Sent beside a replayed answer, be it a response or an error.
  static var replayMetadata: Metadata {
    var metadata = Metadata()
    metadata.append("packd-replayed", "true")
    return metadata
  }
}

/// An error that something follows as it is handed over.
struct FollowedError: Error {
  let error: any Error
  /// As of ``Answer``.
  let whenHandedOver: @Sendable () -> Void
}

/// Makes methods of typed handlers: whoever calls is authenticated, then authorized, with the
/// call's headers; then the request is decoded, and then the handler runs. A long request is
/// decoded elsewhere than on the event loop, and its handler runs there: there may be as much to
/// look at and to free, and the other calls of the loop do not wait for it.
struct Registration: Sendable {
  let authenticator: Authenticator
  let statuses: StatusMapping
  let rateLimit: RateLimit?
  /// Whose requests a drain ends.
  let openStreams = OpenStreams()

  /// - Parameter handler: answers, or throws what `StatusMapping` knows.
  func unary<Request: Message, Response: Message>(
    _ path: String, for audience: Audience,
    handler: @escaping @Sendable (Request, Caller) async throws -> Answer<Response>
  ) -> Method {
    method(path, for: audience, cached: nil, hash: { _, _ in [] }, handler: handler)
  }

  /// - Parameter cached: answers at once what it can without waiting, with no task and no
  ///   allocation; nil leaves the call to `handler`.
  func unary<Request: Message, Response: Message>(
    _ path: String, for audience: Audience,
    cached: @escaping @Sendable (Request) -> Answer<Response>?,
    handler: @escaping @Sendable (Request, Caller) async throws -> Answer<Response>
  ) -> Method {
    method(
      path, for: audience, cached: { request, _ in cached(request) }, hash: { _, _ in [] },
      handler: handler)
  }

  /// - Parameter cached: as above, where the answer depends on who asks.
  func unary<Request: Message, Response: Message>(
    _ path: String, for audience: Audience,
    cached: @escaping @Sendable (Request, Principal) -> Answer<Response>?,
    handler: @escaping @Sendable (Request, Caller) async throws -> Answer<Response>
  ) -> Method {
    method(
      path, for: audience,
      cached: { request, call in cached(request, Principal.of(call.credentials)) },
      hash: { _, _ in [] }, handler: handler)
  }

  /// A method that changes something: see ``unary(_:for:handler:)``.
  func mutation<Request: MutatingRequest, Response: Message>(
    _ path: String, for audience: Audience,
    handler: @escaping @Sendable (Request, Caller) async throws -> Answer<Response>
  ) -> Method {
    method(
      path, for: audience, cached: nil,
      hash: { request, bytes in
        guard !request.requestID.isEmpty else { return [] }
        var sha = SHA256()
        if let content = request.replayedContent {
          sha.update(data: content)
        } else {
          sha.update(bufferPointer: bytes)
        }
        return Array(sha.finalize())
      },
      handler: handler)
  }

  private func method<Request: Message, Response: Message>(
    _ path: String, for audience: Audience,
    cached: (@Sendable (Request, any UnaryCall) -> Answer<Response>?)?,
    hash: @escaping @Sendable (Request, UnsafeRawBufferPointer) -> [UInt8],
    handler: @escaping @Sendable (Request, Caller) async throws -> Answer<Response>
  ) -> Method {
    .unary(path, interceptors: interceptors(for: audience)) { [self] call, bytes in
      guard bytes.count <= Limits.maxInlineRequestBytes else {
        return runElsewhere(
          path, call, Secret(copying: bytes), hash: hash, handler: handler)
      }
      let request: Request
      do { request = try Request(decoding: bytes) } catch {
        call.fail(
          statuses.status(for: error, in: .init(method: path, id: call.callID, deadline: nil)))
        return
      }
      if let cached, let answer = cached(request, call) {
        call.respond(size: answer.bytes.count) { $0.copyBytes(from: answer.bytes) }
        return
      }
      let requestHash = hash(request, bytes)
      call.run { context in
        await outcome(path, context) {
          try await handler(request, Caller(path, context, requestHash))
        }
      }
    }
  }

  /// Serves a call of a long request message, in a task that does not prefer the event loop.
  ///
  /// - Parameter message: wiped after that, as the call's own memory is.
  private func runElsewhere<Request: Message, Response: Message>(
    _ path: String, _ call: any UnaryCall, _ message: Secret,
    hash: @escaping @Sendable (Request, UnsafeRawBufferPointer) -> [UInt8],
    handler: @escaping @Sendable (Request, Caller) async throws -> Answer<Response>
  ) {
    call.run { context in
      let task = Task.detached {
        await outcome(path, context) {
          let (request, requestHash) = try message.withBytes { bytes in
            let request = try Request(decoding: bytes)
            return (request, hash(request, bytes))
          }
          return try await handler(request, Caller(path, context, requestHash))
        }
      }
      return await withTaskCancellationHandler {
        await task.value
      } onCancel: {
        task.cancel()
      }
    }
  }

  private func outcome<Response: Message>(
    _ path: String, _ context: CallContext, of serve: () async throws -> Answer<Response>
  ) async -> UnaryOutcome {
    do {
      let answer = try await serve()
      return UnaryOutcome(
        result: .success(answer.bytes),
        trailingMetadata: answer.isReplay ? Answer<Response>.replayMetadata : Metadata(),
        whenHandedOver: answer.whenHandedOver)
    } catch {
      let followed = error as? FollowedError
      let status = statuses.status(
        for: followed?.error ?? error,
        in: .init(method: path, id: context.callID, deadline: context.deadline))
      return UnaryOutcome(result: .failure(status), whenHandedOver: followed?.whenHandedOver)
    }
  }

  /// What wraps each call of a method, the first outermost. From a method for anyone not even a bad
  /// token keeps them out.
  func interceptors(for audience: Audience) -> [any Interceptor & Sendable] {
    let identification: (any Interceptor & Sendable)? =
      switch audience {
      case .unasked: nil
      case .anyone: Identification(authenticator: authenticator)
      case .authenticated, .roles:
        Authentication(authenticator: authenticator, audience: audience, statuses: statuses)
      }
    return [identification, rateLimit].compactMap(\.self)
  }
}
