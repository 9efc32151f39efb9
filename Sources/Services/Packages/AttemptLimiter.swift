internal import Storage
internal import Synchronization

/// Lets nobody guess passwords without end: so many attempts a minute at one username, and so
/// many from one address, or IPv6 /64, good ones and bad ones alike; a success gives none back. A
/// username that is being guessed is thereby shut for its user too, for as long as the guessing
/// lasts: but only by callers of its own account, since each account's attempts are counted apart.
///
/// An attempt takes from both or from neither. Each may come at once as often as in a minute, by
/// the same algorithm as `RateLimit`. Of each username and address that tried of late, its hash
/// and one time are kept. A table that is full forgets those first that have tried least.
final class AttemptLimiter: Sendable {
  private struct Login: Hashable {
    let account: String
    let username: String
  }

  private let usernames: AttemptTable
  private let networks: AttemptTable
  private let now: Now

  init(
    perMinutePerUsername: Int = Limits.attemptsPerMinutePerUsername,
    perMinutePerAddress: Int = Limits.attemptsPerMinutePerAddress,
    now: @escaping Now
  ) {
    usernames = AttemptTable(perMinute: perMinutePerUsername)
    networks = AttemptTable(perMinute: perMinutePerAddress)
    self.now = now
  }

  /// Counts an attempt at `username` by a caller of `account` that comes from
  /// `network`, as in ``Caller/network``.
  ///
  /// - Throws: ``Refusal/tooManyAttempts(retryMilliseconds:)``.
  func attempt(username: String, account: String, network: String) throws(Refusal) {
    let time = now().nanosecondsSinceEpoch
    let login = Login(account: account, username: username)
    var wait = networks.take(network, at: time)
    if wait == 0 {
      wait = usernames.take(login, at: time)
      if wait > 0 { networks.giveBack(network) }
    }
    guard wait > 0 else { return }
    throw .tooManyAttempts(retryMilliseconds: (wait + 999_999) / 1_000_000)
  }
}

/// Who tried how often of late, in bounded memory whatever the names are.
final class AttemptTable: Sendable {
  private final class Shard: Sendable {
    /// By the hash of a name, which is seeded anew in each process: when it is back within its
    /// rate, in nanoseconds since the epoch.
    let times = Mutex<[Int: Int64]>([:])
  }

  private static let minute: Int64 = 60_000_000_000

  private let shards: [Shard]
  private let maxPerShard: Int
  private let interval: Int64
  private let tolerance: Int64

  init(
    perMinute: Int, shards: Int = Limits.attemptTableShards,
    maxPerShard: Int = Limits.attemptsPerTableShard
  ) {
    let attempts = Int64(min(max(1, perMinute), 60_000_000))
    interval = Self.minute / attempts
    tolerance = interval * (attempts - 1)
    self.maxPerShard = max(1, maxPerShard)
    self.shards = (0..<max(1, shards)).map { _ in Shard() }
  }

  /// How many names are kept.
  var count: Int { shards.reduce(0) { $0 + $1.times.withLock(\.count) } }

  /// Nanoseconds until `name` may try again; 0 when it may now, and has.
  func take(_ name: some Hashable, at time: Int64) -> Int64 {
    let key = name.hashValue
    return shard(key).times.withLock { times in
      let known = times[key]
      let free = max(known ?? time, time)
      guard free &- time <= tolerance else {
        // Nobody is further ahead than this, but for a clock that was set back: it must not shut
        // them out until it is there again.
        let furthest = min(free, time &+ tolerance &+ interval)
        times[key] = furthest
        return furthest &- time &- tolerance
      }
      if known == nil { makeRoom(&times, at: time) }
      times[key] = free &+ interval
      return 0
    }
  }

  /// Undoes a ``take(_:at:)`` that was granted.
  func giveBack(_ name: some Hashable) {
    let key = name.hashValue
    shard(key).times.withLock { times in
      if let time = times[key] { times[key] = time &- interval }
    }
  }

  private func shard(_ key: Int) -> Shard {
    shards[Int(UInt(bitPattern: key) % UInt(shards.count))]
  }

  /// Those that are back within their rate are as if they had never tried. When that is not
  /// enough, an eighth goes of those that are nearest to it, so that whoever fills the table
  /// with names does not free the one they guess at, and pays no more often than each eighth.
  private func makeRoom(_ times: inout [Int: Int64], at time: Int64) {
    guard times.count >= maxPerShard else { return }
    times = times.filter { $0.value > time }
    let rest = maxPerShard - max(1, maxPerShard / 8)
    guard times.count > rest else { return }
    let leaving = times.sorted { $0.value < $1.value }.prefix(times.count - rest)
    for (key, _) in leaving { times[key] = nil }
  }
}
