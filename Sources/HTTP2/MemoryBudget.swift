internal import Synchronization

/// Bytes that all connections share. Taken in large pieces, and only by those that need more
/// than most, so that cores do not meet here.
final class MemoryBudget: Sendable {
  private let rest: Atomic<Int>

  init(bytes: Int) {
    rest = Atomic(bytes)
  }

  /// False when that much is not left; nothing is taken then.
  func take(_ bytes: Int) -> Bool {
    if rest.subtract(bytes, ordering: .relaxed).newValue >= 0 { return true }
    give(bytes)
    return false
  }

  func give(_ bytes: Int) {
    rest.add(bytes, ordering: .relaxed)
  }
}
