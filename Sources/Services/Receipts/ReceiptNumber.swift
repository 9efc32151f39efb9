internal import Storage

/// A receipt's number as clients see it: "A-000042".
struct ReceiptNumber: Hashable, Sendable {
  let series: String
  let sequence: Int64

  init(series: String, sequence: Int64) {
    self.series = series
    self.sequence = sequence
  }

  /// nil for what ``text`` does not give.
  init?(_ text: String) {
    guard
      text.utf8.count <= Limits.maxReceiptNumberBytes,
      let dash = text.utf8.lastIndex(of: UInt8(ascii: "-")),
      let sequence = Int64(text[text.utf8.index(after: dash)...]), sequence > 0
    else { return nil }
    self.init(series: String(text[..<dash]), sequence: sequence)
    guard self.text == text else { return nil }
  }

  var text: String {
    let digits = String(sequence)
    return "\(series)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
  }
}
