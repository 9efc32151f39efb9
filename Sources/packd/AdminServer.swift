internal import HTTP2
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Answers an orchestrator's questions over HTTP/1.1: /livez, whether the process runs, /readyz,
/// whether it serves, and /metrics, what it has counted.
struct AdminServer: Sendable {
  /// Open connections; for one more the oldest is closed, so that a probe always comes through.
  private static let maxConnections = 256
  /// A connection that has not brought another whole request by then, is closed.
  fileprivate static let requestTimeout = TimeAmount.seconds(30)

  private let channel: any Channel

  /// Listens at `address`; `isReady` is asked at each /readyz, `metrics` at each /metrics.
  init(
    group: any EventLoopGroup, address: ListenAddress,
    reportShortage: @escaping @Sendable (String) -> Void,
    isReady: @escaping @Sendable () -> Bool, metrics: @escaping @Sendable () async -> String
  ) async throws {
    let open = OpenChannels(limit: Self.maxConnections)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(report: reportShortage))
        }
      }
      .childChannelInitializer { channel in
        open.add(channel)
        channel.closeFuture.whenComplete { _ in open.remove(channel) }
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          // A client that does not read its answers is not read from either.
          try pipeline.addHandler(BackPressureHandler())
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(ProbeHandler(isReady: isReady, metrics: metrics))
        }
      }
    channel =
      switch (address.socket, address.address) {
      case (let socket?, _): try await bootstrap.withBoundSocket(socket).get()
      case (nil, .tcp(let host, let port)): try await bootstrap.bind(host: host, port: port).get()
      case (nil, .unix(let path)): try await bootstrap.bind(unixDomainSocketPath: path).get()
      }
  }

  func close() async {
    try? await channel.close()
  }
}

/// The channels that are open, oldest first.
private final class OpenChannels: Sendable {
  private let limit: Int
  private let channels = Mutex<[any Channel]>([])

  init(limit: Int) {
    self.limit = limit
  }

  /// Makes room for it, if need be.
  func add(_ channel: any Channel) {
    let oldest: (any Channel)? = channels.withLock {
      $0.append(channel)
      return $0.count > limit ? $0.removeFirst() : nil
    }
    oldest?.close(promise: nil)
  }

  func remove(_ channel: any Channel) {
    channels.withLock { $0.removeAll { $0 === channel } }
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
  private var timeout: Scheduled<Void>?

  init(
    isReady: @escaping @Sendable () -> Bool, metrics: @escaping @Sendable () async -> String
  ) {
    self.isReady = isReady
    self.metrics = metrics
  }

  func handlerAdded(context: ChannelHandlerContext) {
    awaitRequest(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timeout?.cancel()
  }

  /// However slowly it comes: a single byte now and then is no request.
  private func awaitRequest(_ context: ChannelHandlerContext) {
    timeout?.cancel()
    timeout = context.eventLoop.assumeIsolated().scheduleTask(in: AdminServer.requestTimeout) {
      context.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body: break
    case .end:
      if let request { answer(request, context) }
      request = nil
      awaitRequest(context)
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

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
