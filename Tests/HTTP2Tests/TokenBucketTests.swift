@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct TokenBucketTests {
  private let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

  /// How many may be taken at once.
  private func left(_ bucket: inout TokenBucket, at now: NIODeadline) -> Int {
    var count = 0
    while count < 100_000, bucket.take(at: now) { count += 1 }
    return count
  }

  @Test("at once it gives its burst, and no more")
  func burst() {
    var bucket = TokenBucket(perSecond: 10, burst: 25, now: start)
    #expect(left(&bucket, at: start) == 25)
    #expect(bucket.take(at: start) == false)
  }

  @Test("it fills at its rate, up to the burst", arguments: [(1, 10), (2, 20), (3, 25), (999, 25)])
  func fills(seconds: Int64, expected: Int) {
    var bucket = TokenBucket(perSecond: 10, burst: 25, now: start)
    _ = left(&bucket, at: start)
    #expect(left(&bucket, at: start + .seconds(seconds)) == expected)
  }

  @Test(
    "in the long run it gives its rate, however time is cut", arguments: [1, 7, 333, 1_000_003])
  func longRun(microseconds: Int64) {
    var bucket = TokenBucket(perSecond: 3, burst: 3, now: start)
    _ = left(&bucket, at: start)
    var now = start
    var taken = 0
    let steps = min(1_000_000, 100_000_000 / microseconds)
    for _ in 0..<steps {
      now = now + .microseconds(microseconds)
      if bucket.take(at: now) { taken += 1 }
    }
    // A step that is longer than a token takes can only use one of them.
    let perStep = Double(microseconds) / 1e6 * 3
    let expected = perStep > 1 ? Double(steps) : Double(steps) * perStep
    #expect(abs(Double(taken) - expected) <= 1)
  }

  @Test("time that stands still or goes back fills nothing")
  func noTime() {
    var bucket = TokenBucket(perSecond: 1_000_000, burst: 1, now: start)
    #expect(bucket.take(at: start) == true)
    #expect(bucket.take(at: start) == false)
    #expect(bucket.take(at: start - .seconds(4)) == false)
  }

  @Test("the longest time and the highest rate do not overflow")
  func extremes() {
    var bucket = TokenBucket(
      perSecond: 1_000_000_000, burst: 2_000_000_000, now: .uptimeNanoseconds(0))
    #expect(bucket.take(at: .uptimeNanoseconds(0)) == true)
    #expect(bucket.take(at: .uptimeNanoseconds(UInt64(Int64.max))) == true)
    var slow = TokenBucket(perSecond: 1, burst: 3600, now: .uptimeNanoseconds(0))
    #expect(slow.take(at: .uptimeNanoseconds(UInt64(Int64.max))) == true)
  }

  @Test("what is given counts, within the burst")
  func give() {
    var bucket = TokenBucket(perSecond: 1, burst: 5, now: start)
    _ = left(&bucket, at: start)
    bucket.give(3)
    #expect(left(&bucket, at: start) == 3)
    bucket.give(.max)
    #expect(left(&bucket, at: start) == 5)
  }
}
