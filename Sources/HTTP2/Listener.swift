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
  private let limits: Limits
  private let loops: [ObjectIdentifier: NIOLoopBoundBox<LoopState>]
  private let reportShortage: @Sendable (String) -> Void
  private let makeHandler: @Sendable (any EventLoop) -> any StreamHandler
  private let state: Mutex<State>

  private struct State {
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
    self.limits = limits
    let budget = MemoryBudget(bytes: limits.maxBufferedRequestBytes)
    var loops: [ObjectIdentifier: NIOLoopBoundBox<LoopState>] = [:]
    for eventLoop in group.makeIterator() {
      loops[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(
        LoopState(limits: limits, budget: budget, connectionEnded: connectionEnded),
        eventLoop: eventLoop)
    }
    self.loops = loops
    self.state = Mutex(
      State(
        counts: ConnectionCounts(
          maxConnections: limits.maxConnections,
          maxConnectionsPerSource: limits.maxConnectionsPerAddress)))
    self.reportShortage = reportShortage
    self.makeHandler = makeHandler
  }

  /// Starts to accept on `address`; returns the address with the port that was bound.
  package func listen(_ address: Address) async throws -> Address {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { [reportShortage] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(report: reportShortage))
        }
      }
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(
        .writeBufferWaterMark,
        value: .init(low: limits.outputLowWaterBytes, high: limits.outputHighWaterBytes)
      )
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try accept(channel) }
      }
    let channel: any Channel
    switch address {
    case .tcp(let host, let port):
      channel = try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .bind(host: host, port: port).get()
    case .unix(let path):
      try SocketFile.clear(path)
      channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
      let file = SocketFile(boundTo: path)
      state.withLock { $0.socketFiles += [file].compactMap(\.self) }
    }
    state.withLock { $0.listening.append(channel) }
    if case .tcp(let host, _) = address {
      return .tcp(host: host, port: channel.localAddress?.port ?? 0)
    }
    return address
  }

  private func accept(_ channel: any Channel) throws {
    let eventLoop = channel.eventLoop
    guard let loop = loops[ObjectIdentifier(eventLoop)]?.value else {
      preconditionFailure("an event loop that is not of the listener's group")
    }
    let key = ObjectIdentifier(channel)
    let source = channel.remoteAddress.flatMap(ConnectionCounts.Source.init)
    let refusal: CloseReason? = state.withLock {
      if $0.isDraining { return .drained }
      if let limit = $0.counts.admit(source) { return .exceeded(limit) }
      $0.connections[key] = channel
      return nil
    }
    if let refusal {
      refuse(channel, refusal, loop)
      return
    }
    channel.closeFuture.whenComplete { [self] _ in forget(key, source) }
    let connection = Connection(channel: channel, loop: loop) { [makeHandler] in
      makeHandler(eventLoop)
    }
    try channel.pipeline.syncOperations.addHandler(connection)
  }

  /// Closes it at once; it counts as a connection that has come and gone.
  private func refuse(_ channel: any Channel, _ reason: CloseReason, _ loop: LoopState) {
    let peer = channel.remoteAddress.map(Connection.describe) ?? "unknown"
    channel.close(promise: nil)
    loop.counters.opened()
    loop.counters.closed(reason)
    loop.connectionEnded(
      EndedConnection(reason: reason, words: "", peer: peer, duration: .zero, streams: 0))
  }

  private func forget(_ key: ObjectIdentifier, _ source: ConnectionCounts.Source?) {
    let waiting = state.withLock { state in
      state.connections[key] = nil
      state.counts.release(source)
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

  /// Stops accepting, lets running calls finish, and returns when every connection is gone or
  /// the grace is over; what is left then is closed.
  package func drain() async {
    let (listening, files, connections) = state.withLock {
      $0.isDraining = true
      return ($0.listening, $0.socketFiles, Array($0.connections.values))
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
