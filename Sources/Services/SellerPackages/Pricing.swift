internal import Storage

/// What time costs, and what is given back of it: whole minor units, exactly.
enum Pricing {
  /// A price that is no whole number of minor units, which no package has that is sold.
  struct Unpayable: Error {}

  /// What is left at `time` of the periods, each at its own price, per second of what it is
  /// still to last, rounded down to the minor unit. Never below zero.
  ///
  /// Periods follow each other, so that one of them at most is partly over, and what is rounded is
  /// that one: the sum is rounded once.
  ///
  /// - Parameter price: of what is bought instead, in the periods' currency; the most that is
  ///   given.
  static func credit(
    for periods: [PurchaseRecord.Period], at time: Instant, upTo price: MinorUnits
  ) throws -> MinorUnits {
    var sum: UInt128 = 0
    for period in periods {
      guard let paid = MinorUnits(period.price) else { throw Unpayable() }
      let length = seconds(from: period.start, to: period.end)
      let unused = seconds(from: max(time, period.start), to: period.end)
      guard length > 0, paid.count > 0, unused > 0 else { continue }
      guard paid.currencyCode == price.currencyCode else { throw Unpayable() }
      // Of 63 and 35 bits; no purchase has 2^30 periods.
      sum += UInt128(paid.count) * UInt128(unused) / UInt128(length)
    }
    let credit = min(sum, UInt128(max(0, price.count)))
    return MinorUnits(currencyCode: price.currencyCode, count: Int64(credit))
  }

  /// Where so many days of 24 hours end that begin at `start`.
  static func end(of days: Int32, from start: Instant) -> Instant {
    start.adding(seconds: Int64(days) * Instant.secondsPerDay)
  }

  /// The time that a renewal at `time` adds to what ends at `end`.
  static func renewal(
    of end: Instant, days: Int32, at time: Instant
  ) -> (start: Instant, end: Instant) {
    let start = max(time, end)
    return (start, self.end(of: days, from: start))
  }

  /// Whole seconds, rounded down; 0 when `end` is not after `start`.
  private static func seconds(from start: Instant, to end: Instant) -> Int64 {
    guard start < end else { return 0 }
    // Of all of time, the difference does not fit into an Int64 of nanoseconds.
    let span = Int128(end.nanosecondsSinceEpoch) - Int128(start.nanosecondsSinceEpoch)
    return Int64(span / 1_000_000_000)
  }
}
