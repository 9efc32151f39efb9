/// A unary call as the code that serves it sees it. Confined to its event loop.
package protocol UnaryCall: AnyObject {
  /// What the client sent; reserved names are left out.
  var metadata: Metadata { get }
  /// Names the call in the log, and in an answer that tells nothing else.
  var callID: String { get }
  /// Who calls, as an interceptor found out; see ``StartedCall``.
  var credentials: (any AnyObject & Sendable)? { get }
  var requestIsCompressed: Bool { get }

  /// Answers at once: `fill` writes the message into exactly `size` bytes.
  func respond(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void)
  /// Ends the call with an error at once.
  func fail(_ status: Status)
  /// Answers later: runs `body` in a task that starts at once on this thread, goes on on the
  /// event loop, and is cancelled when the client goes away or the deadline passes.
  func run(_ body: @escaping @Sendable (CallContext) async -> UnaryOutcome)
}

/// How an asynchronous handler ended.
package struct UnaryOutcome: Sendable {
  /// The encoded response message, or the error.
  package var result: Result<[UInt8], Status>
  /// Sent before the response message.
  package var initialMetadata: Metadata
  /// Sent beside an OK status.
  package var trailingMetadata: Metadata
  /// Whether to try to compress the response; nil as the client does.
  package var compress: Bool?
  /// Runs on the event loop as the result is handed to the client's connection, before any of it
  /// is sent; not when the call was over by then, or another error took the result's place.
  package var whenHandedOver: (@Sendable () -> Void)?

  package init(
    result: Result<[UInt8], Status>, initialMetadata: Metadata = Metadata(),
    trailingMetadata: Metadata = Metadata(), compress: Bool? = nil,
    whenHandedOver: (@Sendable () -> Void)? = nil
  ) {
    self.result = result
    self.initialMetadata = initialMetadata
    self.trailingMetadata = trailingMetadata
    self.compress = compress
    self.whenHandedOver = whenHandedOver
  }
}
