package import Storage

/// Tells the time; a test's own goes only as it is told.
package typealias Now = @Sendable () -> Instant

/// Gives random bits; a test's own repeats itself.
package typealias Random = @Sendable () -> UInt64

extension Instant {
  /// Times out of range come as the nearest that is in it.
  init(secondsSinceEpoch seconds: Int64, nanoseconds: Int64 = 0) {
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = scaled.addingReportingOverflow(nanoseconds)
    self.init(nanosecondsSinceEpoch: overflow || carry ? (seconds < 0 ? .min : .max) : sum)
  }

  func adding(seconds: Int64) -> Instant {
    adding(nanoseconds: Instant(secondsSinceEpoch: seconds).nanosecondsSinceEpoch)
  }

  func adding(nanoseconds span: Int64) -> Instant {
    let (sum, overflow) = nanosecondsSinceEpoch.addingReportingOverflow(span)
    return Instant(nanosecondsSinceEpoch: overflow ? (span < 0 ? .min : .max) : sum)
  }
}
