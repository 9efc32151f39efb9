internal import Synchronization
internal import Threads

/// Talks to other servers, each time on a thread of its own that lasts for the transfer: libcurl
/// blocks, which neither an event loop nor Swift's pool may do. Nothing waits here: how many there
/// are at a time is for those to bound who ask for them.
package enum Transfers {
  /// The server's answer, whatever its status. Nothing is sent to a URL that is neither https nor
  /// http of this machine; redirects are answers like others.
  ///
  /// A caller's cancellation ends the transfer within about a second, and is a failure like
  /// others.
  package static func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
    try await run { isCancelled throws(TransferError) in
      let handle = try EasyHandle(
        timeouts: request.timeouts, maxBodyBytes: request.maxResponseBytes,
        isCancelled: isCancelled)
      return try handle.perform(request)
    }
  }

  /// What the server made of the mail; a failure when it came to no reply that says so.
  package static func send(_ message: SMTPMessage) async throws(TransferError) -> SMTPOutcome {
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

  private static func run<Answer: Sendable>(
    _ transfer:
      @escaping @Sendable (
        _ isCancelled: @escaping @Sendable () -> Bool
      ) throws(TransferError) -> Answer
  ) async throws(TransferError) -> Answer {
    guard !Task.isCancelled else { throw TransferError(progress: .notSent, reason: "cancelled") }
    let cancellation = Cancellation()
    let isCancelled: @Sendable () -> Bool = {
      cancellation.isCancelled.load(ordering: .relaxed)
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<Answer, TransferError>, Never>) in
        let isStarted = OwnThread.start {
          continuation.resume(
            returning: Result { () throws(TransferError) in try transfer(isCancelled) })
        }
        guard !isStarted else { return }
        continuation.resume(
          returning: .failure(TransferError(progress: .notSent, reason: "no thread")))
      }
    } onCancel: {
      cancellation.isCancelled.store(true, ordering: .relaxed)
    }
    return try result.get()
  }
}
