internal import Synchronization

/// Talks to other servers, on threads of its own: libcurl blocks, which neither an event loop nor
/// Swift's pool may do. A thread lasts for as long as there is something to transfer; so many
/// transfers are under way at a time, and so many wait. Beyond that they fail at once, unsent.
package final class Transfers: Sendable {
  private struct State {
    var running = 0
    var waiting: [Job] = []
  }

  /// Runs the transfer, or says why it cannot.
  private typealias Job = @Sendable (_ refusal: String?) -> Void

  private let maxRunning: Int
  private let maxWaiting: Int
  private let state = Mutex(State())

  package init(maxRunning: Int, maxWaiting: Int) {
    self.maxRunning = maxRunning
    self.maxWaiting = maxWaiting
  }

  /// The server's answer, whatever its status. Nothing is sent to a URL that is neither https nor
  /// http of this machine; redirects are answers like others.
  ///
  /// A caller's cancellation ends the transfer within about a second, and is a failure like
  /// others.
  package func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
    try await run { isCancelled throws(TransferError) in
      let handle = try EasyHandle(
        timeouts: request.timeouts, maxBodyBytes: request.maxResponseBytes,
        isCancelled: isCancelled)
      return try handle.perform(request)
    }
  }

  /// What the server made of the mail; a failure when it came to no reply that says so.
  package func send(_ message: SMTPMessage) async throws(TransferError) -> SMTPOutcome {
    try await run { isCancelled throws(TransferError) in
      let handle = try EasyHandle(
        timeouts: message.timeouts, maxBodyBytes: 0, isCancelled: isCancelled)
      return try handle.perform(message)
    }
  }

  // MARK: Threads

  private final class Cancellation: Sendable {
    let isCancelled = Atomic(false)
  }

  private func run<Answer: Sendable>(
    _ transfer:
      @escaping @Sendable (
        _ isCancelled: @escaping @Sendable () -> Bool
      ) throws(TransferError) -> Answer
  ) async throws(TransferError) -> Answer {
    let cancellation = Cancellation()
    let isCancelled: @Sendable () -> Bool = {
      cancellation.isCancelled.load(ordering: .relaxed)
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<Answer, TransferError>, Never>) in
        begin { refusal in
          if let refusal = refusal ?? (isCancelled() ? "cancelled" : nil) {
            continuation.resume(
              returning: .failure(TransferError(progress: .notSent, reason: refusal)))
            return
          }
          continuation.resume(
            returning: Result { () throws(TransferError) in try transfer(isCancelled) })
        }
      }
    } onCancel: {
      cancellation.isCancelled.store(true, ordering: .relaxed)
    }
    return try result.get()
  }

  private func begin(_ job: @escaping Job) {
    enum Place { case running, waiting, none }
    let place: Place = state.withLock { state in
      if state.running < maxRunning {
        state.running += 1
        return .running
      }
      guard state.waiting.count < maxWaiting else { return .none }
      state.waiting.append(job)
      return .waiting
    }
    switch place {
    case .waiting: break
    case .none: job("too many transfers")
    case .running:
      let isStarted = TransferThread.start { [self] in
        var next: Job? = job
        while let job = next {
          job(nil)
          next = take()
        }
      }
      guard !isStarted else { return }
      for job in [job] + withoutThread() { job("no thread") }
    }
  }

  /// The jobs that nobody is left to do, as a thread could not be started.
  private func withoutThread() -> [Job] {
    state.withLock { state in
      state.running -= 1
      guard state.running == 0 else { return [] }
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  /// The next job, for a thread that has done one; nil ends the thread.
  private func take() -> Job? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.running -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}
