internal import Glibc

/// A point in time, UTC, to the nanosecond; covers 1678 to 2262.
package struct Instant: Hashable, Comparable, Sendable {
  /// UTC, without leap seconds.
  package static let secondsPerDay: Int64 = 86_400

  package var nanosecondsSinceEpoch: Int64

  package init(nanosecondsSinceEpoch: Int64) {
    self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
  }

  /// The system's clock, UTC.
  package static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    // Wraps in the year 2262, where this type ends.
    return Instant(
      nanosecondsSinceEpoch: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  package static func < (a: Instant, b: Instant) -> Bool {
    a.nanosecondsSinceEpoch < b.nanosecondsSinceEpoch
  }
}

/// An amount of money: `units` plus `nanos` billionths, both of one sign.
package struct MoneyRecord: Hashable, Sendable {
  package var currencyCode: String
  package var units: Int64
  package var nanos: Int32

  package init(currencyCode: String, units: Int64, nanos: Int32) {
    self.currencyCode = currencyCode
    self.units = units
    self.nanos = nanos
  }
}

/// How much is allowed, in the unit of the field that holds it.
package enum QuotaRecord: Hashable, Sendable {
  case limit(Int64)
  case unlimited
}
