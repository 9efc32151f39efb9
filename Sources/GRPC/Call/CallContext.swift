package import NIOCore

/// What an asynchronous handler knows of its call.
package struct CallContext: Sendable {
  /// What the client sent; reserved names are left out.
  package let metadata: Metadata
  /// When the client stops waiting, or nil; the task is cancelled then.
  package let deadline: NIODeadline?
  /// Names the call in the log, and in an answer that tells nothing else.
  package let callID: String
  /// What an interceptor has found out about the caller, for the handler; see ``StartedCall``.
  package let credentials: (any AnyObject & Sendable)?
  /// Where the client comes from; see ``StartedCall``.
  package let network: String

  package init(
    metadata: Metadata, deadline: NIODeadline?, callID: String,
    credentials: (any AnyObject & Sendable)? = nil, network: String = ""
  ) {
    self.metadata = metadata
    self.deadline = deadline
    self.callID = callID
    self.credentials = credentials
    self.network = network
  }
}
