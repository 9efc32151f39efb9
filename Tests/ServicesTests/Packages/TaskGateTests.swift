internal import Synchronization
internal import Testing

@testable internal import Services

@Suite struct TaskGateTests {
  @Test("no more tasks than there is room for run at a time, and all run in the end")
  func limit() async throws {
    let gate = TaskGate(limit: 3)
    let running = Running()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          try await gate.run {
            running.begin()
            for _ in 0..<5 { await Task.yield() }
            running.end()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(running.most == 3)
    #expect(running.done == 200)
  }

  @Test("one that is cancelled as it waits gives way to the next")
  func cancelled() async throws {
    let gate = TaskGate(limit: 1)
    let (opened, door) = AsyncStream.makeStream(of: Void.self)
    let (entered, inside) = AsyncStream.makeStream(of: Void.self)
    let first = Task {
      try await gate.run {
        inside.finish()
        for await _ in opened {}
      }
    }
    for await _ in entered {}
    let second = Task { try await gate.run { Issue.record("it was cancelled") } }
    let third = Task { try await gate.run { 3 } }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    door.finish()
    try await first.value
    #expect(try await third.value == 3)
    #expect(try await gate.run { 4 } == 4)
  }
}

/// How many run, and how many have.
private final class Running: Sendable {
  private let counts = Mutex((now: 0, most: 0, done: 0))

  var most: Int { counts.withLock { $0.most } }
  var done: Int { counts.withLock { $0.done } }

  func begin() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func end() {
    counts.withLock { counts in
      counts.now -= 1
      counts.done += 1
    }
  }
}
