package import NIOCore

/// A method with one request and one response message, as bytes: whoever registers it brings
/// the codecs and the handler.
package struct UnaryMethod: Sendable {
  /// As in `:path`: `/packd.v1.CatalogueService/GetPlan`.
  package let path: String
  /// Serves one call. Runs on the call's event loop with the whole request message, which is
  /// valid only until it returns, and ends in exactly one of ``UnaryCall``'s three ways.
  package let serve: @Sendable (any UnaryCall, UnsafeRawBufferPointer) -> Void

  package init(
    path: String, serve: @escaping @Sendable (any UnaryCall, UnsafeRawBufferPointer) -> Void
  ) {
    self.path = path
    self.serve = serve
  }
}

/// A unary call as the code that serves it sees it. Confined to its event loop.
package protocol UnaryCall: AnyObject {
  /// What the client sent; reserved names are left out.
  var metadata: Metadata { get }
  /// Names the call in the log, and in an answer that tells nothing else.
  var callID: String { get }
  /// Who calls, for the call's log line; set once it is known.
  var principal: String { get set }

  /// Answers at once: `fill` writes the message into exactly `size` bytes.
  func respond(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void)
  /// Ends the call with an error at once.
  func fail(_ status: Status)
  /// Answers later: runs `body` in a task that starts at once on this thread, goes on on the
  /// event loop, and is cancelled when the client goes away or the deadline passes.
  func run(_ body: @escaping @Sendable (CallContext) async -> UnaryOutcome)
}

/// What an asynchronous handler knows of its call.
package struct CallContext: Sendable {
  package let metadata: Metadata
  /// When the client stops waiting, or nil; the task is cancelled then.
  package let deadline: NIODeadline?
  /// Names the call in the log, and in an answer that tells nothing else.
  package let callID: String

  package init(metadata: Metadata, deadline: NIODeadline?, callID: String) {
    self.metadata = metadata
    self.deadline = deadline
    self.callID = callID
  }
}

/// How an asynchronous handler ended.
package struct UnaryOutcome: Sendable {
  /// The encoded response message, or the error.
  package var result: Result<[UInt8], Status>
  /// Sent beside an OK status.
  package var trailingMetadata: Metadata
  /// Who called, for the log.
  package var principal: String

  package init(
    result: Result<[UInt8], Status>, trailingMetadata: Metadata = Metadata(),
    principal: String
  ) {
    self.result = result
    self.trailingMetadata = trailingMetadata
    self.principal = principal
  }
}
