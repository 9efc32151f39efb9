internal import Glibc
package import NIOCore
internal import NIOPosix
internal import Synchronization

/// Accepts connections on one or more addresses and drains them at the end.
package final class Listener: Sendable {
  /// Where to listen.
  package enum Address: Sendable, Equatable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    package var description: String {
      switch self {
      case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      case .unix(let path): "unix:\(path)"
      }
    }
  }

  private let group: any EventLoopGroup
  private let loops: [ObjectIdentifier: NIOLoopBoundBox<LoopState>]
  private let reportShortage: @Sendable (String) -> Void
  private let makeHandler: @Sendable (any EventLoop) -> any StreamHandler
  private let state: Mutex<State>

  private struct State {
    var limits: Limits
    var listening: [any Channel] = []
    var socketFiles: [SocketFile] = []
    var connections: [ObjectIdentifier: any Channel] = [:]
    var counts: ConnectionCounts
    var drained: [CheckedContinuation<Void, Never>] = []
    var isDraining = false
  }

  /// - Parameters:
  ///   - reportShortage: told what is short when connections cannot be accepted for a while.
  ///   - connectionEnded: told of each connection, on its event loop.
  ///   - makeHandler: makes the handler of a pooled stream, on that event loop.
  package init(
    group: any EventLoopGroup, limits: Limits,
    reportShortage: @escaping @Sendable (String) -> Void,
    connectionEnded: @escaping @Sendable (EndedConnection) -> Void,
    makeHandler: @escaping @Sendable (any EventLoop) -> any StreamHandler
  ) {
    self.group = group
    let budget = MemoryBudget(bytes: limits.maxBufferedRequestBytes)
    var loops: [ObjectIdentifier: NIOLoopBoundBox<LoopState>] = [:]
    for eventLoop in group.makeIterator() {
      loops[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(
        LoopState(
          eventLoop: eventLoop, limits: limits, budget: budget, report: connectionEnded),
        eventLoop: eventLoop)
    }
    self.loops = loops
    for loop in loops.values { loop.eventLoop.execute { loop.value.takeTurns() } }
    self.state = Mutex(State(limits: limits, counts: ConnectionCounts(limits)))
    self.reportShortage = reportShortage
    self.makeHandler = makeHandler
  }

  /// Starts to accept on `address`; returns the address with the port that was bound.
  ///
  /// - Parameters:
  ///   - socket: one that listens at `address` already, as a service manager hands it over. It is
  ///     taken over; a Unix socket's file stays the manager's.
  ///   - tls: nil for plaintext.
  package func listen(
    _ address: Address, on socket: CInt? = nil, tls: ServerTLS? = nil
  ) async throws -> Address {
    let bootstrap = bootstrap(tls)
    let channel: any Channel
    switch address {
    case .tcp(let host, let port):
      let bootstrap = bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      channel = try await Self.bind(bootstrap, socket) { bootstrap.bind(host: host, port: port) }
    case .unix(let path):
      if socket == nil { try SocketFile.clear(path) }
      channel = try await Self.bind(bootstrap, socket) {
        bootstrap.bind(unixDomainSocketPath: path)
      }
      let file = socket == nil ? SocketFile(boundTo: path) : nil
      state.withLock { $0.socketFiles += [file].compactMap(\.self) }
    }
    state.withLock { $0.listening.append(channel) }
    if case .tcp(let host, _) = address {
      return .tcp(host: host, port: channel.localAddress?.port ?? 0)
    }
    return address
  }

  private static func bind(
    _ bootstrap: ServerBootstrap, _ socket: CInt?, _ bind: () -> EventLoopFuture<any Channel>
  ) async throws -> any Channel {
    guard let socket else { return try await bind().get() }
    let channel = try await bootstrap.withBoundSocket(socket).get()
    // NIO has set a backlog of its own.
    _ = Glibc.listen(socket, backlog)
    return channel
  }

  private static let backlog: CInt = 4096

  private func bootstrap(_ tls: ServerTLS?) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { [reportShortage] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(report: reportShortage))
        }
      }
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try accept(channel, tls) }
      }
  }

  private func accept(_ channel: any Channel, _ tls: ServerTLS?) throws {
    guard let loop = loops[ObjectIdentifier(channel.eventLoop)]?.value else {
      preconditionFailure("an event loop that is not of the listener's group")
    }
    let acceptTime = channel.eventLoop.now
    loop.counters.opened()
    loop.giveWay()
    let network = ClientNetwork(channel.remoteAddress)
    if let refusal = admit(channel, network) {
      let peer = Connection.Peer.address(of: channel)
      channel.close(promise: nil)
      loop.ended(ConnectionState.Ending(reason: refusal), peer: peer, duration: .zero)
      return
    }
    channel.closeFuture.whenComplete { [self] _ in forget(channel, network) }
    let limits = loop.limits
    try channel.syncOptions?.setOption(
      .recvAllocator,
      value: AdaptiveRecvByteBufferAllocator(
        minimum: 1024, initial: 2048, maximum: limits.maxReadBytes))
    try channel.syncOptions?.setOption(
      .writeBufferWaterMark,
      value: .init(low: limits.outputLowWaterBytes, high: limits.outputHighWaterBytes))
    if let tls {
      try tls.secure(channel, acceptTime: acceptTime, loop: loop) { [self] identity in
        connection(channel, loop, identity, isSecured: true, acceptTime)
      }
    } else {
      try channel.pipeline.syncOperations.addHandler(
        connection(channel, loop, nil, isSecured: false, acceptTime))
    }
  }

  private func connection(
    _ channel: any Channel, _ loop: LoopState, _ identity: ServerTLS.Identity?, isSecured: Bool,
    _ acceptTime: NIODeadline
  ) -> Connection {
    let eventLoop = channel.eventLoop
    return Connection(
      channel: channel, loop: loop, identity: identity, isSecured: isSecured,
      acceptTime: acceptTime
    ) { [makeHandler] in makeHandler(eventLoop) }
  }

  /// Holds new connections to these limits.
  package func install(_ limits: Limits) {
    state.withLock {
      $0.limits = limits
      $0.counts.install(limits)
    }
    for loop in loops.values { loop.eventLoop.execute { loop.value.limits = limits } }
  }

  /// Why the connection is not served; nil when it is.
  private func admit(_ channel: any Channel, _ network: ClientNetwork) -> CloseReason? {
    state.withLock {
      if $0.isDraining { return .drained }
      if let limit = $0.counts.admit(network) { return .exceeded(limit) }
      $0.connections[ObjectIdentifier(channel)] = channel
      return nil
    }
  }

  private func forget(_ channel: any Channel, _ network: ClientNetwork) {
    let waiting = state.withLock { state in
      state.connections[ObjectIdentifier(channel)] = nil
      state.counts.release(network)
      guard state.connections.isEmpty else { return [CheckedContinuation<Void, Never>]() }
      defer { state.drained = [] }
      return state.drained
    }
    for continuation in waiting { continuation.resume() }
  }

  /// What has happened on all connections since the start.
  package func counters() async -> ConnectionCounters {
    var sum = ConnectionCounters()
    for (_, loop) in loops {
      // Fails when the loop has been shut down; nothing is counted there any more.
      if let counters = try? await loop.eventLoop.submit({ loop.value.counters }).get() {
        sum += counters
      }
    }
    return sum
  }

  /// How long a drain takes at most.
  package var drainGraceSeconds: Int { state.withLock { $0.limits.drainGraceSeconds } }

  /// Stops accepting, lets running calls finish, and returns when every connection is gone or
  /// the grace is over; what is left then is closed.
  package func drain() async {
    let (listening, files, connections, limits) = state.withLock {
      $0.isDraining = true
      return ($0.listening, $0.socketFiles, Array($0.connections.values), $0.limits)
    }
    // The files first: whoever finds none knows that nobody listens.
    for file in files { file.remove() }
    for channel in listening { try? await channel.close() }
    for channel in connections {
      channel.pipeline.fireUserInboundEventTriggered(Connection.DrainEvent())
    }
    let grace = group.next().scheduleTask(in: .seconds(Int64(limits.drainGraceSeconds))) { [self] in
      for channel in state.withLock({ Array($0.connections.values) }) {
        channel.pipeline.fireUserInboundEventTriggered(Connection.GraceOverEvent())
      }
    }
    await withCheckedContinuation { continuation in
      let isDone = state.withLock {
        if $0.connections.isEmpty { return true }
        $0.drained.append(continuation)
        return false
      }
      if isDone { continuation.resume() }
    }
    grace.cancel()
  }
}
