internal import NIOCore

/// What the connections of one event loop share; touched nowhere else.
final class LoopState {
  /// Those that new connections are held to.
  var limits: Limits {
    didSet { sessionOptions = SessionOptions(limits) }
  }
  /// Shared by all loops.
  let budget: MemoryBudget
  private(set) var sessionOptions: SessionOptions
  var counters = ConnectionCounters()
  private let eventLoop: any EventLoop
  private let report: @Sendable (EndedConnection) -> Void
  /// Those whose age is looked at. A timer for each would be dear: an event loop looks through
  /// all its timers when one of them, such as a call's deadline, is stopped.
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var isLooking = false
  private var turns: ProcessorTurns?

  private static let lookInterval = TimeAmount.seconds(1)

  /// - Parameter report: told of each connection that ends.
  init(
    eventLoop: any EventLoop, limits: Limits, budget: MemoryBudget,
    report: @escaping @Sendable (EndedConnection) -> Void
  ) {
    self.eventLoop = eventLoop
    self.limits = limits
    self.budget = budget
    self.sessionOptions = SessionOptions(limits)
    self.report = report
  }

  /// On the loop's own thread, before it serves.
  func takeTurns() { turns = ProcessorTurns() }

  /// There is more to do at once: other threads, such as other loops', may go first.
  func giveWay() { turns?.giveWay() }

  /// A connection serves, until it is removed.
  func add(_ connection: Connection) {
    connections[ObjectIdentifier(connection)] = connection
    if !isLooking { lookLater() }
  }

  func remove(_ connection: Connection) {
    connections[ObjectIdentifier(connection)] = nil
  }

  private func lookLater() {
    isLooking = !connections.isEmpty
    guard isLooking else { return }
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(in: Self.lookInterval) {
      let loop = bound.value
      let now = loop.eventLoop.now
      // One that ends removes itself.
      for connection in Array(loop.connections.values) { connection.lookAtAge(now) }
      loop.lookLater()
    }
  }

  /// A connection that was counted as opened has ended, `duration` later.
  func ended(
    _ ending: ConnectionState.Ending, peer: String, duration: TimeAmount, streams: Int = 0
  ) {
    counters.closed(ending.reason)
    report(
      EndedConnection(
        reason: ending.reason, words: ending.words, peer: peer, duration: duration,
        streams: streams))
  }
}
