internal import Storage

/// Days of 24 hours until a time that is to come, rounded up, and from when until when there are
/// so many.
struct DaysLeft: Hashable, Sendable {
  private static let day = Instant.secondsPerDay * 1_000_000_000

  let count: Int32
  /// The first moment that has `count` days left.
  let from: Instant
  /// The first one that has fewer.
  let until: Instant

  /// - Parameter time: before `end`.
  init(until end: Instant, at time: Instant) {
    let (distance, overflow) = end.nanosecondsSinceEpoch.subtractingReportingOverflow(
      time.nanosecondsSinceEpoch)
    // Beyond 292 years nobody counts.
    let left = overflow ? .max : distance
    let days = max(1, left / Self.day + (left % Self.day > 0 ? 1 : 0))
    count = Int32(clamping: days)
    from = end.adding(seconds: -days * Instant.secondsPerDay)
    until = end.adding(seconds: -(days - 1) * Instant.secondsPerDay)
  }
}
