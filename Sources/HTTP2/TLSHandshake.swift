internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits for a connection's TLS handshake, then makes way for its `Connection`. Whoever does not
/// come through in time, without `h2`, or with a bad certificate is closed, and why is reported.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let tls: NIOSSLServerHandler
  private let acceptTime: NIODeadline
  private let timers: ConnectionTimers
  private let loop: LoopState
  private let identify: (PeerCertificate) -> ServerTLS.Identity?
  private let makeConnection: (ServerTLS.Identity?) -> Connection
  private let peer: String
  private var isOver = false

  init(
    channel: any Channel, tls: NIOSSLServerHandler, acceptTime: NIODeadline, loop: LoopState,
    identify: @escaping (PeerCertificate) -> ServerTLS.Identity?,
    makeConnection: @escaping (ServerTLS.Identity?) -> Connection
  ) {
    self.tls = tls
    self.acceptTime = acceptTime
    self.timers = ConnectionTimers(eventLoop: channel.eventLoop)
    self.loop = loop
    self.identify = identify
    self.makeConnection = makeConnection
    self.peer = Connection.Peer.address(of: channel)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    timers.start(.handshake, at: acceptTime + loop.limits.handshakeTimeout) { [self] in
      refuse("the TLS handshake took too long", context, .handshakeTimeout)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSUserEvent.handshakeCompleted(let negotiated) where !isOver:
      handshakeCompleted(negotiated, context)
    case is Connection.DrainEvent:
      // No call was accepted from it yet, so nothing is lost.
      end(.drained, context)
      context.close(promise: nil)
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  private func handshakeCompleted(_ negotiated: String?, _ context: ChannelHandlerContext) {
    guard negotiated == TLSContext.applicationProtocol else {
      return refuse(
        "ALPN did not agree on h2, which gRPC takes; it has \(negotiated ?? "nothing")", context)
    }
    var identity: ServerTLS.Identity?
    if let certificate = tls.peerCertificate.map(PeerCertificate.init) {
      // One that came with a resumed session was verified when the session began.
      guard certificate.expireTimeSeconds >= time(nil) else {
        return refuse("the client's certificate has expired", context)
      }
      identity = identify(certificate)
    }
    stop()
    let pipeline = context.pipeline.syncOperations
    do {
      try pipeline.addHandler(makeConnection(identity), position: .after(self))
      pipeline.removeHandler(context: context, promise: nil)
    } catch {
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !Self.tellsOfLeaving(error) else {
      end(.clientClosed, context)
      return context.close(promise: nil)
    }
    refuse(Self.reason(error), context)
  }

  /// The peer has gone, as one does that only looks whether the port is open.
  private static func tellsOfLeaving(_ error: any Error) -> Bool {
    if case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])) = error { return true }
    return error is IOError
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(.clientClosed, context)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end(.clientClosed, context)
  }

  private func refuse(
    _ words: String, _ context: ChannelHandlerContext, _ reason: CloseReason = .tlsRefused
  ) {
    guard !isOver else { return }
    end(reason, context, words)
    context.close(promise: nil)
  }

  /// The connection ends here; there will be none behind this handler.
  private func end(_ reason: CloseReason, _ context: ChannelHandlerContext, _ words: String = "") {
    guard !isOver else { return }
    stop()
    loop.ended(
      ConnectionState.Ending(reason: reason, words: words), peer: peer,
      duration: context.eventLoop.now - acceptTime)
  }

  private func stop() {
    isOver = true
    timers.stopAll()
  }

  /// What BoringSSL says, without codes and places: "… SSL routines:OPENSSL_internal:REASON at …".
  private static func reason(_ error: any Error) -> String {
    guard case NIOSSLError.handshakeFailed(.sslError(let stack)) = error, let last = stack.last,
      let reason = last.description.split(separator: ":").last(where: { $0.contains(" at ") })?
        .prefix(while: { $0 != " " })
    else { return "the TLS handshake failed: \(error)" }
    let words = reason.lowercased().split(separator: "_").joined(separator: " ")
    return "the TLS handshake failed: \(words)"
  }
}
