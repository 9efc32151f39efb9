package import NIOCore

/// Told of each call when it ends, on its event loop.
package protocol CallObserver: AnyObject {
  func callEnded(_ call: EndedCall)
  /// No more calls come.
  func finish()
}

/// A call that has ended, for logs and metrics.
package struct EndedCall {
  /// See ``hexadecimal(_:)``.
  package let id: UInt64
  /// The bytes of `:path`, whatever the client sent.
  package let path: [UInt8]
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
