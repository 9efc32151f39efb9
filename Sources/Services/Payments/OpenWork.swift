internal import Storage
internal import Synchronization

/// Counts what must come to its end before the store is closed.
final class OpenWork: Sendable {
  private struct State {
    /// What ends each, once it can be ended.
    var cancellations: [Int: (@Sendable () -> Void)?] = [:]
    var lastNumber = 0
    var isCutShort = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Runs `body` to its end in a task of its own, whatever becomes of the caller's.
  func carryThrough<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await begin(body).value
  }

  /// The same for a caller that does not wait.
  @discardableResult
  func begin<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) -> Task<Result, any Error> {
    let number = state.withLock { state in
      state.lastNumber += 1
      state.cancellations[state.lastNumber] = .some(nil)
      return state.lastNumber
    }
    let task = Task {
      defer { end(number) }
      return try await body()
    }
    let isCutShort = state.withLock { state in
      if state.cancellations[number] != nil { state.cancellations[number] = { task.cancel() } }
      return state.isCutShort
    }
    if isCutShort { task.cancel() }
    return task
  }

  /// Cancels what is at work, and what will be.
  func cutShort() {
    let cancellations = state.withLock { state in
      state.isCutShort = true
      return state.cancellations.values.compactMap(\.self)
    }
    for cancel in cancellations { cancel() }
  }

  /// Returns once nothing is at work.
  func finish() async {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        let isIdle = state.cancellations.isEmpty
        if !isIdle { state.waiters.append(continuation) }
        return isIdle
      }
      if isIdle { continuation.resume() }
    }
  }

  private func end(_ number: Int) {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.cancellations[number] = nil
      guard state.cancellations.isEmpty else { return [] }
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
