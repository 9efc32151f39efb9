internal import Storage
internal import Synchronization

/// Makes ids, each greater than the one before, even within a millisecond and when the clock is
/// set back.
final class ULIDSource: Sendable {
  private let last = Mutex(ULID(value: 0))
  private let random: Random

  init(random: @escaping Random) {
    self.random = random
  }

  func next(at time: Instant) -> ULID {
    let milliseconds = UInt64(max(0, time.nanosecondsSinceEpoch / 1_000_000))
    let fresh = ULID(
      milliseconds: milliseconds, random: UInt128(random()) << 64 | UInt128(random()))
    return last.withLock { last in
      // Wraps after 2^128 ids.
      last = fresh > last ? fresh : ULID(value: last.value &+ 1)
      return last
    }
  }
}
