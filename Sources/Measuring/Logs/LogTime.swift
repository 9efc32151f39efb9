/// The times of access logs, as seconds since 1970, UTC.
enum LogTime {
  /// Bytes of `21/Nov/2026:15:04:05 +0000`.
  static let localBytes = 26
  /// Bytes of `2026-11-21T15:04:05+00:00`.
  static let isoBytes = 25

  /// nginx's `$time_local`, Apache's `%t` without its brackets.
  static func local(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.count == localBytes, text[2] == slash, text[6] == slash, text[11] == colon,
      text[20] == space, let day = number(text, 0, 2), let month = month(text, 3),
      let year = number(text, 7, 4), let clock = clock(text, 12),
      let hours = number(text, 22, 2), let minutes = number(text, 24, 2)
    else { return nil }
    return seconds(
      year: year, month: month, day: day, clock: clock, sign: text[21], hours: hours,
      minutes: minutes)
  }

  /// nginx's `$time_iso8601`.
  static func iso(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.count == isoBytes, text[4] == minus, text[7] == minus,
      text[10] == UInt8(ascii: "T"), text[22] == colon, let year = number(text, 0, 4),
      let month = number(text, 5, 2), let day = number(text, 8, 2), let clock = clock(text, 11),
      let hours = number(text, 20, 2), let minutes = number(text, 23, 2)
    else { return nil }
    return seconds(
      year: year, month: month, day: day, clock: clock, sign: text[19], hours: hours,
      minutes: minutes)
  }

  /// The UTC hour that a time is in, as `2026112115`.
  static func hourName(_ seconds: Int64) -> String {
    let hours = seconds / 3_600
    let (year, month, day) = date(days: hours / 24)
    let digits = ((year * 100 + month) * 100 + day) * 100 + hours % 24
    return String(digits)
  }

  // MARK: Parts

  private static let slash = UInt8(ascii: "/")
  private static let colon = UInt8(ascii: ":")
  private static let space = UInt8(ascii: " ")
  private static let minus = UInt8(ascii: "-")
  private static let months = Array("JanFebMarAprMayJunJulAugSepOctNovDec".utf8)

  private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int64? {
    var value: Int64 = 0
    for byte in text[start..<start + count] {
      guard 0x30...0x39 ~= byte else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    return value
  }

  private static func month(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int64? {
    for month in 0..<12 where months[month * 3] == text[start] {
      let isSame =
        months[month * 3 + 1] == text[start + 1] && months[month * 3 + 2] == text[start + 2]
      if isSame { return Int64(month + 1) }
    }
    return nil
  }

  /// Seconds of the day; a leap second is the one after.
  private static func clock(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int64? {
    guard text[start + 2] == colon, text[start + 5] == colon, let hour = number(text, start, 2),
      let minute = number(text, start + 3, 2), let second = number(text, start + 6, 2),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    return hour * 3_600 + minute * 60 + second
  }

  private static func seconds(
    year: Int64, month: Int64, day: Int64, clock: Int64, sign: UInt8, hours: Int64, minutes: Int64
  ) -> Int64? {
    guard year >= 1970, 1...12 ~= month, 1...31 ~= day, hours < 24, minutes < 60,
      sign == UInt8(ascii: "+") || sign == minus
    else { return nil }
    let days = days(year: year, month: month, day: day)
    // A day that its month does not have comes out as one of the next.
    guard date(days: days) == (year, month, day) else { return nil }
    let offset = (hours * 3_600 + minutes * 60) * (sign == minus ? -1 : 1)
    let seconds = days * 86_400 + clock - offset
    return seconds >= 0 ? seconds : nil
  }

  /// Days since 1970 in the Gregorian calendar. Years are counted from March, so that the day
  /// that only leap years have is a year's last.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month > 2 ? year : year - 1
    let monthsFromMarch = (month + 9) % 12
    let daysBefore = (153 * monthsFromMarch + 2) / 5
    return 365 * year + year / 4 - year / 100 + year / 400 + daysBefore + day - 1 - epochDays
  }

  /// From 1 March of the year 0 to 1 January 1970.
  private static let epochDays: Int64 = 719_468

  private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let all = days + epochDays
    // A first guess that is at most a year too late or early.
    var year = all * 400 / 146_097
    func start(_ year: Int64) -> Int64 { 365 * year + year / 4 - year / 100 + year / 400 }
    if start(year) > all { year -= 1 }
    if start(year + 1) <= all { year += 1 }
    let dayOfYear = all - start(year)
    let monthsFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthsFromMarch + 2) / 5 + 1
    let month = monthsFromMarch < 10 ? monthsFromMarch + 3 : monthsFromMarch - 9
    return (month > 2 ? year : year + 1, month, day)
  }
}
