/// Every bound of the test service, in one place; those of connections and calls are packd's own.
enum TestServiceLimits {
  /// The body of one response: what a request of a few bytes can make the server hold.
  static let maxResponseBodyBytes = 16 * 1024 * 1024
  /// What one HalfDuplexCall keeps until the client has half-closed.
  static let maxBufferedResponses = 100_000
  /// How long a cached response is good for.
  static let cacheMaxAgeSeconds = 60
}
