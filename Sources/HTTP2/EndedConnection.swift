package import NIOCore

/// A connection that has ended, for the log.
package struct EndedConnection: Sendable {
  package let reason: CloseReason
  /// What nghttp2 or the socket say of it; may be empty.
  package let words: String
  package let peer: String
  package let duration: TimeAmount
  /// Streams that were served or answered on it, those that were refused left out.
  package let streams: Int
}
