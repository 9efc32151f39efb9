/// Every bound of a call, in one place.
package struct CallLimits: Sendable {
  /// A request message, before and after inflating.
  package var maxReceiveMessageBytes = 4 * 1024 * 1024
  /// A compressed message that inflates to more is inflated on another thread.
  package var maxInlineInflatedBytes = 64 * 1024
  /// Messages of an event loop's calls that are inflated on other threads, or wait for it.
  package var maxInflationsPerEventLoop = 64
  /// The trailers of one response, unless the peer accepts less.
  package var maxTrailerBytes = 64 * 1024
  /// Memory that a pooled call keeps for its next request.
  package var pooledRequestBytes = 4 * 1024
  /// When a call that found memory short may come again.
  package var retryPushbackMilliseconds = 1_000
  /// Digits of a `grpc-timeout` (PROTOCOL-HTTP2, "TimeoutValue").
  package static let maxTimeoutDigits = 8

  package init() {}
}
