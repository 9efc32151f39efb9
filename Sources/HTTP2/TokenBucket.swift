internal import NIOCore

/// How often something may happen: `burst` times at once, `perSecond` times in the long run.
/// Time comes in; one that does not pass fills nothing.
struct TokenBucket {
  private let perSecond: Int
  private let burst: Int
  private var tokens: Int
  /// The time up to which tokens have been counted in.
  private var filledAt: NIODeadline

  /// Full at `now`. Both numbers are positive.
  init(perSecond: Int, burst: Int, now: NIODeadline) {
    self.perSecond = perSecond
    self.burst = burst
    self.tokens = burst
    self.filledAt = now
  }

  /// False when it has happened too often.
  mutating func take(at now: NIODeadline) -> Bool {
    fill(now)
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }

  /// Allows it `count` times more, within the burst.
  mutating func give(_ count: Int) { tokens = min(burst, tokens &+ count) }

  private mutating func fill(_ now: NIODeadline) {
    let elapsed = (now - filledAt).nanoseconds
    guard elapsed > 0 else { return }
    // As long as it takes to be full from empty; more is not needed, and would overflow.
    let nanosecondsToFull = Int64(burst) * 1_000_000_000 / Int64(perSecond) + 1
    guard elapsed < nanosecondsToFull else {
      tokens = burst
      filledAt = now
      return
    }
    let (whole, part) = (elapsed / 1_000_000_000, elapsed % 1_000_000_000)
    let fresh = whole * Int64(perSecond) + part * Int64(perSecond) / 1_000_000_000
    guard fresh > 0 else { return }
    give(Int(fresh))
    // What a part of a token took is not lost: without it, a slow rate would never fill.
    let spent =
      fresh / Int64(perSecond) * 1_000_000_000
      + fresh % Int64(perSecond) * 1_000_000_000 / Int64(perSecond)
    filledAt = filledAt + .nanoseconds(spent)
  }
}
