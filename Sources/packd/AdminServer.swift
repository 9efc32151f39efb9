internal import HTTP2
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Answers an orchestrator's questions over HTTP/1.1: /livez, whether the process runs, /readyz,
/// whether it serves, and /metrics, what it has counted.
struct AdminServer: Sendable {
  private static let idleTimeout = TimeAmount.seconds(30)

  private let channel: any Channel

  /// Listens at `host` and `port`; `isReady` is asked at each /readyz, `metrics` at each /metrics.
  init(
    group: any EventLoopGroup, host: String, port: Int,
    reportShortage: @escaping @Sendable (String) -> Void,
    isReady: @escaping @Sendable () -> Bool, metrics: @escaping @Sendable () async -> String
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
          try pipeline.addHandler(ProbeHandler(isReady: isReady, metrics: metrics))
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

  private struct Answer {
    var status = HTTPResponseStatus.ok
    var contentType = "text/plain; charset=utf-8"
    var text: String
  }

  private let isReady: @Sendable () -> Bool
  private let metrics: @Sendable () async -> String
  private var request: HTTPRequestHead?

  init(
    isReady: @escaping @Sendable () -> Bool, metrics: @escaping @Sendable () async -> String
  ) {
    self.isReady = isReady
    self.metrics = metrics
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
    guard request.method == .GET || request.method == .HEAD else {
      return send(Answer(status: .methodNotAllowed, text: "expected GET\n"), to: request, context)
    }
    switch request.uri.prefix(while: { $0 != "?" }) {
    case "/livez": send(Answer(text: "ok\n"), to: request, context)
    case "/readyz":
      let answer =
        isReady()
        ? Answer(text: "ok\n") : Answer(status: .serviceUnavailable, text: "not serving\n")
      send(answer, to: request, context)
    case "/metrics": sendMetrics(to: request, context)
    default:
      let text = "expected /livez, /readyz or /metrics\n"
      send(Answer(status: .notFound, text: text), to: request, context)
    }
  }

  /// Later, when all event loops have been asked; the pipeline holds the next request back.
  private func sendMetrics(to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let page = context.eventLoop.makeFutureWithTask { [metrics] in await metrics() }
    page.assumeIsolated().whenSuccess { text in
      let answer = Answer(contentType: MetricsText.contentType, text: text)
      self.send(answer, to: request, context)
    }
  }

  private func send(
    _ answer: Answer, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    let body = ByteBuffer(string: answer.text)
    var headers: HTTPHeaders = [
      "content-type": answer.contentType, "content-length": "\(body.readableBytes)",
    ]
    if answer.status == .methodNotAllowed { headers.add(name: "allow", value: "GET, HEAD") }
    let head = HTTPResponseHead(version: request.version, status: answer.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let keepsAlive = request.isKeepAlive
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepsAlive { written.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
