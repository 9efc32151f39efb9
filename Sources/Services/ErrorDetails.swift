internal import API
package import GRPC

/// The encoded `google.rpc.Status` of an error that tells nothing but its code: an ErrorInfo
/// whose reason is the code's name.
package func statusDetails(code: Status.Code, message: String) -> [UInt8] {
  Status.detailed(code, message, reason: code.name).details
}

extension Sequence where Element: Message {
  /// The first elements, as many as take no more than `limit` bytes encoded.
  func prefix(ofBytes limit: Int) -> [Element] {
    var rest = limit
    return Array(
      prefix {
        rest -= $0.encoded().count
        return rest >= 0
      })
  }
}

extension Status {
  /// A status with its `google.rpc.Status`: an ErrorInfo, and what else fits.
  static func detailed(
    _ code: Code, _ message: String, reason: String, metadata: StringMap = [:],
    _ more: [AnyMessage] = []
  ) -> Status {
    let info = ErrorInfo(reason: reason, domain: "packd.v1", metadata: metadata)
    let details = RPCStatus(
      code: code.rawValue, message: message, details: [AnyMessage(packing: info)] + more)
    return Status(code, message, details: details.encoded())
  }

  /// What ends a stream in a drain: what was answered holds, the rest is for another server.
  static var serverStopping: Status {
    detailed(.unavailable, "The server is about to stop", reason: "SERVER_STOPPING")
  }

  /// The same, with the word to clients that retry by themselves that they should not.
  var withoutRetry: Status {
    var status = self
    status.trailingMetadata.append("grpc-retry-pushback-ms", "-1")
    return status
  }

  /// One that says when to try again, in the details and as
  /// `grpc-retry-pushback-ms`, which gRPC's own retries obey.
  static func retryable(
    _ code: Code, _ message: String, reason: String, afterMilliseconds delay: Int64,
    metadata: StringMap = [:], _ more: [AnyMessage] = []
  ) -> Status {
    let (seconds, rest) = delay.quotientAndRemainder(dividingBy: 1000)
    let span = DurationMessage(seconds: seconds, nanos: Int32(rest * 1_000_000))
    var status = detailed(
      code, message, reason: reason, metadata: metadata,
      [AnyMessage(packing: RetryInfo(retryDelay: span))] + more)
    status.trailingMetadata.append("grpc-retry-pushback-ms", String(delay))
    return status
  }
}

extension Status.Code {
  /// As the gRPC project's statuscodes document writes it.
  var name: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
