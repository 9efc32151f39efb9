package import NIOCore

/// Wraps calls: is shown each before its handler, and told of its end. Authentication, logging,
/// metrics and rate limits are interceptors.
///
/// A server's own are made once per event loop and see every call, those of a method see its
/// calls, in this order; the ends come in the reverse order. A call whose method has none pays
/// for none. What must stand in one transaction with a handler's work, as replay must, wraps
/// the handler instead, where the method is registered.
package protocol Interceptor {
  /// The headers are complete, on the call's event loop.
  ///
  /// - Returns: nil to let the call go on, or the status that ends it.
  func callStarted(_ call: any StartedCall) -> Status?
  /// The call has ended, one that ``callStarted(_:)`` was shown.
  func callEnded(_ call: EndedCall)
}

/// An interceptor that belongs to an event loop, and may keep state there without a lock.
package protocol LoopInterceptor: AnyObject, Interceptor {
  /// No more calls come.
  func finish()
}

/// A call as interceptors see it. Confined to its event loop.
package protocol StartedCall: AnyObject {
  /// The method's path; empty when there is no such method.
  var method: String { get }
  /// Place of the method in ``Router/methods``; nil when there is no such method.
  var methodIndex: Int? { get }
  /// What the client sent; reserved names are left out.
  var metadata: Metadata { get }
  var deadline: NIODeadline? { get }
  /// Names the call in the log, and in an answer that tells nothing else.
  var callID: String { get }
  /// Where the client comes from, as limits tell clients apart: "192.0.2.1", a whole network of
  /// IPv6, "2001:db8:1:2::/64", or "unix".
  var network: String { get }
  /// Who the client's certificate says it is; nil without one that stands for somebody.
  var peerIdentity: (any AnyObject & Sendable)? { get }
  /// Counts it as refused because its caller calls too often.
  func countRateLimited()
  /// Who calls, for the log; set once it is known.
  var principal: String { get set }
  /// Who calls, for the handler: an object, so that passing it on allocates nothing.
  var credentials: (any AnyObject & Sendable)? { get set }
}

/// A call that has ended, for logs and metrics.
package struct EndedCall {
  /// See ``hexadecimal(_:)``.
  package let id: UInt64
  /// The bytes of `:path`, whatever the client sent.
  package let path: [UInt8]
  /// Place of the method in ``Router/methods``; nil when there is no such method.
  package let methodIndex: Int?
  package let code: Status.Code
  package let duration: TimeAmount
  /// Empty when unknown.
  package let principal: String
  package let peer: String
  package let metadata: Metadata
}

/// A call's id as it is written: 16 hexadecimal digits.
package func hexadecimal(_ id: UInt64) -> String {
  let digits = String(id, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
