internal import NIOCore
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

@Suite("RequestsInFlight")
struct RequestsInFlightTests {
  private let key = ReplayKey(caller: "c", method: "m", requestID: "\u{e9}")

  /// A call that is at work until it is told to end.
  private final class Worker: Sendable {
    let (started, startContinuation) = AsyncStream.makeStream(of: Void.self)
    let (end, endContinuation) = AsyncStream.makeStream(of: Void.self)

    func work() async {
      startContinuation.finish()
      for await _ in end {}
    }

    func hasStarted() async { for await _ in started {} }
    func finish() { endContinuation.finish() }
  }

  private final class Running: Sendable {
    private let counts = Mutex((now: 0, most: 0, done: 0))

    var most: Int { counts.withLock { $0.most } }
    var done: Int { counts.withLock { $0.done } }

    func begin() {
      counts.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
    }

    func end() {
      counts.withLock {
        $0.now -= 1
        $0.done += 1
      }
    }
  }

  @Test("calls of one request go one after the other, others beside them")
  func order() async throws {
    let inFlight = RequestsInFlight()
    let running = Running()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask { [key] in
          try await inFlight.alone(key, until: nil) {
            running.begin()
            await Task.yield()
            running.end()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(running.most == 1 && running.done == 50)
    let worker = Worker()
    async let first: Void = inFlight.alone(key, until: nil) { await worker.work() }
    await worker.hasStarted()
    // The last is canonically equivalent, and another.
    for name in ["e", "e\u{301}"] {
      let other = ReplayKey(caller: key.caller, method: key.method, requestID: name)
      #expect(try await inFlight.alone(other, until: nil) { 7 } == 7)
    }
    worker.finish()
    try await first
  }

  @Test("who would wait beyond the deadline is told before it")
  func deadline() async throws {
    let inFlight = RequestsInFlight()
    let worker = Worker()
    async let first: Void = inFlight.alone(key, until: nil) { await worker.work() }
    await worker.hasStarted()
    let second: Int64 = 1_000_000_000
    for (left, patience) in [
      (-second, 0), (0, 0), (second, second / 10 * 9), (60 * second, 60 * second - second / 2),
    ] {
      #expect(RequestsInFlight.patience(of: left) == patience)
    }
    let deadline = NIODeadline.now() + .milliseconds(300)
    await #expect(throws: Refusal.requestInFlight) {
      try await inFlight.alone(key, until: deadline) { Issue.record("was let in") }
    }
    worker.finish()
    try await first
    // Nobody is left behind.
    #expect(try await inFlight.alone(key, until: .now()) { 7 } == 7)
  }

  @Test("who is cancelled stops waiting, and one that fails lets the next in")
  func cancellation() async throws {
    struct Failure: Error {}
    let inFlight = RequestsInFlight()
    let worker = Worker()
    let first = Task {
      try await inFlight.alone(key, until: nil) {
        await worker.work()
        throw Failure()
      }
    }
    await worker.hasStarted()
    let cancelled = Task {
      try await inFlight.alone(key, until: nil) { Issue.record("was let in") }
    }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    let next = Task { try await inFlight.alone(key, until: nil) { 7 } }
    worker.finish()
    await #expect(throws: Failure.self) { try await first.value }
    #expect(try await next.value == 7)
  }
}
