internal import Storage

/// The mail that goes with a receipt.
enum ReceiptMail {
  /// - Parameter recipient: an address.
  static func compose(
    _ receipt: ReceiptRecord, to recipient: String, from sender: String, id: ULID
  ) -> OutboxMailRecord {
    let number = ReceiptNumber(series: receipt.series, sequence: receipt.sequence).text
    return OutboxMailRecord(
      id: id, messageID: "\(id.text)@packd", recipient: recipient, subject: "Receipt \(number)",
      body: "", createTime: receipt.issueTime, attempts: 0, nextAttemptTime: receipt.issueTime,
      lastError: "")
  }
}
