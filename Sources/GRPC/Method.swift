/// A method of a service, its messages as bytes: whoever registers it brings the codecs and the
/// handler.
package struct Method: Sendable {
  /// How many messages go each way.
  package enum Kind: Sendable, CaseIterable {
    case unary
    case clientStreaming
    case serverStreaming
    case bidirectionalStreaming

    /// The client sends exactly one message.
    var takesOneRequest: Bool { self == .unary || self == .serverStreaming }
    /// The server sends exactly one message, if the call is OK.
    var givesOneResponse: Bool { self == .unary || self == .clientStreaming }
  }

  /// What serves the calls.
  package enum Handler: Sendable {
    case unary(@Sendable (any UnaryCall, UnsafeRawBufferPointer) -> Void)
    case streaming(@Sendable (StreamingCall) async throws -> Metadata)
  }

  /// As in `:path`: `/packd.v1.CatalogueService/GetPlan`.
  package let path: String
  package let kind: Kind
  let compression: ResponseCompression
  package let interceptors: [any Interceptor & Sendable]
  package let handler: Handler

  /// A method with one request and one response message.
  ///
  /// - Parameters:
  ///   - interceptors: around this method's calls, within the server's own.
  ///   - serve: serves one call. Runs on the call's event loop with the whole request message,
  ///     which is valid only until it returns, and ends in exactly one of ``UnaryCall``'s three
  ///     ways.
  package static func unary(
    _ path: String, compression: ResponseCompression = .mirrorsRequest,
    interceptors: [any Interceptor & Sendable] = [],
    serve: @escaping @Sendable (any UnaryCall, UnsafeRawBufferPointer) -> Void
  ) -> Method {
    Method(
      path: path, kind: .unary, compression: compression, interceptors: interceptors,
      handler: .unary(serve))
  }

  /// A method with any number of messages one way or both ways.
  ///
  /// - Parameter handler: serves one call, in a task that starts at once on the call's event loop,
  ///   goes on there, and is cancelled when the call is over. It returns what goes beside the OK;
  ///   it throws a ``Status`` to end the call with it, and anything else ends it INTERNAL.
  package static func streaming(
    _ path: String, _ kind: Kind, compression: ResponseCompression = .mirrorsRequest,
    interceptors: [any Interceptor & Sendable] = [],
    handler: @escaping @Sendable (StreamingCall) async throws -> Metadata
  ) -> Method {
    Method(
      path: path, kind: kind, compression: compression, interceptors: interceptors,
      handler: .streaming(handler))
  }
}

/// When responses are compressed with gzip: never for a client that does not accept it, and
/// never a message that would not get smaller.
package enum ResponseCompression: Sendable {
  /// For a client that compressed its request.
  case mirrorsRequest
  /// Message by message, as the handler says.
  case chosenByHandler
}
