internal import Storage
internal import Testing

@testable internal import Services

@Suite("BandwidthBuckets")
struct BandwidthBucketsTests {
  /// Of 2026, in UTC.
  private func time(_ month: Int64, _ day: Int64, _ hour: Int64 = 0, _ second: Int64 = 0) -> Instant
  {
    CalendarMonth(index: (2026 - 1970) * 12 + month - 1).start
      .adding(seconds: (day - 1) * 86_400 + hour * 3600 + second)
  }

  private func starts(_ buckets: BandwidthBuckets) -> [Instant] {
    (0..<buckets.count).map(buckets.start)
  }

  @Test("a span is taken back to the start of its first bucket, and its end is excluded")
  func edges() {
    let exact = BandwidthBuckets(.hour, from: time(3, 1, 5), until: time(3, 1, 7))
    #expect(starts(exact) == [time(3, 1, 5), time(3, 1, 6)])
    let inside = BandwidthBuckets(.hour, from: time(3, 1, 5, 3599), until: time(3, 1, 7, 1))
    #expect(starts(inside) == [time(3, 1, 5), time(3, 1, 6), time(3, 1, 7)])
    #expect(inside.start(inside.count) == time(3, 1, 8))
    let short = BandwidthBuckets(.day, from: time(3, 1, 5), until: time(3, 1, 6))
    #expect(starts(short) == [time(3, 1)])
  }

  @Test("days begin at midnight and months on their first day, over the ends of both")
  func daysAndMonths() {
    let days = BandwidthBuckets(.day, from: time(2, 27, 23), until: time(3, 2, 1))
    #expect(starts(days) == [time(2, 27), time(2, 28), time(3, 1), time(3, 2)])
    let months = BandwidthBuckets(.month, from: time(1, 31, 23, 3599), until: time(3, 1))
    #expect(starts(months) == [time(1, 1), time(2, 1)])
    let year = BandwidthBuckets(.month, from: time(12, 31), until: time(13, 1, 0, 1))
    #expect(starts(year) == [time(12, 1), time(13, 1)])
    #expect(year.start(2) == time(14, 1))
  }

  @Test("times before 1970 have buckets like any other")
  func before1970() {
    let epoch = Instant(nanosecondsSinceEpoch: 0)
    for width in BandwidthBuckets.Width.allCases {
      let buckets = BandwidthBuckets(
        width, from: Instant(nanosecondsSinceEpoch: -1), until: Instant(nanosecondsSinceEpoch: 1))
      #expect(buckets.count == 2)
      #expect(buckets.start(1) == epoch)
      #expect(buckets.index(of: Instant(nanosecondsSinceEpoch: -1)) == 0)
      #expect(buckets.index(of: epoch) == 1)
    }
  }

  @Test("the whole of time has a number of buckets, and no arithmetic traps")
  func ends() {
    for width in BandwidthBuckets.Width.allCases {
      let all = BandwidthBuckets(
        width, from: Instant(nanosecondsSinceEpoch: .min),
        until: Instant(nanosecondsSinceEpoch: .max))
      #expect(all.count > 7000)
      #expect(all.start(all.count).nanosecondsSinceEpoch == .max)
      let none = BandwidthBuckets(
        width, from: Instant(nanosecondsSinceEpoch: .min),
        until: Instant(nanosecondsSinceEpoch: .min))
      #expect(none.count <= 1)
    }
  }

  @Test("a gap is a bucket with zeros, and what lies outside of a page is left out")
  func filled() {
    let buckets = BandwidthBuckets(.day, from: time(3, 1), until: time(3, 6))
    func traffic(_ time: Instant, _ bytes: Int64) -> BandwidthRecord {
      BandwidthRecord(
        startTime: time, inBytes: bytes, outBytes: 2 * bytes, requests: 1, asOf: time)
    }
    let records = [
      traffic(time(2, 28, 23), 1000), traffic(time(3, 1, 23), 100), traffic(time(3, 3, 0), 1),
      traffic(time(3, 3, 23), 20), traffic(time(3, 5, 1), 300), traffic(time(3, 6), 4000),
    ]
    let all = buckets.filled(from: 0, limit: 10, records)
    #expect(all.map(\.startTime) == (1...5).map { time(3, $0) })
    #expect(all.map(\.inBytes) == [100, 0, 21, 0, 300])
    #expect(all.map(\.outBytes) == [200, 0, 42, 0, 600])
    #expect(all.map(\.requests) == [1, 0, 2, 0, 1])
    let page = buckets.filled(from: 2, limit: 2, records)
    #expect(page.map(\.inBytes) == [21, 0])
    #expect(buckets.filled(from: 5, limit: 2, records).isEmpty)
  }
}
