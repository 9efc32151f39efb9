internal import Foundation
internal import Logging
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

/// Takes mails as it is told, and keeps those that it took.
final class FakeMailer: Mailer {
  private struct State {
    var taken: [ULID] = []
    var error: MailerError?
    var running = 0
    var mostRunning = 0
  }

  private let state = Mutex(State())
  private let atOnce: Int

  /// - Parameter atOnce: mails wait until so many were under way at a time.
  init(_ error: MailerError? = nil, atOnce: Int = 1) {
    self.atOnce = atOnce
    state.withLock { $0.error = error }
  }

  var taken: [ULID] { state.withLock { $0.taken } }
  var mostRunning: Int { state.withLock { $0.mostRunning } }

  func fail(with error: MailerError?) {
    state.withLock { $0.error = error }
  }

  func send(_ mail: OutboxMailRecord) async throws(MailerError) {
    state.withLock { state in
      state.running += 1
      state.mostRunning = max(state.mostRunning, state.running)
    }
    if atOnce > 1 {
      // They linger, so that one too many would be seen.
      repeat {
        try? await Task.sleep(for: .milliseconds(5))
      } while mostRunning < atOnce && !Task.isCancelled
    }
    let error = state.withLock { state in
      state.running -= 1
      if state.error == nil { state.taken.append(mail.id) }
      return state.error
    }
    if let error { throw error }
  }
}

@Suite(.timeLimit(.minutes(10))) struct OutboxTests {
  let clock = TestClock()
  let log = TestLog()

  private func outbox(
    _ store: any Store, _ mailer: any Mailer, random: @escaping Random = { 0 }
  ) -> Outbox {
    let clock = clock
    return Outbox(
      store: store, mailer: mailer, now: { clock.time }, random: random, logger: log.logger)
  }

  private func ids(_ count: Int) -> [ULID] {
    (0..<count).map { ULID(milliseconds: 1, random: UInt128($0 + 1)) }
  }

  /// Leaves so many mails, as committed transactions do.
  private func fill(_ store: any Store, _ count: Int = 1) async throws {
    let (time, ids) = (clock.time, ids(count))
    try await store.write { transaction in
      for id in ids {
        try transaction.insert(
          OutboxMailRecord(
            id: id, messageID: "\(id.text)@example.org", recipient: "b@example.com",
            subject: "Receipt", body: "Hello\n", createTime: time, attempts: 0,
            nextAttemptTime: time, lastError: ""))
      }
    }
  }

  private func mail(_ store: any Store) async throws -> OutboxMailRecord? {
    let id = ids(1)[0]
    return try await store.read { try $0.outboxMail(id) }
  }

  @Test("a mail is sent, and then no more")
  func sent() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer())
    let outbox = outbox(store, mailer)
    try await fill(store)
    #expect(await outbox.round() == 1)
    #expect(await outbox.round() == 0)
    #expect(mailer.taken == ids(1))
    #expect(try await mail(store) == nil)
    #expect(outbox.counts == Outbox.Counts(sent: 1))
  }

  @Test("a mail of a transaction that was not committed is not sent")
  func rolledBack() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer())
    let mail = OutboxMailRecord(
      id: ids(1)[0], messageID: "m", recipient: "b@example.com", subject: "", body: "",
      createTime: clock.time, attempts: 0, nextAttemptTime: clock.time, lastError: "")
    await #expect(throws: CancellationError.self) {
      try await store.write { transaction -> Void in
        try transaction.insert(mail)
        throw CancellationError()
      }
    }
    #expect(await outbox(store, mailer).round() == 0)
    #expect(mailer.taken.isEmpty)
  }

  @Test("what fails is tried again, later each time, and given up in the end")
  func retries() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer(.transient(reason: "451 later")))
    let outbox = outbox(store, mailer)
    try await fill(store)
    var waits: [Int64] = []
    for attempt in 1...12 {
      #expect(await outbox.round() == 1)
      #expect(await outbox.round() == 0)
      let mail = try #require(try await mail(store))
      #expect(mail.attempts == attempt)
      #expect(mail.lastError == "451 later")
      guard let next = mail.nextAttemptTime else { break }
      waits.append((next.nanosecondsSinceEpoch - clock.time.nanosecondsSinceEpoch) / 1_000_000_000)
      clock.advance(seconds: waits.last ?? 0)
    }
    let day: Int64 = 86_400
    #expect(waits == [60, 300, 1800, 7200, 21_600, day, day, day, day, day, day])
    #expect(outbox.counts == Outbox.Counts(failed: 11, dead: 1))
    #expect(try await store.read { try $0.outboxCounts() }.dead == 1)
    #expect(
      log.lines.contains { $0.hasPrefix("warning mail given up") && $0.contains("451 later") })
    mailer.fail(with: nil)
    clock.advance(seconds: 100 * day)
    #expect(await outbox.round() == 0)
  }

  @Test("dead letters are tried again when an operator says so")
  func revival() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer(.permanent(reason: "550 no")))
    let outbox = outbox(store, mailer)
    let count = Limits.outboxBatchMails + 1
    try await fill(store, count)
    #expect(await outbox.round() + outbox.round() == count)
    #expect(try await store.read { try $0.outboxCounts() }.dead == count)
    mailer.fail(with: nil)
    await outbox.reviveDead()
    #expect(await outbox.round() + outbox.round() == count)
    let counts = try await store.read { try $0.outboxCounts() }
    #expect(counts.dead == 0 && counts.waiting == 0 && mailer.taken.count == count)
    #expect(log.lines.contains { $0.hasPrefix("notice dead letters") && $0.contains("\(count)") })
  }

  @Test(
    "mails that failed together part by up to a quarter of the wait", arguments: [0, 15, 16, 40])
  func jitter(random: UInt64) async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer(.transient(reason: "x")))
    try await fill(store)
    await outbox(store, mailer, random: { random }).round()
    let next = try #require(try await mail(store)?.nextAttemptTime)
    #expect(next == clock.time.adding(seconds: 60 + Int64(random % 16)))
  }

  @Test("what is refused for good is not tried again")
  func permanent() async throws {
    let (store, mailer) = (
      MemoryStore(), FakeMailer(.permanent(reason: "550 no\r\nsuch \u{1b} user"))
    )
    let outbox = outbox(store, mailer)
    try await fill(store)
    #expect(await outbox.round() == 1)
    let mail = try #require(try await mail(store))
    #expect(mail.nextAttemptTime == nil && mail.attempts == 1)
    #expect(mail.lastError == "550 no??such ? user")
    #expect(outbox.counts == Outbox.Counts(dead: 1))
    #expect(!log.lines.contains { $0.contains("b@example.com") })
  }

  @Test("an error is cut")
  func longError() async throws {
    let reason = String(repeating: "x", count: 5000)
    let (store, mailer) = (MemoryStore(), FakeMailer(.transient(reason: reason)))
    try await fill(store)
    await outbox(store, mailer).round()
    #expect(try await mail(store)?.lastError.count == 200)
  }

  @Test("a round takes a bounded number, a few at a time")
  func bounds() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer(atOnce: 4))
    let outbox = outbox(store, mailer)
    try await fill(store, 40)
    #expect(await outbox.round() == 32)
    #expect(await outbox.round() == 8)
    #expect(Set(mailer.taken).count == 40 && mailer.taken.count == 40)
    #expect(mailer.mostRunning == 4)
  }

  @Test("rounds at the same time send a mail once")
  func concurrentRounds() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer(atOnce: 4))
    let outbox = outbox(store, mailer)
    try await fill(store, 8)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { await outbox.round() } }
    }
    #expect(mailer.taken.count == 8 && mailer.mostRunning == 4)
  }

  @Test("a mail that was sent is not sent again because the store takes no writes")
  func unsettled() async throws {
    let (base, mailer) = (MemoryStore(), FakeMailer())
    let store = UnwritableStore(base)
    let outbox = outbox(store, mailer)
    try await fill(base)
    store.isWritable.store(false, ordering: .relaxed)
    #expect(await outbox.round() == 0)
    clock.advance(seconds: 15)
    #expect(await outbox.round() == 0)
    clock.advance(seconds: 15)
    #expect(mailer.taken.count == 1)
    store.isWritable.store(true, ordering: .relaxed)
    #expect(await outbox.round() == 1)
    #expect(mailer.taken.count == 1)
    #expect(try await mail(base) == nil)
  }

  @Test("a mail that fails is not tried without end because the store takes no writes")
  func storePause() async throws {
    let (base, mailer) = (MemoryStore(), FakeMailer(.transient(reason: "x")))
    let store = UnwritableStore(base)
    let outbox = outbox(store, mailer)
    try await fill(base)
    store.isWritable.store(false, ordering: .relaxed)
    for _ in 0..<10 { await outbox.round() }
    #expect(outbox.counts.failed == 1)
    clock.advance(seconds: 15)
    await outbox.round()
    #expect(outbox.counts.failed == 2)
  }

  @Test("whoever runs sends at a wake, and what is left over from before")
  func running() async throws {
    let (store, mailer) = (MemoryStore(), FakeMailer())
    let outbox = outbox(store, mailer)
    try await fill(store, 33)
    let task = Task { await outbox.run() }
    while mailer.taken.count < 33 { try await Task.sleep(for: .milliseconds(2)) }
    let time = clock.time
    let id = ULID(milliseconds: 2, random: 1)
    try await store.write {
      try $0.insert(
        OutboxMailRecord(
          id: id, messageID: "m", recipient: "b@example.com", subject: "", body: "",
          createTime: time, attempts: 0, nextAttemptTime: time, lastError: ""))
    }
    outbox.wake()
    while mailer.taken.count < 34 { try await Task.sleep(for: .milliseconds(2)) }
    #expect(mailer.taken.last == id)
    task.cancel()
    await task.value
  }
}

/// Reads from another store, and writes to it as long as it is told to.
final class UnwritableStore: Store {
  let isWritable = Atomic(true)
  private let base: any Store

  init(_ base: any Store) {
    self.base = base
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result { try await base.read(body) }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    guard isWritable.load(ordering: .relaxed) else { throw StorageError.full }
    return try await base.write(body)
  }

  func cachedPlan(_ key: PlanKey) -> PlanSnapshot? { nil }
  func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? { nil }
  func cachedEntitlement(of userID: String) -> EntitlementSnapshot? { nil }
  var isAvailable: Bool { true }
  func close() async {}
}
