internal import Synchronization

/// Lets so many tasks through at a time; the others wait, in the order in which they came.
final class TaskGate: Sendable {
  fileprivate struct State {
    var free: Int
    /// In order; those before `first`, and those without a continuation, wait no more.
    var queue: [Waiter] = []
    var first = 0
  }

  /// Unchecked: touched under the gate's lock only.
  fileprivate final class Waiter: @unchecked Sendable {
    var continuation: UnsafeContinuation<Bool, Never>?
    var isCancelled = false
  }

  private let state: Mutex<State>

  init(limit: Int) {
    state = Mutex(State(free: limit))
  }

  /// Runs `body` once there is room.
  /// - Throws: what `body` throws, or CancellationError when the task is cancelled as it waits.
  func run<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await enter()
    defer { leave() }
    return try await body()
  }

  private func enter() async throws {
    if state.withLock({ $0.take() }) { return }
    let waiter = Waiter()
    let isIn = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isIn: Bool? = state.withLock { state in
          if waiter.isCancelled { return false }
          if state.take() { return true }
          waiter.continuation = continuation
          state.queue.append(waiter)
          return nil
        }
        if let isIn { continuation.resume(returning: isIn) }
      }
    } onCancel: {
      let continuation = state.withLock { _ in
        waiter.isCancelled = true
        defer { waiter.continuation = nil }
        return waiter.continuation
      }
      continuation?.resume(returning: false)
    }
    guard isIn else { throw CancellationError() }
  }

  private func leave() {
    let next = state.withLock { $0.hand() }
    next?.resume(returning: true)
  }
}

extension TaskGate.State {
  fileprivate mutating func take() -> Bool {
    guard free > 0 else { return false }
    free -= 1
    return true
  }

  /// Gives the place of one that leaves to the next that waits.
  fileprivate mutating func hand() -> UnsafeContinuation<Bool, Never>? {
    while first < queue.count {
      let waiter = queue[first]
      first += 1
      // The queue may never run empty: those who are through go in bulk, each moved seldom.
      if first >= 64, first * 2 >= queue.count {
        queue.removeFirst(first)
        first = 0
      }
      if let continuation = waiter.continuation {
        waiter.continuation = nil
        return continuation
      }
    }
    queue.removeAll(keepingCapacity: true)
    first = 0
    free += 1
    return nil
  }
}
