internal import NIOCore
internal import Storage
internal import Synchronization

/// Lets one of several calls with the same request_id work at a time: the others wait for its
/// answer, which they then get too. Without this a retry that overtakes its first try would do
/// what costs most a second time, only to find it done.
final class RequestsInFlight: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    /// Who waits, in order, for each request that is worked on.
    var waiters: [ReplayKey: [Waiter]] = [:]
    var lastID: UInt64 = 0
  }

  private let state = Mutex(State())

  init() {}

  /// Runs `body` once no other call works on the request.
  ///
  /// - Parameter deadline: when the caller stops waiting.
  /// - Throws: ``Refusal/requestInFlight`` shortly before the deadline, so that the caller gets to
  ///   know it, `CancellationError`, or what `body` throws.
  func alone<Result>(
    _ key: ReplayKey, until deadline: NIODeadline?, _ body: () async throws -> Result
  ) async throws -> Result {
    try await enter(key, until: deadline)
    defer { leave(key) }
    return try await body()
  }

  private func enter(_ key: ReplayKey, until deadline: NIODeadline?) async throws {
    let id: UInt64? = state.withLock { state in
      guard state.waiters[key] != nil else {
        state.waiters[key] = []
        return nil
      }
      state.lastID += 1
      return state.lastID
    }
    guard let id else { return }
    let timer = deadline.map { deadline in
      Task {
        let left = (deadline - .now()).nanoseconds
        try await Task.sleep(for: .nanoseconds(Self.patience(of: left)))
        self.dismiss(id, key, Refusal.requestInFlight)
      }
    }
    defer { timer?.cancel() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { place(Waiter(id: id, continuation: $0), key) }
    } onCancel: {
      dismiss(id, key, CancellationError())
    }
  }

  /// Nine tenths of the nanoseconds that are left, and more of a long time.
  static func patience(of left: Int64) -> Int64 {
    let left = max(0, left)
    return left - min(left / 10, Limits.inFlightAnswerNanoseconds)
  }

  private func place(_ waiter: Waiter, _ key: ReplayKey) {
    let (isCancelled, mayEnter) = state.withLock { state in
      // Under the lock, so that a cancellation is either seen here or finds the waiter.
      if Task.isCancelled { return (true, false) }
      guard state.waiters[key] != nil else {
        // The other call has ended meanwhile.
        state.waiters[key] = []
        return (false, true)
      }
      state.waiters[key]?.append(waiter)
      return (false, false)
    }
    if isCancelled {
      waiter.continuation.resume(throwing: CancellationError())
    } else if mayEnter {
      waiter.continuation.resume()
    }
  }

  private func dismiss(_ id: UInt64, _ key: ReplayKey, _ error: any Error) {
    let waiter = state.withLock { state in
      state.waiters[key]?.firstIndex { $0.id == id }.flatMap {
        state.waiters[key]?.remove(at: $0)
      }
    }
    waiter?.continuation.resume(throwing: error)
  }

  private func leave(_ key: ReplayKey) {
    let next = state.withLock { state -> Waiter? in
      guard state.waiters[key]?.isEmpty == false else {
        state.waiters[key] = nil
        return nil
      }
      return state.waiters[key]?.removeFirst()
    }
    next?.continuation.resume()
  }
}
