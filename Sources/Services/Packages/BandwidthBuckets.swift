internal import API
internal import Storage

/// A span of time in equal parts, UTC: those that a request's times touch, each of them whole.
struct BandwidthBuckets: Equatable, Sendable {
  /// How wide a bucket is.
  enum Width: CaseIterable, Sendable {
    case hour
    case day
    case month
  }

  let width: Width
  /// The first bucket's number, of all since 1970.
  private let first: Int64
  let count: Int

  /// The buckets from the one that `start` lies in to the one that the last moment before `end`
  /// lies in; `end` is after `start`.
  init(_ width: Width, from start: Instant, until end: Instant) {
    self.width = width
    first = width.number(of: start)
    let last = Instant(nanosecondsSinceEpoch: max(end.nanosecondsSinceEpoch, .min + 1) - 1)
    count = Int(max(0, width.number(of: last) - first + 1))
  }

  /// Where the bucket at `index` begins, and at `count` where the last one ends.
  func start(_ index: Int) -> Instant {
    width.start(first + Int64(index))
  }

  /// Where `time` lies, counted from the first bucket; it may lie outside of all.
  func index(of time: Instant) -> Int {
    Int(width.number(of: time) - first)
  }

  /// Of what is kept, the spans that buckets are made of.
  var span: BandwidthRecord.Span {
    switch width {
    case .hour, .day: .hour
    case .month: .month
    }
  }

  /// How many of them there may be in a bucket.
  var spansPerBucket: Int {
    switch width {
    case .hour, .month: 1
    case .day: 24
    }
  }

  /// The buckets from `index` on, up to `limit`, filled with what `records` say of them.
  func filled(
    from index: Int, limit: Int, _ records: [BandwidthRecord]
  ) -> [BandwidthRecord] {
    var buckets = (index..<min(index + limit, count)).map { index in
      BandwidthRecord(
        startTime: start(index), inBytes: 0, outBytes: 0, requests: 0, asOf: start(index))
    }
    for record in records {
      let place = self.index(of: record.startTime) - index
      if buckets.indices.contains(place) { buckets[place].add(record) }
    }
    return buckets
  }
}

extension BandwidthBuckets.Width {
  /// nil for one that there is not.
  init?(_ interval: BandwidthInterval) {
    switch interval {
    case .hour: self = .hour
    case .day: self = .day
    case .month: self = .month
    default: return nil
    }
  }

  fileprivate func number(of time: Instant) -> Int64 {
    switch self {
    case .hour: time.secondsSinceEpoch.flooringQuotient(by: 3600)
    case .day: time.secondsSinceEpoch.flooringQuotient(by: Instant.secondsPerDay)
    case .month: CalendarMonth(of: time).index
    }
  }

  fileprivate func start(_ number: Int64) -> Instant {
    switch self {
    case .hour: Instant(secondsSinceEpoch: number * 3600)
    case .day: Instant(secondsSinceEpoch: number * Instant.secondsPerDay)
    case .month: CalendarMonth(index: number).start
    }
  }
}
