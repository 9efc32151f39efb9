internal import HTTP2
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Answers an orchestrator's questions over HTTP/1.1: /livez, whether the process runs, and
/// /readyz, whether it serves.
struct AdminServer: Sendable {
  private static let idleTimeout = TimeAmount.seconds(30)

  private let channel: any Channel

  /// Listens at `host` and `port`; `isReady` is asked at each /readyz.
  init(
    group: any EventLoopGroup, host: String, port: Int,
    reportShortage: @escaping @Sendable (String) -> Void,
    isReady: @escaping @Sendable () -> Bool
  ) async throws {
    channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(report: reportShortage))
        }
      }
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          // A client that does not read its answers is not read from either.
          try pipeline.addHandler(BackPressureHandler())
          try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idleTimeout))
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(ProbeHandler(isReady: isReady))
        }
      }
      .bind(host: host, port: port).get()
  }

  var port: Int { channel.localAddress?.port ?? 0 }

  func close() async {
    try? await channel.close()
  }
}

/// One probe connection.
private final class ProbeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let isReady: @Sendable () -> Bool
  private var request: HTTPRequestHead?

  init(isReady: @escaping @Sendable () -> Bool) {
    self.isReady = isReady
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body: break
    case .end:
      if let request { answer(request, context) }
      request = nil
    }
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let (status, text) = response(to: request)
    let body = ByteBuffer(string: text + "\n")
    var headers: HTTPHeaders = [
      "content-type": "text/plain; charset=utf-8", "content-length": "\(body.readableBytes)",
    ]
    if status == .methodNotAllowed { headers.add(name: "allow", value: "GET, HEAD") }
    let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let keepsAlive = request.isKeepAlive
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepsAlive { written.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
  }

  private func response(to request: HTTPRequestHead) -> (HTTPResponseStatus, String) {
    guard request.method == .GET || request.method == .HEAD else {
      return (.methodNotAllowed, "expected GET")
    }
    switch request.uri.prefix(while: { $0 != "?" }) {
    case "/livez": return (.ok, "ok")
    case "/readyz": return isReady() ? (.ok, "ok") : (.serviceUnavailable, "not serving")
    default: return (.notFound, "expected /livez or /readyz")
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
