internal import Storage

/// An amount in the smallest unit of its currency: cents, where there are any. All that is charged
/// or credited is a whole number of them.
struct MinorUnits: Hashable, Sendable {
  let currencyCode: String
  let count: Int64

  init(currencyCode: String, count: Int64) {
    self.currencyCode = currencyCode
    self.count = count
  }

  /// nil when the amount is no whole number of minor units, or too large.
  init?(_ money: MoneyRecord) {
    let nanosPerUnit = 1_000_000_000 / Self.perUnit(of: money.currencyCode)
    let (rest, nanos) = (Int64(money.nanos) % nanosPerUnit, Int64(money.nanos) / nanosPerUnit)
    let (scaled, overflow) = money.units.multipliedReportingOverflow(
      by: Self.perUnit(of: money.currencyCode))
    let (count, carry) = scaled.addingReportingOverflow(nanos)
    guard rest == 0, !overflow, !carry else { return nil }
    self.init(currencyCode: money.currencyCode, count: count)
  }

  /// Whether nothing of the amount is below the currency's smallest unit.
  static func divides(_ money: MoneyRecord) -> Bool {
    Int64(money.nanos) % (1_000_000_000 / perUnit(of: money.currencyCode)) == 0
  }

  var money: MoneyRecord {
    let perUnit = Self.perUnit(of: currencyCode)
    return MoneyRecord(
      currencyCode: currencyCode, units: count / perUnit,
      nanos: Int32(count % perUnit * (1_000_000_000 / perUnit)))
  }

  /// "9.99 USD".
  var text: String {
    let perUnit = Self.perUnit(of: currencyCode)
    let digits = String(perUnit).count - 1
    guard digits > 0 else { return "\(count) \(currencyCode)" }
    let fraction = String(count.magnitude % perUnit.magnitude)
    let padded = String(repeating: "0", count: digits - fraction.count) + fraction
    return "\(count < 0 ? "-" : "")\(count.magnitude / perUnit.magnitude).\(padded) \(currencyCode)"
  }

  /// Of ISO 4217, list one: two decimals, but for these.
  private static func perUnit(of currencyCode: String) -> Int64 {
    switch currencyCode {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
      "VUV", "XAF", "XOF", "XPF":
      1
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 1000
    case "CLF", "UYW": 10_000
    default: 100
    }
  }
}
