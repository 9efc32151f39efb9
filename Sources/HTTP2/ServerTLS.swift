internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// TLS for the connections of one or more addresses. Its context can be replaced while it is in
/// use: connections that are there keep what they began with.
package final class ServerTLS: Sendable {
  /// Who a client is for the rooms above, made of its certificate once a connection.
  package typealias Identity = any AnyObject & Sendable

  private let context: Mutex<TLSContext>
  private let identify: @Sendable (PeerCertificate) -> Identity?

  /// - Parameter identify: makes an identity of a verified certificate; nil when it is nobody's.
  package init(
    _ context: TLSContext, identify: @escaping @Sendable (PeerCertificate) -> Identity?
  ) {
    self.context = Mutex(context)
    self.identify = identify
  }

  /// Serves new connections with `context` from now on.
  package func install(_ context: TLSContext) {
    self.context.withLock { $0 = context }
  }

  /// Puts TLS into an accepted channel.
  ///
  /// - Parameter makeConnection: makes what comes behind it, once the handshake is done.
  func secure(
    _ channel: any Channel, acceptTime: NIODeadline, loop: LoopState,
    makeConnection: @escaping (Identity?) -> Connection
  ) throws {
    let context = context.withLock { $0.context }
    let pipeline = channel.pipeline.syncOperations
    let tls = NIOSSLServerHandler(context: context)
    try pipeline.addHandler(tls)
    try pipeline.addHandler(
      TLSHandshake(
        channel: channel, tls: tls, acceptTime: acceptTime, loop: loop, identify: identify,
        makeConnection: makeConnection))
  }
}
