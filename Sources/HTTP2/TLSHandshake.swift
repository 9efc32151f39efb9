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
  private let identify: (PeerCertificate) -> ServerTLS.Identity?
  private let reportRefusal: (_ peer: String, _ reason: String) -> Void
  private let makeConnection: (ServerTLS.Identity?) -> Connection
  private let peer: String
  private var isOver = false

  init(
    channel: any Channel, tls: NIOSSLServerHandler, acceptTime: NIODeadline, limits: Limits,
    identify: @escaping (PeerCertificate) -> ServerTLS.Identity?,
    reportRefusal: @escaping (_ peer: String, _ reason: String) -> Void,
    makeConnection: @escaping (ServerTLS.Identity?) -> Connection
  ) {
    self.tls = tls
    self.acceptTime = acceptTime
    self.timers = ConnectionTimers(eventLoop: channel.eventLoop, limits: limits)
    self.identify = identify
    self.reportRefusal = reportRefusal
    self.makeConnection = makeConnection
    self.peer = Connection.Peer.address(of: channel)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    timers.start(.handshake, since: acceptTime) { [self] in
      refuse("the TLS handshake took too long", context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSUserEvent.handshakeCompleted(let negotiated) where !isOver:
      handshakeCompleted(negotiated, context)
    case is Connection.DrainEvent:
      // No call was accepted from it yet, so nothing is lost.
      end()
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
    end()
    let pipeline = context.pipeline.syncOperations
    do {
      try pipeline.addHandler(makeConnection(identity), position: .after(self))
      pipeline.removeHandler(context: context, promise: nil)
    } catch {
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])) = error {
      // The peer has left: whoever only looks whether the port is open does.
      end()
      context.close(promise: nil)
    } else {
      refuse(Self.reason(error), context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
  }

  private func refuse(_ reason: String, _ context: ChannelHandlerContext) {
    guard !isOver else { return }
    end()
    reportRefusal(peer, reason)
    context.close(promise: nil)
  }

  private func end() {
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
