internal import NIOCore

/// What the connections of one event loop share; touched nowhere else.
final class LoopState {
  /// Those that new connections are held to.
  var limits: Limits
  /// Shared by all loops.
  let budget: MemoryBudget
  var counters = ConnectionCounters()
  private let report: @Sendable (EndedConnection) -> Void

  /// - Parameter report: told of each connection that ends.
  init(
    limits: Limits, budget: MemoryBudget, report: @escaping @Sendable (EndedConnection) -> Void
  ) {
    self.limits = limits
    self.budget = budget
    self.report = report
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
