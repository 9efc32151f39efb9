internal import Storage

/// A month of the Gregorian calendar, UTC.
struct CalendarMonth: Hashable, Comparable, Sendable {
  /// Months since January 1970, which is 0.
  let index: Int64

  init(index: Int64) {
    self.index = index
  }

  /// The month that a point in time lies in.
  init(of time: Instant) {
    let days = time.secondsSinceEpoch.flooringQuotient(by: Instant.secondsPerDay)
    // Years begin in March here, so that the leap day is the last of one; the calendar repeats
    // every 400 years. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = days + Self.daysFromMarch0
    let era = shifted.flooringQuotient(by: Self.daysPerEra)
    let day = shifted - era * Self.daysPerEra
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    index = (era * 400 + year - 1970) * 12 + monthFromMarch + 2
  }

  /// Its first moment; the nearest that there is for a month in which time begins or ends.
  var start: Instant {
    let fromMarch = index - 2
    let years = fromMarch.flooringQuotient(by: 12)
    let month = fromMarch - years * 12
    let era = (years + 1970).flooringQuotient(by: 400)
    let year = years + 1970 - era * 400
    let dayOfYear = (153 * month + 2) / 5
    let day = 365 * year + year / 4 - year / 100 + dayOfYear
    let days = era * Self.daysPerEra + day - Self.daysFromMarch0
    return Instant(secondsSinceEpoch: days * Instant.secondsPerDay)
  }

  var next: CalendarMonth { CalendarMonth(index: index + 1) }

  static func < (a: CalendarMonth, b: CalendarMonth) -> Bool { a.index < b.index }

  /// From 1 March of year 0 to 1 January 1970.
  private static let daysFromMarch0: Int64 = 719_468
  private static let daysPerEra: Int64 = 146_097
}

extension Instant {
  /// Rounded towards the past.
  var secondsSinceEpoch: Int64 {
    nanosecondsSinceEpoch.flooringQuotient(by: 1_000_000_000)
  }

  /// Where the hour begins that it lies in.
  var hourStart: Instant {
    Instant(secondsSinceEpoch: secondsSinceEpoch.flooringQuotient(by: 3600) * 3600)
  }
}

extension Int64 {
  /// Rounded down, not towards zero; the divisor is a constant above 0.
  func flooringQuotient(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
