internal import Synchronization
internal import Testing

@testable internal import Services

@Suite struct TaskGateTests {
  @Test("no more tasks than there is room for run at a time, and all run in the end")
  func limit() async throws {
    let gate = TaskGate(limit: 3)
    let running = Mutex((now: 0, most: 0, done: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          try await gate.run {
            running.withLock {
              $0.now += 1
              $0.most = max($0.most, $0.now)
            }
            for _ in 0..<5 { await Task.yield() }
            running.withLock {
              $0.now -= 1
              $0.done += 1
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(running.withLock { $0.most } == 3)
    #expect(running.withLock { $0.done } == 200)
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
