internal import Storage
internal import Synchronization

/// A caller's body on its way to a thread that has a transaction for it.
struct Job<Transaction>: Sendable {
  /// Runs the body.
  let run: @Sendable (Transaction) -> Outcome
  /// Tells the caller that its body did not run.
  let refuse: @Sendable (any Error) -> Void
  let cancellation: Cancellation

  /// What a body came to, to be told to its caller once that is settled.
  struct Outcome {
    var threw: Bool
    /// Resumes the caller: with the body's result or error, or with an error of the transaction,
    /// which overrules both, for then the body may have seen what is not there.
    var settle: @Sendable (StorageError?) -> Void
  }

  init<Result: Sendable>(
    _ continuation: CheckedContinuation<Result, any Error>, _ cancellation: Cancellation,
    _ body: @escaping @Sendable (Transaction) throws -> Result
  ) {
    self.cancellation = cancellation
    refuse = { continuation.resume(throwing: $0) }
    run = { transaction in
      do {
        let result = try body(transaction)
        return Outcome(threw: false) { error in
          if let error {
            continuation.resume(throwing: error)
          } else {
            continuation.resume(returning: result)
          }
        }
      } catch {
        let thrown = error
        return Outcome(threw: true) { continuation.resume(throwing: $0 ?? thrown) }
      }
    }
  }
}

/// Whether the caller's task was cancelled.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  var isCancelled: Bool { flag.load(ordering: .relaxed) }

  func cancel() {
    flag.store(true, ordering: .relaxed)
  }
}
