internal import Storage
internal import Synchronization

/// Tells those who watch an account's packages that they have changed, and how.
///
///     wake(account) ──> one reader: changes behind the last ──> the account's ring ──> watchers
///
/// Each watcher keeps a place in the log and nothing else. What is new is read and encoded once for
/// all of an account's, and lies in its ring, which is bounded; who falls behind it reads the
/// store. Nobody waits for a watcher, and one that is slow gets one signal for many changes.
final class ChangeFeed: Sendable {
  typealias Signals = AsyncStream<Void>

  /// What there is for a watcher.
  enum News: Sendable {
    case none
    /// In order, right behind the watcher's place.
    case entries([ChangeEntry])
    /// The ring has moved on: the store has what comes next.
    case behind
  }

  fileprivate struct State {
    /// By the account's bytes: as a `String`, "é" in one scalar would be that in two.
    var accounts: [ExactText: Account] = [:]
    var lastWatcher: UInt64 = 0
    var isReleased = false
  }

  fileprivate struct Account {
    var watchers: [UInt64: Signals.Continuation] = [:]
    var ring = ChangeRing()
    var isReading = false
    /// Woken while it was read, or before there was a place to read from.
    var isStale = false
  }

  private let store: any Store
  private let state = Mutex(State())

  init(store: any Store) {
    self.store = store
  }

  /// How many watch.
  var watcherCount: Int {
    state.withLock { $0.accounts.values.reduce(0) { $0 + $1.watchers.count } }
  }

  /// Tells the account's watchers that its log of changes has grown. Waits for nobody.
  func wake(_ accountID: String) {
    let reads = state.withLock { $0.accounts[ExactText(accountID)]?.startsReading() ?? false }
    if reads { Task { await read(accountID) } }
  }

  /// Ends all watches, which would hold up a drain for as long as their clients like.
  func release() {
    let watchers = state.withLock { state in
      state.isReleased = true
      defer { state.accounts = [:] }
      return state.accounts.values.flatMap(\.watchers.values)
    }
    for watcher in watchers { watcher.finish() }
  }

  /// A signal whenever there may be news for the account's watchers, until ``release()`` or an
  /// error; one for many, for who is slow to take them. To be called before the watcher learns its
  /// place, so that no change comes between.
  func signals(of accountID: String) -> Signals {
    let (signals, continuation) = Signals.makeStream(bufferingPolicy: .bufferingNewest(1))
    let id: UInt64? = state.withLock { state in
      guard !state.isReleased else { return nil }
      state.lastWatcher += 1
      state.accounts[ExactText(accountID), default: Account()].watchers[state.lastWatcher] =
        continuation
      return state.lastWatcher
    }
    guard let id else {
      continuation.finish()
      return signals
    }
    continuation.onTermination = { [self] _ in leave(accountID, id) }
    return signals
  }

  /// Where an account's log ended at some time after the first watcher's ``signals(of:)``.
  func begin(_ accountID: String, at sequence: Int64) {
    let wasWoken = state.withLock { state in
      state.accounts[ExactText(accountID)]?.ring.begin(at: sequence)
      return state.accounts[ExactText(accountID)]?.isStale ?? false
    }
    if wasWoken { wake(accountID) }
  }

  /// What comes behind a watcher's place.
  func news(of accountID: String, after sequence: Int64) -> News {
    state.withLock { $0.accounts[ExactText(accountID)]?.ring.news(after: sequence) ?? .none }
  }

  /// Whether watches have ended for good, and not because the store could not be read.
  var isReleased: Bool { state.withLock { $0.isReleased } }

  /// Reads the store. Changes that an overloaded one does not give are there all the same: it is
  /// asked again when others have been served, for as long as anybody may wait for them.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    while true {
      do { return try await store.read(body) } catch StorageError.overloaded {
        guard !isReleased else { throw StorageError.overloaded }
        try await Task.sleep(for: Limits.changeReadPause)
      }
    }
  }

  private func leave(_ accountID: String, _ id: UInt64) {
    state.withLock { state in
      state.accounts[ExactText(accountID)]?.watchers[id] = nil
      // Nobody needs its ring, nor what has failed.
      if state.accounts[ExactText(accountID)]?.watchers.isEmpty == true {
        state.accounts[ExactText(accountID)] = nil
      }
    }
  }

  /// Reads what the account's ring has not, until there is nothing more.
  private func read(_ accountID: String) async {
    let tokens = ResumeTokens(accountID: accountID, packageID: "")
    while let place = place(of: accountID) {
      do {
        let page = try await read { transaction in
          try ChangePage.read(accountID: accountID, after: place, in: transaction)
        }
        let entries = page.map { ChangeEntry($0, tokens: tokens) }
        guard add(entries, to: accountID) else { return }
      } catch is PackageRefusal {
        // It has slept through all the time that changes are kept: its watchers will see that.
        guard await restart(accountID) else { return }
      } catch {
        end(accountID)
        return
      }
    }
  }

  /// Behind which sequence number to read; nil when nobody watches, or has begun to.
  private func place(of accountID: String) -> Int64? {
    state.withLock { state in
      guard let account = state.accounts[ExactText(accountID)] else { return nil }
      state.accounts[ExactText(accountID)]?.isStale = account.ring.end == nil
      state.accounts[ExactText(accountID)]?.isReading = account.ring.end != nil
      return account.ring.end
    }
  }

  /// Returns whether to read on.
  private func add(_ entries: [ChangeEntry], to accountID: String) -> Bool {
    let (watchers, goesOn) = state.withLock { state -> ([Signals.Continuation], Bool) in
      guard state.accounts[ExactText(accountID)] != nil else { return ([], false) }
      state.accounts[ExactText(accountID)]?.ring.add(entries)
      let goesOn = !entries.isEmpty || state.accounts[ExactText(accountID)]?.isStale == true
      state.accounts[ExactText(accountID)]?.isReading = goesOn
      return (entries.isEmpty ? [] : state.watchers(of: accountID), goesOn)
    }
    // Outside the lock, so that nobody waits for it while thousands are told.
    for watcher in watchers { watcher.yield() }
    return goesOn
  }

  /// Goes on from the end of the log. Returns whether to read on.
  private func restart(_ accountID: String) async -> Bool {
    let last = try? await read { try $0.lastPackageChangeSequence(accountID: accountID) }
    guard let last else {
      end(accountID)
      return false
    }
    let watchers = state.withLock { state in
      state.accounts[ExactText(accountID)]?.ring = ChangeRing()
      state.accounts[ExactText(accountID)]?.ring.begin(at: last)
      return state.watchers(of: accountID)
    }
    for watcher in watchers { watcher.yield() }
    return true
  }

  /// Ends the account's watches: the store could not be read.
  private func end(_ accountID: String) {
    let watchers = state.withLock { state in
      defer { state.accounts[ExactText(accountID)] = nil }
      return state.watchers(of: accountID)
    }
    for watcher in watchers { watcher.finish() }
  }
}

extension ChangeFeed.State {
  fileprivate func watchers(of accountID: String) -> [ChangeFeed.Signals.Continuation] {
    accounts[ExactText(accountID)].map { Array($0.watchers.values) } ?? []
  }
}

extension ChangeFeed.Account {
  /// Whether a reader is to be started, because none reads.
  fileprivate mutating func startsReading() -> Bool {
    guard !isReading else {
      isStale = true
      return false
    }
    isReading = true
    return true
  }
}

/// The newest changes of an account's log, as many as its bounds allow.
struct ChangeRing {
  /// The number of the last change that it knows of; nil until that is known.
  private(set) var end: Int64?
  /// In order and without gaps, up to `end`; those before `first` were dropped.
  private var entries: [ChangeEntry] = []
  private var first = 0
  private var bytes = 0

  mutating func begin(at sequence: Int64) {
    if end == nil { end = sequence }
  }

  mutating func add(_ new: [ChangeEntry]) {
    for entry in new {
      guard let end, entry.sequence == end + 1 else { continue }
      entries.append(entry)
      bytes += entry.bytes
      self.end = entry.sequence
    }
    while first < entries.count,
      entries.count - first > Limits.maxRingChanges || bytes > Limits.maxRingBytes
    {
      bytes -= entries[first].bytes
      first += 1
    }
    // Dropped ones go at once in bulk, so that each is moved seldom.
    if first >= Limits.maxRingChanges || first == entries.count {
      entries.removeFirst(first)
      first = 0
    }
  }

  /// What a watcher takes at a time of what comes behind its place.
  func news(after sequence: Int64) -> ChangeFeed.News {
    guard let end else { return .behind }
    guard sequence < end else { return .none }
    let count = end - sequence
    guard count <= entries.count - first else { return .behind }
    var taken: [ChangeEntry] = []
    var bytes = 0
    for entry in entries.suffix(Int(count)) {
      guard taken.count < Limits.maxChangePageRecords, bytes < Limits.maxChangePageBytes else {
        break
      }
      taken.append(entry)
      bytes += entry.bytes
    }
    return .entries(taken)
  }
}
