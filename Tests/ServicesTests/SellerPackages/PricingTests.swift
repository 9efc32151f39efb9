internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite struct PricingTests {
  private func usd(_ count: Int64) -> MinorUnits { MinorUnits(currencyCode: "USD", count: count) }

  private func at(_ seconds: Int64) -> Instant { Instant(secondsSinceEpoch: seconds) }

  private func period(_ start: Int64, _ end: Int64, _ price: Int64) -> PurchaseRecord.Period {
    .init(start: at(start), end: at(end), price: usd(price).money)
  }

  private static let day: Int64 = 86_400

  @Test("a package of days ends so many times 24 hours later, whatever the calendar does")
  func days() {
    for (start, days, end) in [
      // 2023-01-20T10:15:30Z to 2023-02-19T10:15:30Z.
      (1_674_209_730, 30, 1_676_801_730),
      // 2024-02-15 to 2024-03-16: over a leap day.
      (1_707_955_200, 30, 1_710_547_200),
      // 2023-02-15 to 2023-03-17: over a February without.
      (1_676_419_200, 30, 1_679_011_200),
      // 2026-03-15T12:00Z to 2026-04-14T12:00Z: clocks change in Europe.
      (1_773_576_000, 30, 1_776_168_000),
      // 2026-10-20T12:00Z to 2026-10-27T12:00Z: and back.
      (1_792_497_600, 7, 1_793_102_400),
      // 1999-12-31T23:59:59Z to 2000-01-01T23:59:59Z.
      (946_684_799, 1, 946_771_199),
      (0, 3660, 316_224_000),
    ] as [(Int64, Int32, Int64)] {
      #expect(Pricing.end(of: days, from: at(start)) == at(end))
    }
    let odd = Instant(nanosecondsSinceEpoch: 1_674_209_730_123_456_789)
    #expect(
      Pricing.end(of: 30, from: odd)
        == Instant(nanosecondsSinceEpoch: 1_676_801_730_123_456_789))
  }

  @Test("a renewal goes on from the end, or from now where that is past")
  func renewal() {
    let day = Self.day
    for (end, now, start) in [
      (100, 50, 100), (100, 100, 100), (100, 101, 101), (0, day * 400, day * 400),
    ] as [(Int64, Int64, Int64)] {
      let renewed = Pricing.renewal(of: at(end), days: 30, at: at(now))
      #expect(renewed.start == at(start))
      #expect(renewed.end == at(start + 30 * day))
    }
  }

  @Test("the unused part, per second, rounded down to the minor unit")
  func credit() throws {
    let day = Self.day
    let month = period(0, 30 * day, 999)
    for (now, credit) in [
      (0, 999), (1, 998), (15 * day, 499), (30 * day - 2595, 1), (30 * day - 2594, 0),
      (30 * day, 0), (31 * day, 0), (-day, 999),
    ] as [(Int64, Int64)] {
      #expect(
        try Pricing.credit(for: [month], at: at(now), upTo: usd(100_000)) == usd(credit), "\(now)")
    }
    // A part of a second counts as used.
    let late = Instant(nanosecondsSinceEpoch: 1)
    #expect(try Pricing.credit(for: [month], at: late, upTo: usd(100_000)) == usd(998))
    // Renewed twice, at other prices: those to come count whole.
    let renewed = [month, period(30 * day, 60 * day, 1499), period(60 * day, 90 * day, 500)]
    #expect(
      try Pricing.credit(for: renewed, at: at(15 * day), upTo: usd(100_000))
        == usd(499 + 1499 + 500))
    #expect(try Pricing.credit(for: renewed, at: at(45 * day), upTo: usd(100_000)) == usd(1249))
  }

  @Test("at most the new price, and never below zero")
  func bounds() throws {
    let month = period(0, 30 * Self.day, 999)
    #expect(try Pricing.credit(for: [month], at: at(0), upTo: usd(500)) == usd(500))
    #expect(try Pricing.credit(for: [month], at: at(0), upTo: usd(0)) == usd(0))
    #expect(try Pricing.credit(for: [], at: at(0), upTo: usd(500)) == usd(0))
    let backwards = period(10, 0, 999)
    #expect(try Pricing.credit(for: [backwards], at: at(0), upTo: usd(500)) == usd(0))
    let nothing = period(0, 100, 0)
    #expect(try Pricing.credit(for: [nothing], at: at(0), upTo: usd(500)) == usd(0))
  }

  @Test("the largest amounts and times do not overflow")
  func extremes() throws {
    let all = PurchaseRecord.Period(
      start: Instant(nanosecondsSinceEpoch: .min), end: Instant(nanosecondsSinceEpoch: .max),
      price: usd(.max).money)
    let periods = Array(repeating: all, count: 1000)
    #expect(
      try Pricing.credit(
        for: periods, at: Instant(nanosecondsSinceEpoch: .min), upTo: usd(.max)) == usd(.max))
    let half = try Pricing.credit(for: [all], at: at(0), upTo: usd(.max))
    #expect(abs(half.count - .max / 2) < .max / 1_000_000_000)
    #expect(
      try Pricing.credit(for: [all], at: Instant(nanosecondsSinceEpoch: .max), upTo: usd(5))
        == usd(0))
  }

  @Test("another currency, or a part of a minor unit, cannot be credited")
  func unpayable() {
    let yen = PurchaseRecord.Period(
      start: at(0), end: at(100), price: MinorUnits(currencyCode: "JPY", count: 999).money)
    #expect(throws: Pricing.Unpayable.self) {
      try Pricing.credit(for: [yen], at: at(0), upTo: usd(500))
    }
    let half = PurchaseRecord.Period(
      start: at(0), end: at(100),
      price: MoneyRecord(currencyCode: "USD", units: 1, nanos: 5_000_000))
    #expect(throws: Pricing.Unpayable.self) {
      try Pricing.credit(for: [half], at: at(0), upTo: usd(500))
    }
  }

  @Test("charges less credits are the price of the time that was used, rounded up")
  func property() throws {
    var random = SeededNumbers(seed: 1)
    for _ in 0..<3000 {
      let now = Int64.random(in: 0...4_000_000_000, using: &random)
      var start = now - Int64.random(in: 0...(40 * Self.day), using: &random)
      let first = start
      var periods: [PurchaseRecord.Period] = []
      // What has been used, as a fraction of each price: exact, with one rounding at the end.
      var used: Int64 = 0
      var paid: Int64 = 0
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let seconds = Int64.random(in: 1...3660, using: &random) * Self.day
        let price = Int64.random(in: 0...1_000_000, using: &random)
        periods.append(period(start, start + seconds, price))
        let over = min(seconds, max(0, now - start))
        used += (price * over + seconds - 1) / seconds
        paid += price
        start += seconds
      }
      guard now < start else { continue }
      let credit = try Pricing.credit(for: periods, at: at(now), upTo: usd(.max))
      #expect(paid - credit.count == used, "\(first) \(now) \(periods)")
    }
  }
}
