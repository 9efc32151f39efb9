internal import Storage

/// A point in time as the calendar and the clock have it, UTC.
struct UTCTime: Hashable, Sendable {
  let year: Int64
  /// From 1.
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int
  let second: Int
  /// 0 is Sunday.
  let weekday: Int

  init(_ time: Instant) {
    let calendarMonth = CalendarMonth(of: time)
    let years = calendarMonth.index.flooringQuotient(by: 12)
    year = 1970 + years
    month = Int(calendarMonth.index - years * 12) + 1
    let seconds = time.secondsSinceEpoch
    let days = seconds.flooringQuotient(by: Instant.secondsPerDay)
    let monthStart = calendarMonth.start.secondsSinceEpoch
    day = Int(days - monthStart.flooringQuotient(by: Instant.secondsPerDay)) + 1
    let secondOfDay = Int(seconds - days * Instant.secondsPerDay)
    hour = secondOfDay / 3600
    minute = secondOfDay / 60 % 60
    second = secondOfDay % 60
    // 1 January 1970 was a Thursday.
    let weeks = (days + 4).flooringQuotient(by: 7)
    weekday = Int(days + 4 - weeks * 7)
  }

  /// "2026-03-01 09:05:00"
  var text: String {
    "\(Self.digits(Int(year), 4))-\(Self.digits(month))-\(Self.digits(day)) \(clock)"
  }

  /// "Sun, 01 Mar 2026 09:05:00 +0000" (RFC 5322 section 3.3).
  var mailDate: String {
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let date = "\(Self.digits(day)) \(months[month - 1]) \(Self.digits(Int(year), 4))"
    return "\(weekdays[weekday]), \(date) \(clock) +0000"
  }

  private var clock: String {
    "\(Self.digits(hour)):\(Self.digits(minute)):\(Self.digits(second))"
  }

  private static func digits(_ number: Int, _ count: Int = 2) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
