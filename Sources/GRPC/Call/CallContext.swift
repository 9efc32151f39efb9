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
  /// The address of the client; see ``StartedCall``.
  package let peer: String

  package init(
    metadata: Metadata, deadline: NIODeadline?, callID: String,
    credentials: (any AnyObject & Sendable)? = nil, peer: String = ""
  ) {
    self.metadata = metadata
    self.deadline = deadline
    self.callID = callID
    self.credentials = credentials
    self.peer = peer
  }
}
