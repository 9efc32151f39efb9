/// A point in time, UTC, to the nanosecond; covers 1678 to 2262.
package struct Instant: Hashable, Comparable, Sendable {
  package var nanosecondsSinceEpoch: Int64

  package init(nanosecondsSinceEpoch: Int64) {
    self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
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
