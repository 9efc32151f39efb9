internal import Storage
internal import Testing

@testable internal import Services

@Suite("DaysLeft")
struct DaysLeftTests {
  private let day: Int64 = 86_400_000_000_000

  private func daysLeft(_ end: Int64, _ time: Int64) -> DaysLeft {
    DaysLeft(
      until: Instant(nanosecondsSinceEpoch: end), at: Instant(nanosecondsSinceEpoch: time))
  }

  @Test("a day that has begun counts, and the last one to its end")
  func roundedUp() {
    for (left, count) in [
      (1, 1), (day - 1, 1), (day, 1), (day + 1, 2), (2 * day, 2), (30 * day, 30),
      (29 * day + 1, 30), (3660 * day, 3660),
    ] as [(Int64, Int32)] {
      #expect(daysLeft(5 * day + 7 + left, 5 * day + 7).count == count, "\(left)")
      // Before 1970, and across it.
      #expect(daysLeft(left - day, -day).count == count, "\(left)")
    }
  }

  @Test("the count holds from the first moment to before the last, and at no other")
  func bounds() {
    let end = 40 * day + 12_345
    for time in [end - 3 * day, end - 3 * day + 1, end - 2 * day - 1, end - 1, 7] {
      let days = daysLeft(end, time)
      #expect(days.from.nanosecondsSinceEpoch <= time)
      #expect(time < days.until.nanosecondsSinceEpoch)
      #expect(daysLeft(end, days.from.nanosecondsSinceEpoch).count == days.count)
      #expect(daysLeft(end, days.from.nanosecondsSinceEpoch - 1).count == days.count + 1)
      #expect(daysLeft(end, days.until.nanosecondsSinceEpoch - 1).count == days.count)
    }
    #expect(daysLeft(end, end - 1).until.nanosecondsSinceEpoch == end)
    #expect(daysLeft(end, end - day - 1).until.nanosecondsSinceEpoch == end - day)
  }

  @Test("no distance is too far to be counted")
  func extremes() {
    #expect(daysLeft(.max, .min).count == 106_752)
    #expect(daysLeft(.max, 0).count == 106_752)
    #expect(daysLeft(.min + 1, .min).count == 1)
  }
}
