internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Synchronization
internal import Testing

@testable internal import Services

@Suite struct WatchPackagesTests {
  private static func request(_ token: String = "", package: String = "") -> WatchPackagesRequest {
    var request = WatchPackagesRequest()
    request.resumeToken = token
    request.packageID = package
    return request
  }

  @Test("a watch tells its place at once, and then each change, in order")
  func order() async throws {
    let fixture = try await UsageFixture()
    try await fixture.touch(3)
    let watcher = Watcher(fixture)
    #expect(try await watcher.next().change == nil)
    for count in [1, 2, 100, 1, 500] {
      try await fixture.touch(count)
      _ = try await watcher.changes(count)
    }
    #expect(watcher.revisions == Array(5...608))
    watcher.stop()
  }

  @Test("whoever goes on with a token, wherever that was, misses none and sees none twice")
  func resuming() async throws {
    let fixture = try await UsageFixture()
    let count = 2000
    var seen: [Int64] = []
    var numbers = SeededNumbers(seed: 3)
    let begun = Watcher(fixture)
    var token = try await begun.next().resumeToken
    begun.stop()
    // Not before: it may be done before a watch begins, which then waits for nothing.
    let writer = Task {
      for _ in 0..<count / 20 { try await fixture.touch(20) }
    }
    while seen.last != Int64(count) + 1 {
      let watcher = Watcher(fixture, Self.request(token))
      #expect(try await watcher.next().change == nil)
      for _ in 0..<Int.random(in: 1...200, using: &numbers) {
        let response = try await watcher.next()
        token = response.resumeToken
        seen.append(Watcher.revision(response))
        if seen.last == Int64(count) + 1 { break }
      }
      watcher.stop()
    }
    #expect(seen == Array(Int64(count + 2 - seen.count)...Int64(count + 1)))
    try await writer.value
  }

  @Test("many watch, and what is new is read once for all")
  func fanOut() async throws {
    let store = CountingStore()
    let fixture = try await UsageFixture(store: store)
    let watchers = (0..<50).map { _ in Watcher(fixture) }
    for watcher in watchers { _ = try await watcher.next() }
    #expect(fixture.service.feed.watcherCount == 50)
    let before = store.reads
    try await fixture.touch()
    for watcher in watchers { _ = try await watcher.changes(1) }
    #expect(store.reads - before <= 2)
    for watcher in watchers { watcher.stop() }
    for watcher in watchers { await watcher.ended() }
    #expect(fixture.service.feed.watcherCount == 0)
  }

  @Test("changes that an overloaded store did not give are told when it does")
  func overload() async throws {
    let store = CountingStore()
    let fixture = try await UsageFixture(store: store)
    let watcher = Watcher(fixture)
    _ = try await watcher.next()
    store.refuseReads(2)
    try await fixture.touch(3)
    #expect(try await watcher.changes(3).count == 3)
    watcher.stop()
  }

  @Test("a watcher that is behind waits for an overloaded store as well")
  func overloadBehind() async throws {
    let store = CountingStore()
    let fixture = try await UsageFixture(store: store)
    let slow = Watcher(fixture, isHeld: true)
    let quick = Watcher(fixture)
    _ = try await quick.next()
    for _ in 0..<4 {
      try await fixture.touch(Limits.maxRingChanges / 2)
      _ = try await quick.changes(Limits.maxRingChanges / 2)
    }
    quick.stop()
    await quick.ended()
    store.refuseReads(3)
    slow.release()
    _ = try await slow.next()
    let last = Int64(4 * (Limits.maxRingChanges / 2) + 1)
    while try await slow.changes(1).last != last {}
    slow.stop()
  }

  @Test("a watcher that takes nothing holds up nobody, and is served all of it when it does")
  func slow() async throws {
    let fixture = try await UsageFixture()
    let slow = Watcher(fixture, isHeld: true)
    let quick = Watcher(fixture)
    _ = try await quick.next()
    for _ in 0..<10 {
      try await fixture.touch(Limits.maxRingChanges / 2)
      _ = try await quick.changes(Limits.maxRingChanges / 2)
    }
    slow.release()
    _ = try await slow.next()
    // It began before the changes, or after some: it has the rest without a gap.
    let last = Int64(10 * (Limits.maxRingChanges / 2) + 1)
    while try await slow.changes(1).last != last {}
    let seen = slow.revisions
    #expect(seen == Array((last - Int64(seen.count) + 1)...last))
    slow.stop()
    quick.stop()
  }

  @Test("a watch of one package skips the others, and its token moves on all the same")
  func filter() async throws {
    let fixture = try await UsageFixture()
    let other = ULID(value: 78)
    try await fixture.store.write {
      try $0.insert(Sample.hostingPackage(78), passwordHash: Sample.passwordHash)
    }
    let watcher = Watcher(fixture, Self.request(package: fixture.id))
    let first = try await watcher.next()
    try await fixture.touch(3, package: other)
    try await fixture.touch()
    #expect(Watcher.revision(try await watcher.next()) == 2)
    try await fixture.touch(Int(Limits.maxSkippedChanges), package: other)
    let alone = try await watcher.next()
    #expect(alone.change == nil)
    watcher.stop()

    try await fixture.touch()
    let again = Watcher(fixture, Self.request(alone.resumeToken, package: fixture.id))
    #expect(try await again.next().change == nil)
    #expect(Watcher.revision(try await again.next()) == 3)
    again.stop()

    // A token is of one watch alone.
    for request in [
      Self.request(first.resumeToken), Self.request(first.resumeToken, package: "x"),
    ] {
      await #expect(throws: Refusal.self) { try await Watcher(fixture, request).result() }
    }
  }

  @Test("a package that is not there, or not the account's, cannot be watched")
  func unknownPackage() async throws {
    let fixture = try await UsageFixture()
    let missing = PackageID.text(ULID(value: 5))
    for (id, account) in [("x", nil), (missing, nil), (fixture.id, "other")] {
      await #expect(throws: PackageRefusal.notFound(id: id)) {
        try await Watcher(fixture, Self.request(package: id), account: account).result()
      }
    }
  }

  @Test("tokens that are no tokens, of another account or of a time to come, are refused")
  func badTokens() async throws {
    let fixture = try await UsageFixture()
    try await fixture.touch(3)
    let tokens = ResumeTokens(accountID: fixture.account, packageID: "")
    let others = ResumeTokens(accountID: "other", packageID: "")
    var torn = Array(tokens.token(at: 1).utf8)
    torn[14] ^= 1
    let bad = [
      "x", String(decoding: torn, as: UTF8.self), others.token(at: 1), tokens.token(at: 4),
      tokens.token(at: -1),
    ]
    for token in bad {
      let refusal = await #expect(throws: Refusal.self) {
        try await Watcher(fixture, Self.request(token)).result()
      }
      guard case .invalidFields(let violations) = refusal else {
        Issue.record("\(token): \(String(describing: refusal))")
        continue
      }
      #expect(violations.all.map(\.field) == ["resume_token"])
    }
    for sequence: Int64 in 0...3 {
      let watcher = Watcher(fixture, Self.request(tokens.token(at: sequence)))
      _ = try await watcher.next()
      watcher.stop()
    }
  }

  @Test("a token whose changes are no longer kept is out of range, the last place is not")
  func compaction() async throws {
    let fixture = try await UsageFixture()
    try await fixture.touch(5)
    let time = fixture.clock.time.adding(seconds: 1)
    #expect(
      try await fixture.store.write { try $0.deletePackageChanges(before: time, limit: 3) } == 3)
    let tokens = ResumeTokens(accountID: fixture.account, packageID: "")
    for place: Int64 in 0...2 {
      await #expect(throws: PackageRefusal.changesCompacted) {
        try await Watcher(fixture, Self.request(tokens.token(at: place))).result()
      }
    }
    for place: Int64 in 3...5 {
      let watcher = Watcher(fixture, Self.request(tokens.token(at: place)))
      _ = try await watcher.next()
      _ = try await watcher.changes(5 - Int(place))
      watcher.stop()
    }
  }

  @Test("an account's changes are told to nobody else")
  func accounts() async throws {
    let fixture = try await UsageFixture()
    let watcher = Watcher(fixture, account: "other")
    _ = try await watcher.next()
    try await fixture.touch(10)
    fixture.service.feed.wake("other")
    let own = Watcher(fixture)
    _ = try await own.next()
    try await fixture.touch()
    _ = try await own.changes(1)
    #expect(watcher.revisions.isEmpty)
    watcher.stop()
    own.stop()
  }

  @Test("a drain ends watches, and those that come after it")
  func drain() async throws {
    let fixture = try await UsageFixture()
    let watcher = Watcher(fixture)
    _ = try await watcher.next()
    fixture.service.feed.release()
    for watcher in [watcher, Watcher(fixture)] {
      let status = await #expect(throws: Status.self) { try await watcher.result() }
      #expect(status?.code == .unavailable)
    }
  }
}

/// A watch in a task, whose responses a test takes one by one.
private final class Watcher: Sendable {
  private let task: Task<Void, any Error>
  private let responses: AsyncStream<WatchPackagesResponse>
  private let gate: AsyncStream<Void>.Continuation
  private let seen = Mutex<[Int64]>([])

  init(
    _ fixture: UsageFixture, _ request: WatchPackagesRequest = WatchPackagesRequest(),
    account: String? = nil, isHeld: Bool = false
  ) {
    let (responses, continuation) = AsyncStream.makeStream(of: WatchPackagesResponse.self)
    let (opened, gate) = AsyncStream.makeStream(of: Void.self)
    self.responses = responses
    self.gate = gate
    if !isHeld { gate.finish() }
    task = Task {
      defer { continuation.finish() }
      try await fixture.service.watch(request, fixture.access(account)) { bytes in
        for await _ in opened {}
        try Task.checkCancellation()
        continuation.yield(try WatchPackagesResponse(decoding: bytes))
      }
    }
  }

  struct Ended: Error {}

  /// The next response, with a change or a token alone.
  func next() async throws -> WatchPackagesResponse {
    var iterator = responses.makeAsyncIterator()
    guard let response = await iterator.next() else {
      try await task.value
      throw Ended()
    }
    if response.change != nil { seen.withLock { $0.append(Self.revision(response)) } }
    return response
  }

  /// The revisions of the next so many changes.
  func changes(_ count: Int) async throws -> [Int64] {
    var revisions: [Int64] = []
    for _ in 0..<count { revisions.append(Self.revision(try await next())) }
    return revisions
  }

  /// The package's revisions as they came.
  var revisions: [Int64] { seen.withLock { $0 } }

  /// The revision of the sample package whose etag the change holds.
  static func revision(_ response: WatchPackagesResponse) -> Int64 {
    guard let etag = response.change?.hostingPackage?.etag else { return -1 }
    return revisionsByETag[etag] ?? -2
  }

  private static let revisionsByETag: [String: Int64] = {
    var record = Sample.hostingPackage(77)
    return Dictionary(
      uniqueKeysWithValues: (1...Int64(4000)).map { revision in
        record.revision = revision
        return (record.etag, revision)
      })
  }()

  func release() { gate.finish() }
  func stop() { task.cancel() }
  func ended() async { _ = await task.result }
  func result() async throws { try await task.value }
}
