internal import Storage

/// The mail that goes with a receipt.
enum ReceiptMail {
  /// - Parameters:
  ///   - recipient: an address.
  ///   - sender: an address, whose domain the mail's own id gets.
  static func compose(
    _ receipt: ReceiptRecord, to recipient: String, from sender: String, id: ULID
  ) -> OutboxMailRecord {
    let number = ReceiptNumber(series: receipt.series, sequence: receipt.sequence).text
    let domain = sender.split(separator: "@").last ?? "packd"
    return OutboxMailRecord(
      id: id, messageID: "\(id.text)@\(domain)", recipient: recipient,
      subject: "Receipt \(number)", body: body(receipt, number: number),
      createTime: receipt.issueTime, attempts: 0, nextAttemptTime: receipt.issueTime,
      lastError: "")
  }

  private static func body(_ receipt: ReceiptRecord, number: String) -> String {
    var rows = [
      ("Receipt", number),
      ("Issued", "\(UTCTime(receipt.issueTime).text) UTC"),
      ("Package", receipt.packageName),
      ("From", "\(UTCTime(receipt.startTime).text) UTC"),
      ("Until", "\(UTCTime(receipt.endTime).text) UTC"),
      ("Price", text(receipt.price)),
    ]
    if receipt.credit.units != 0 || receipt.credit.nanos != 0 {
      rows.append(("Credit", text(receipt.credit)))
    }
    rows.append(("Charged", text(receipt.amountCharged)))
    if let paid = payment(receipt) { rows.append(("Paid with", paid)) }
    if !receipt.transactionID.isEmpty { rows.append(("Transaction", receipt.transactionID)) }
    rows.append(("Purchase", "\(receipt.purchaseID)"))
    let lines = rows.map { name, value in
      "\(name):\(String(repeating: " ", count: 13 - name.utf8.count))\(value)"
    }
    return "Thank you for your purchase.\n\n" + lines.joined(separator: "\n") + "\n"
  }

  private static func payment(_ receipt: ReceiptRecord) -> String? {
    switch receipt.paymentMethod {
    case nil: nil
    case .payPal: "PayPal"
    case .creditCard: "\(receipt.cardBrand) ending in \(receipt.cardLastFour)"
    }
  }

  private static func text(_ money: MoneyRecord) -> String {
    // What was charged is a whole number of minor units.
    MinorUnits(money)?.text ?? "\(money.units) \(money.currencyCode)"
  }
}
