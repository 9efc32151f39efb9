internal import Testing

@testable internal import packctl

@Suite struct BackoffTests {
  private struct Highest: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
  }

  /// Not 0, which the library takes for a number that would favour some results, for ever.
  private struct Lowest: RandomNumberGenerator {
    mutating func next() -> UInt64 { 1 }
  }

  @Test("waits double up to a bound, and half of each is left to chance")
  func waits() {
    var (most, least) = (Backoff(), Backoff())
    var (highest, lowest) = (Highest(), Lowest())
    let longest = (0..<7).map { _ in most.next(using: &highest) }
    let shortest = (0..<7).map { _ in least.next(using: &lowest) }
    let expected = [200, 400, 800, 1_600, 3_200, 5_000, 5_000]
    #expect(longest == expected.map { .milliseconds($0) })
    #expect(shortest == expected.map { .milliseconds($0 / 2) })
  }
}
