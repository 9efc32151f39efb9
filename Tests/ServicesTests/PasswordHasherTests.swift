internal import GRPC
internal import Logging
internal import Synchronization
internal import Testing

@testable internal import Services

@Suite("Password hasher", .timeLimit(.minutes(10)))
struct PasswordHasherTests {
  private static let cheap = Argon2.Cost(memoryKiB: 8, passes: 1)

  /// Holds computations back until it lets them pass, and counts how many run at once.
  private final class Gate: Sendable {
    private struct State {
      var permits = 0
      var inside = 0
      var mostInside = 0
    }
    private let state = Mutex(State())

    func pass() {
      state.withLock {
        $0.inside += 1
        $0.mostInside = max($0.mostInside, $0.inside)
      }
      while !take() { Self.nap() }
      // So that those who run at once are seen to.
      Self.nap()
      state.withLock { $0.inside -= 1 }
    }

    private func take() -> Bool {
      state.withLock {
        guard $0.permits > 0 else { return false }
        $0.permits -= 1
        return true
      }
    }

    func open() { open(for: 1000) }
    func open(for computations: Int) { state.withLock { $0.permits += computations } }
    var inside: Int { state.withLock(\.inside) }
    var mostInside: Int { state.withLock(\.mostInside) }

    private static func nap() {
      let clock = ContinuousClock()
      let end = clock.now + .milliseconds(1)
      while clock.now < end {}
    }
  }

  private final class Order: Sendable {
    private let indices = Mutex<[Int]>([])

    func append(_ index: Int) { indices.withLock { $0.append(index) } }
    var all: [Int] { indices.withLock { $0 } }
  }

  private func hasher(
    _ running: Int = 2, waiting: Int = 4, creations: Int = 100, perAccount: Int = 100,
    gate: Gate? = nil
  ) -> PasswordHasher {
    PasswordHasher(
      maxRunning: running,
      places: .init(all: waiting, creations: creations, creationsPerAccount: perAccount),
      cost: Self.cheap, computing: { gate?.pass() })
  }

  /// Waits until it is so; the suite's time limit ends what never will be.
  private func until(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test("a password is found by its hash, and no other")
  func roundTrip() async throws {
    let hasher = hasher()
    let hash = try await hasher.hash("correct horse battery", of: "a")
    #expect(hash.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
    #expect(try await hasher.verify("correct horse battery", against: hash))
    #expect(try await !hasher.verify("correct horse batterz", against: hash))
    #expect(try await !hasher.verify("", against: hash))
    #expect(try await !hasher.verify("correct horse battery\0", against: hash))
  }

  @Test("by default it costs 19 MiB, two passes and one lane")
  func standardCost() async throws {
    let hasher = PasswordHasher()
    let hash = try await hasher.hash("correct horse battery", of: "a")
    #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
    #expect(hash.utf8.count == 97)
    #expect(try await hasher.verify("correct horse battery", against: hash))
  }

  @Test("a hash of another cost is checked at its own")
  func otherCost() async throws {
    let old = PasswordHasher(cost: Argon2.Cost(memoryKiB: 16, passes: 3))
    let hash = try await old.hash("correct horse battery", of: "a")
    #expect(try await hasher().verify("correct horse battery", against: hash))
  }

  @Test("equal passwords have unequal hashes; the salts are those that the source gives")
  func salts() async throws {
    let hasher = hasher()
    let (one, other) = (
      try await hasher.hash("same", of: "a"), try await hasher.hash("same", of: "a")
    )
    #expect(one != other)
    let fixed = PasswordHasher(cost: Self.cheap, random: { 0x6161_6161_6161_6161 })
    #expect(
      try await fixed.hash("x", of: "a") == "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw")
  }

  @Test("who is unknown costs one computation, as who is known does, and is never let in")
  func unknown() async throws {
    let hasher = hasher()
    let hash = try await hasher.hash("correct horse battery", of: "a")
    let before = hasher.counts.started
    #expect(try await !hasher.verify("correct horse batterz", against: hash))
    #expect(hasher.counts.started == before + 1)
    #expect(try await !hasher.verify("correct horse battery", against: nil))
    #expect(hasher.counts.started == before + 2)
    #expect(try await !hasher.verify("", against: nil))
  }

  @Test("what was kept and is no hash is an error, not a mismatch")
  func malformed() async throws {
    await #expect(throws: Argon2.Failure.malformedHash) {
      _ = try await hasher().verify("correct horse battery", against: "plain text")
    }
  }

  @Test("so many are computed at once and no more, and all in the end")
  func atOnce() async throws {
    let gate = Gate()
    let hasher = hasher(2, waiting: 30, gate: gate)
    try await withThrowingTaskGroup { group in
      // Whatever happens: a test that fails must not hang.
      defer { gate.open() }
      for index in 0..<30 { group.addTask { try await hasher.hash("password \(index)", of: "a") } }
      try await until { hasher.counts.waiting == 28 && gate.inside == 2 }
      gate.open()
      var hashes: Set<String> = []
      for try await hash in group { hashes.insert(hash) }
      #expect(hashes.count == 30)
    }
    #expect(gate.mostInside == 2)
    #expect(hasher.counts == .init(running: 0, waiting: 0, started: 30, refused: 0))
  }

  @Test("who finds all places taken is refused at once, and told when to come again")
  func queueFull() async throws {
    let gate = Gate()
    let hasher = hasher(1, waiting: 2, gate: gate)
    // Whatever happens: a test that fails must not hang.
    defer { gate.open() }
    let callers = (0..<3).map { index in
      Task { try await hasher.hash("password \(index)", of: "a") }
    }
    try await until { hasher.counts.waiting == 2 }
    await #expect(throws: Refusal.passwordQueueFull) {
      _ = try await hasher.hash("one more", of: "a")
    }
    await #expect(throws: Refusal.passwordQueueFull) {
      _ = try await hasher.verify("one more", against: nil)
    }
    #expect(hasher.counts == .init(running: 1, waiting: 2, started: 1, refused: 2))
    gate.open()
    for caller in callers { _ = try await caller.value }
    _ = try await hasher.hash("one more", of: "a")

    let statuses = StatusMapping(logger: Logger(label: "test"), random: { 0 })
    let status = statuses.status(for: Refusal.passwordQueueFull)
    #expect(status.code == .resourceExhausted)
    #expect(status.trailingMetadata.first("grpc-retry-pushback-ms") == "500")
    #expect(try Details(status).reason == "PASSWORD_QUEUE_FULL")
  }

  @Test("who goes away while waiting leaves their place, and nothing is computed for them")
  func cancelled() async throws {
    let gate = Gate()
    let hasher = hasher(1, waiting: 1, gate: gate)
    defer { gate.open() }
    let first = Task { try await hasher.hash("first", of: "a") }
    try await until { hasher.counts.running == 1 }
    let second = Task { try await hasher.hash("second", of: "a") }
    try await until { hasher.counts.waiting == 1 }
    second.cancel()
    await #expect(throws: CancellationError.self) { _ = try await second.value }
    #expect(hasher.counts.waiting == 0)
    let third = Task { try await hasher.hash("third", of: "a") }
    try await until { hasher.counts.waiting == 1 }
    gate.open()
    _ = try await (first.value, third.value)
    #expect(hasher.counts == .init(running: 0, waiting: 0, started: 2, refused: 0))
  }

  @Test("who is gone already does not wait")
  func cancelledBefore() async throws {
    let hasher = hasher()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await hasher.hash("password", of: "a")
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(hasher.counts == .init())
  }

  @Test("those who wait are served in the order in which they came")
  func inOrder() async throws {
    let gate = Gate()
    let hasher = hasher(1, waiting: 5, gate: gate)
    let order = Order()
    try await withThrowingTaskGroup { group in
      // Whatever happens: a test that fails must not hang.
      defer { gate.open() }
      for index in 0..<5 {
        group.addTask {
          _ = try await hasher.hash("password", of: "a")
          order.append(index)
        }
        try await until { hasher.counts.running + hasher.counts.waiting == index + 1 }
      }
      for done in 1...5 {
        gate.open(for: 1)
        try await until { order.all.count == done }
      }
      try await group.waitForAll()
    }
    #expect(order.all == [0, 1, 2, 3, 4])
  }

  @Test("creations take their share of the places and no more, and one account less still")
  func shares() async throws {
    let gate = Gate()
    let hasher = hasher(1, waiting: 6, creations: 4, perAccount: 3, gate: gate)
    // Whatever happens: a test that fails must not hang.
    defer { gate.open() }
    let first = Task { try await hasher.hash("first", of: "a") }
    try await until { hasher.counts.running == 1 }
    var waiting: [Task<Void, any Error>] = []
    func wait(_ body: @escaping @Sendable () async throws -> Void) async throws {
      waiting.append(Task { try await body() })
      try await until { hasher.counts.waiting == waiting.count }
    }
    for _ in 0..<3 { try await wait { _ = try await hasher.hash("creation", of: "a") } }
    await #expect(throws: Refusal.passwordQueueFull) { _ = try await hasher.hash("x", of: "a") }
    // A retry's comparison is part of a creation.
    await #expect(throws: Refusal.passwordQueueFull) {
      _ = try await hasher.verify("x", against: nil, for: .creation(accountID: "a"))
    }
    try await wait { _ = try await hasher.hash("creation", of: "b") }
    await #expect(throws: Refusal.passwordQueueFull) { _ = try await hasher.hash("x", of: "b") }
    #expect(hasher.counts.refused == 3)
    for _ in 0..<2 { try await wait { _ = try await hasher.verify("login", against: nil) } }
    await #expect(throws: Refusal.passwordQueueFull) {
      _ = try await hasher.verify("login", against: nil)
    }
    // Who leaves, before or after the work, leaves the share too.
    waiting.removeFirst().cancel()
    try await until { hasher.counts.waiting == 5 }
    try await wait { _ = try await hasher.hash("creation", of: "a") }
    gate.open()
    _ = try await first.value
    for task in waiting { try await task.value }
    #expect(hasher.counts == .init(running: 0, waiting: 0, started: 7, refused: 4))
  }

  @Test("by default one account cannot take the places of those who log in")
  func standardShares() {
    let places = PasswordHasher.Places()
    #expect(places.creationsPerAccount <= places.creations / 2)
    #expect(places.creations <= places.all / 2)
  }
}
