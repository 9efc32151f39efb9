internal import Glibc
internal import NIOCore
internal import Storage
internal import Synchronization
internal import Threads

/// Hashes passwords and compares them with hashes: never on an event loop or in Swift's pool, but
/// on threads that last for one hash, so many at once and no more, since each takes 19 MiB and
/// some 20 ms of a core. So many others wait, in order; whoever comes then is refused. Those who
/// create packages have some of these places and no more, and of one account fewer still: whatever
/// they do, there are places for who logs in.
///
/// A thread costs 20 µs beside that, so none is kept, and there is nothing to stop at the end.
final class PasswordHasher: Sendable {
  /// What has been done so far.
  struct Counts: Equatable, Sendable {
    /// Computations that run now.
    var running = 0
    var waiting = 0
    /// Computations that were started.
    var started = 0
    /// Callers that found no place to wait.
    var refused = 0
  }

  /// What a password is hashed for.
  enum Purpose: Sendable {
    case verification
    /// Of a package of the account.
    case creation(accountID: String)
  }

  /// Places to wait.
  struct Places: Sendable {
    var all = Limits.maxWaitingPasswords
    /// Of them, for creations.
    var creations = Limits.maxWaitingCreations
    var creationsPerAccount = Limits.maxWaitingCreationsPerAccount
  }

  fileprivate struct Waiter {
    let id: UInt64
    let purpose: Purpose
    let continuation: CheckedContinuation<Void, any Error>
  }

  fileprivate struct State {
    var counts = Counts()
    var waiters: [Waiter] = []
    /// Of the waiters those that create, by account.
    var creations: [ExactText: Int] = [:]
    var nextID: UInt64 = 0
  }

  private static let niceness: Int32 = 10

  private let cost: Argon2.Cost
  private let maxRunning: Int
  private let places: Places
  private let random: Random
  /// Runs on the thread before each computation.
  private let computing: @Sendable () -> Void
  /// What a password is compared with when there is no hash: of the same cost, and no password's.
  private let nobody: Argon2.Hash
  private let state = Mutex(State())

  /// - Parameters:
  ///   - maxRunning: computations at once; at least 1.
  ///   - places: for callers that wait for one of them to end.
  ///   - random: for salts; must be fit for secrets.
  init(
    maxRunning: Int = System.coreCount,
    places: Places = Places(),
    cost: Argon2.Cost = .standard,
    random: @escaping Random = { SystemRandomNumberGenerator.random() },
    computing: @escaping @Sendable () -> Void = {}
  ) {
    self.maxRunning = max(1, maxRunning)
    self.places = places
    self.cost = cost
    self.random = random
    self.computing = computing
    nobody = Argon2.Hash(
      cost: cost, salt: Self.salt(random),
      tag: [UInt8](repeating: 0, count: Argon2.tagBytes))
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// The password's hash with a new salt, in the encoded form, for a package of the account.
  ///
  /// - Throws: ``Refusal/passwordQueueFull``, `CancellationError`, ``Argon2/Failure``.
  func hash(_ password: String, of accountID: String) async throws -> String {
    let (cost, salt) = (cost, Self.salt(random))
    let bytes = PasswordBytes(password)
    return try await compute(for: .creation(accountID: accountID)) {
      () throws(Argon2.Failure) in try Argon2.hash(bytes, salt: salt, cost: cost)
    }.encoded
  }

  /// Whether `hash` is the password's. Without a hash, because there is no such user, it is not,
  /// after the same work: how long the answer takes does not tell which users there are.
  ///
  /// - Throws: as ``hash(_:of:)``.
  func verify(
    _ password: String, against hash: String?, for purpose: Purpose = .verification
  ) async throws -> Bool {
    let kept = try hash.map { text throws(Argon2.Failure) in try Argon2.Hash(text) }
    let expected = kept ?? nobody
    let bytes = PasswordBytes(password)
    let computed = try await compute(for: purpose) { () throws(Argon2.Failure) in
      try Argon2.hash(bytes, salt: expected.salt, cost: expected.cost)
    }
    let isEqual = Argon2.isEqual(computed.tag, expected.tag)
    return isEqual && kept != nil
  }

  private static func salt(_ random: Random) -> [UInt8] {
    (0..<Argon2.saltBytes / 8).flatMap { _ in
      withUnsafeBytes(of: random().littleEndian) { Array($0) }
    }
  }

  /// Waits for a place, then for `body` on a thread of its own. What runs already is not stopped
  /// when its caller is cancelled.
  private func compute(
    for purpose: Purpose,
    _ body: @escaping @Sendable () throws(Argon2.Failure) -> Argon2.Hash
  ) async throws -> Argon2.Hash {
    try await enter(purpose)
    return try await withCheckedThrowingContinuation { continuation in
      let started = OwnThread.start { [self] in
        // Event loops go first: who logs in waits, who reads does not. On Linux this is about
        // the calling thread alone, setpriority(2).
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness)
        computing()
        let result = Result(catching: body)
        // Before the caller goes on: it may look at the counts.
        leave()
        continuation.resume(with: result)
      }
      guard !started else { return }
      leave()
      continuation.resume(throwing: Argon2.Failure.noResources("no thread"))
    }
  }

  // MARK: Places

  private func enter(_ purpose: Purpose) async throws {
    try Task.checkCancellation()
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        place(Waiter(id: id, purpose: purpose, continuation: continuation))
      }
    } onCancel: {
      cancel(id)
    }
  }

  private func place(_ waiter: Waiter) {
    enum Place { case running, waiting, none, cancelled }
    let place: Place = state.withLock { state in
      if state.counts.running < maxRunning {
        state.counts.running += 1
        state.counts.started += 1
        return .running
      }
      guard state.hasPlace(for: waiter.purpose, places) else {
        state.counts.refused += 1
        return .none
      }
      // Under the lock: the cancellation comes either before, and is seen here, or after, and
      // finds the waiter.
      guard !Task.isCancelled else { return .cancelled }
      state.add(waiter)
      return .waiting
    }
    switch place {
    case .running: waiter.continuation.resume()
    case .waiting: break
    case .none: waiter.continuation.resume(throwing: Refusal.passwordQueueFull)
    case .cancelled: waiter.continuation.resume(throwing: CancellationError())
    }
  }

  /// Gives the place to who has waited longest.
  private func leave() {
    let next = state.withLock { state -> Waiter? in
      guard !state.waiters.isEmpty else {
        state.counts.running -= 1
        return nil
      }
      state.counts.started += 1
      return state.remove(at: 0)
    }
    next?.continuation.resume()
  }

  private func cancel(_ id: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
      return state.remove(at: index)
    }
    waiter?.continuation.resume(throwing: CancellationError())
  }
}

extension PasswordHasher.State {
  fileprivate func hasPlace(
    for purpose: PasswordHasher.Purpose, _ places: PasswordHasher.Places
  ) -> Bool {
    guard waiters.count < places.all else { return false }
    guard case .creation(let accountID) = purpose else { return true }
    return creations.values.reduce(0, +) < places.creations
      && creations[ExactText(accountID), default: 0] < places.creationsPerAccount
  }

  fileprivate mutating func add(_ waiter: PasswordHasher.Waiter) {
    waiters.append(waiter)
    counts.waiting += 1
    guard case .creation(let accountID) = waiter.purpose else { return }
    creations[ExactText(accountID), default: 0] += 1
  }

  fileprivate mutating func remove(at index: Int) -> PasswordHasher.Waiter {
    let waiter = waiters.remove(at: index)
    counts.waiting -= 1
    guard case .creation(let accountID) = waiter.purpose else { return waiter }
    let left = creations[ExactText(accountID), default: 0] - 1
    creations[ExactText(accountID)] = left > 0 ? left : nil
    return waiter
  }
}

extension SystemRandomNumberGenerator {
  fileprivate static func random() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
