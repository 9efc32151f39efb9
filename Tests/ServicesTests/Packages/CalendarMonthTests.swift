internal import Foundation
internal import Storage
internal import Testing

@testable internal import Services

@Suite("CalendarMonth")
struct CalendarMonthTests {
  private func instant(_ text: String) throws -> Instant {
    let date = try Date(text, strategy: .iso8601)
    return Instant(secondsSinceEpoch: Int64(date.timeIntervalSince1970))
  }

  @Test(
    "a month begins at midnight UTC of its first day",
    arguments: [
      ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-02-01T00:00:00Z"),
      ("1970-01-31T23:59:59Z", "1970-01-01T00:00:00Z", "1970-02-01T00:00:00Z"),
      ("1969-12-31T23:59:59Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"),
      ("2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
      ("2023-02-28T23:59:59Z", "2023-02-01T00:00:00Z", "2023-03-01T00:00:00Z"),
      ("2000-02-29T12:00:00Z", "2000-02-01T00:00:00Z", "2000-03-01T00:00:00Z"),
      ("2100-02-28T23:59:59Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"),
      ("2100-03-01T00:00:00Z", "2100-03-01T00:00:00Z", "2100-04-01T00:00:00Z"),
      ("2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
      ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"),
      ("2026-04-30T23:59:59Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"),
      ("1700-02-28T23:59:59Z", "1700-02-01T00:00:00Z", "1700-03-01T00:00:00Z"),
    ])
  func boundaries(time: String, start: String, next: String) throws {
    let month = CalendarMonth(of: try instant(time))
    #expect(month.start == (try instant(start)))
    #expect(month.next.start == (try instant(next)))
  }

  @Test("the last nanosecond of a month lies in it, before 1970 too")
  func lastNanosecond() throws {
    for text in ["2026-03-01T00:00:00Z", "1970-01-01T00:00:00Z", "1960-03-01T00:00:00Z"] {
      let start = try instant(text)
      let before = Instant(nanosecondsSinceEpoch: start.nanosecondsSinceEpoch - 1)
      #expect(CalendarMonth(of: before).next == CalendarMonth(of: start))
    }
  }

  @Test("every month from 1678 to 2262 is as long as Foundation's calendar says")
  func everyMonth() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for index in (1678 - 1970) * 12..<(2262 - 1970) * 12 {
      let month = CalendarMonth(index: Int64(index))
      let (years, rest) = (index + 12_000).quotientAndRemainder(dividingBy: 12)
      let date = calendar.date(
        from: DateComponents(year: years - 1000 + 1970, month: rest + 1, day: 1))
      #expect(month.start.secondsSinceEpoch == date.map { Int64($0.timeIntervalSince1970) })
      #expect(CalendarMonth(of: month.start) == month)
    }
  }

  @Test("the first and the last moments that there are have a month")
  func ends() {
    let first = CalendarMonth(of: Instant(nanosecondsSinceEpoch: .min))
    let last = CalendarMonth(of: Instant(nanosecondsSinceEpoch: .max))
    #expect(first.start.nanosecondsSinceEpoch == .min)
    #expect(last.next.start.nanosecondsSinceEpoch == .max)
    #expect(first < last)
  }

  @Test("hours begin in the past, before 1970 too")
  func hours() throws {
    #expect(try instant("2026-03-29T01:59:59Z").hourStart == instant("2026-03-29T01:00:00Z"))
    #expect(try instant("1969-12-31T23:59:59Z").hourStart == instant("1969-12-31T23:00:00Z"))
  }
}
