internal import Storage
internal import Synchronization

/// Counts what must come to its end before the store is closed.
final class OpenWork: Sendable {
  private struct State {
    var count = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Runs `body` to its end in a task of its own, whatever becomes of the caller's.
  func carryThrough<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    state.withLock { $0.count += 1 }
    let task = Task {
      defer { end() }
      return try await body()
    }
    return try await task.value
  }

  /// Returns once nothing is at work.
  func finish() async {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if state.count > 0 { state.waiters.append(continuation) }
        return state.count == 0
      }
      if isIdle { continuation.resume() }
    }
  }

  private func end() {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.count -= 1
      guard state.count == 0 else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}

/// The intents that this process is at work on, each in one place.
final class IntentsInHand: Sendable {
  private let ids = Mutex<Set<ULID>>([])

  /// Returns whether nobody else has it.
  func take(_ id: ULID) -> Bool { ids.withLock { $0.insert(id).inserted } }

  func release(_ id: ULID) { ids.withLock { _ = $0.remove(id) } }
}
