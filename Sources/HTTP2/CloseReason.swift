/// Why a connection ended: one per connection, in the log, in the metrics, and in the debug data
/// of the GOAWAY that we end it with.
package enum CloseReason: Hashable, Sendable {
  /// The client closed it, or its socket broke.
  case clientClosed
  /// The server drains, and every call was done.
  case drained
  /// It had no stream for `maxIdleSeconds`.
  case maxIdle
  /// It was open for `maxAgeSeconds`.
  case maxAge
  /// Calls still ran when the grace of a drain, or of its age, was over.
  case graceOver
  /// The TLS handshake failed, or agreed on something other than h2.
  case tlsRefused
  case handshakeTimeout
  case headerTimeout
  case outputStalled
  case keepaliveTimeout
  /// nghttp2 found that the client breaks RFC 9113 or RFC 7541.
  case protocolError
  /// The socket, or what stands between it and us, failed.
  case channelError
  /// nghttp2 could not go on, for want of memory.
  case internalError
  case exceeded(LimitHit)

  /// In lower case with underscores: the label of a metric, as grpc-go's "too_many_pings".
  package var name: String {
    switch self {
    case .clientClosed: "client_closed"
    case .drained: "drain"
    case .maxIdle: "max_idle"
    case .maxAge: "max_age"
    case .graceOver: "grace_over"
    case .tlsRefused: "tls_refused"
    case .handshakeTimeout: "handshake_timeout"
    case .headerTimeout: "header_timeout"
    case .outputStalled: "output_stalled"
    case .keepaliveTimeout: "keepalive_timeout"
    case .protocolError: "protocol_error"
    case .channelError: "channel_error"
    case .internalError: "internal_error"
    case .exceeded(let limit): limit.name
    }
  }

  /// The error code of our GOAWAY, RFC 9113 section 7. (A protocol error's is nghttp2's own.)
  package var errorCode: ErrorCode {
    switch self {
    case .clientClosed, .drained, .maxIdle, .maxAge, .graceOver, .keepaliveTimeout: .noError
    case .handshakeTimeout: .settingsTimeout
    case .headerTimeout, .outputStalled, .exceeded: .enhanceYourCalm
    case .protocolError, .tlsRefused: .protocolError
    case .channelError, .internalError: .internalError
    }
  }

  /// Whether the connection ended as connections should.
  package var isNormal: Bool {
    switch self {
    case .clientClosed, .drained, .maxIdle, .maxAge: true
    default: false
    }
  }
}
