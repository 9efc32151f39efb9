/// What the connections of one event loop share; touched nowhere else.
final class LoopState {
  let limits: Limits
  /// Shared by all loops.
  let budget: MemoryBudget
  let connectionEnded: @Sendable (EndedConnection) -> Void
  var counters = ConnectionCounters()

  init(
    limits: Limits, budget: MemoryBudget,
    connectionEnded: @escaping @Sendable (EndedConnection) -> Void
  ) {
    self.limits = limits
    self.budget = budget
    self.connectionEnded = connectionEnded
  }
}
