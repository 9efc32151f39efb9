/// What is asked of an HTTP server. Not for the log: a description of it tells nothing.
package struct HTTPRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package enum Method: Sendable {
    case get
    case post(Form)
  }

  /// What says who asks (RFC 6750).
  package enum Authorization: Sendable {
    case none
    case bearer(token: String)
  }

  package var url: String
  package var method: Method
  package var headers: [HTTPHeader]
  package var authorization: Authorization
  package var timeouts: Timeouts
  package var maxResponseBytes: Int

  package init(
    url: String, method: Method, headers: [HTTPHeader] = [],
    authorization: Authorization = .none, timeouts: Timeouts, maxResponseBytes: Int
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.authorization = authorization
    self.timeouts = timeouts
    self.maxResponseBytes = maxResponseBytes
  }

  package var description: String { "HTTPRequest" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

package struct HTTPHeader: Hashable, Sendable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

package struct HTTPResponse: Sendable {
  package let status: Int
  /// Wiped: a server may repeat what it was sent.
  package let body: WipedBuffer
}

/// How long a transfer may take.
package struct Timeouts: Sendable {
  /// Until there is a connection, with its TLS handshake.
  package var connectMilliseconds: Int
  /// For all of it.
  package var totalMilliseconds: Int

  package init(connectMilliseconds: Int, totalMilliseconds: Int) {
    self.connectMilliseconds = connectMilliseconds
    self.totalMilliseconds = totalMilliseconds
  }
}

/// Why a transfer came to no answer. The text is for the log, and holds nothing of what was sent.
package struct TransferError: Error, Equatable, CustomStringConvertible {
  /// How far the request came.
  package enum Progress: Sendable {
    /// Not a byte of it was sent.
    case notSent
    /// The peer may have it, and may have done what it asks.
    case maybeSent
  }

  package let progress: Progress
  package let reason: String

  package var description: String { reason }
}
