internal import Foundation
internal import Storage
internal import Testing

@testable internal import Services

@Suite struct ReceiptMailTests {
  static let id = ULID(milliseconds: 1_767_225_600_000, random: 7)

  static func receipt(
    credit: Int64 = 100, method: PaymentIntentRecord.Method? = .creditCard
  ) -> ReceiptRecord {
    func money(_ count: Int64) -> MoneyRecord {
      MinorUnits(currencyCode: "USD", count: count).money
    }
    return ReceiptRecord(
      series: "A", sequence: 42, userID: "10", purchaseID: 7, packageID: 3,
      packageName: "Größe L", price: money(999), credit: money(credit),
      amountCharged: money(999 - credit), startTime: Instant(secondsSinceEpoch: 1_772_355_845),
      endTime: Instant(secondsSinceEpoch: 1_774_947_845), paymentMethod: method,
      cardBrand: method == .creditCard ? "visa" : "",
      cardLastFour: method == .creditCard ? "4242" : "", transactionID: method == nil ? "" : "tr_1",
      issueTime: Instant(secondsSinceEpoch: 1_772_355_845))
  }

  @Test("a mail tells what was bought and how it was paid")
  func body() {
    let mail = ReceiptMail.compose(
      Self.receipt(), to: "b@example.com", from: "shop@example.org", id: Self.id)
    #expect(mail.messageID == "\(Self.id.text)@example.org")
    #expect(mail.subject == "Receipt A-000042")
    #expect(mail.recipient == "b@example.com")
    #expect(mail.attempts == 0)
    #expect(mail.nextAttemptTime == mail.createTime)
    #expect(
      mail.body == """
        Thank you for your purchase.

        Receipt:      A-000042
        Issued:       2026-03-01 09:04:05 UTC
        Package:      Größe L
        From:         2026-03-01 09:04:05 UTC
        Until:        2026-03-31 09:04:05 UTC
        Price:        9.99 USD
        Credit:       1.00 USD
        Charged:      8.99 USD
        Paid with:    visa ending in 4242
        Transaction:  tr_1
        Purchase:     7

        """)
  }

  @Test("what there is nothing of is not mentioned")
  func less() {
    let free = ReceiptMail.compose(
      Self.receipt(credit: 0, method: nil), to: "b@example.com", from: "a@b", id: Self.id)
    #expect(!free.body.contains("Credit") && !free.body.contains("Paid"))
    #expect(!free.body.contains("Transaction"))
    let payPal = ReceiptMail.compose(
      Self.receipt(method: .payPal), to: "b@example.com", from: "a@b", id: Self.id)
    #expect(payPal.body.contains("Paid with:    PayPal\n"))
  }

  @Test(
    "a time is told as the calendar has it",
    arguments: [
      (0, "1970-01-01 00:00:00", "Thu, 01 Jan 1970 00:00:00 +0000"),
      (951_827_696, "2000-02-29 12:34:56", "Tue, 29 Feb 2000 12:34:56 +0000"),
      (-1, "1969-12-31 23:59:59", "Wed, 31 Dec 1969 23:59:59 +0000"),
      (1_767_225_599, "2025-12-31 23:59:59", "Wed, 31 Dec 2025 23:59:59 +0000"),
      (4_107_542_399, "2100-02-28 23:59:59", "Sun, 28 Feb 2100 23:59:59 +0000"),
    ])
  func times(seconds: Int64, text: String, mail: String) {
    let time = UTCTime(Instant(secondsSinceEpoch: seconds))
    #expect(time.text == text)
    #expect(time.mailDate == mail)
  }
}

@Suite struct MailMessageTests {
  private func mail(subject: String = "Receipt A-000042", body: String = "Hello")
    -> OutboxMailRecord
  {
    OutboxMailRecord(
      id: ReceiptMailTests.id, messageID: "1@example.org", recipient: "b@example.com",
      subject: subject, body: body, createTime: Instant(secondsSinceEpoch: 0), attempts: 0,
      nextAttemptTime: nil, lastError: "")
  }

  private func text(_ mail: OutboxMailRecord) -> String {
    String(decoding: MailMessage.bytes(of: mail, from: "a@example.org"), as: UTF8.self)
  }

  @Test("a mail is as RFC 5322 has it")
  func whole() {
    #expect(
      text(mail(body: "Größe = L\nend \n")) == """
        Date: Thu, 01 Jan 1970 00:00:00 +0000\r
        From: a@example.org\r
        To: b@example.com\r
        Subject: Receipt A-000042\r
        Message-ID: <1@example.org>\r
        Auto-Submitted: auto-generated\r
        MIME-Version: 1.0\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        Gr=C3=B6=C3=9Fe =3D L\r
        end=20\r

        """)
  }

  @Test("no text can begin a line of the header, or end it")
  func injection() {
    var damaged = mail(subject: "x\r\nBcc: c@example.com\r\n\r\nHi")
    damaged.recipient = "b@example.com\r\nBcc: c@example.com"
    damaged.messageID = "1>\r\nBcc: c"
    let lines = text(damaged).components(separatedBy: "\r\n")
    #expect(!lines.contains { $0.hasPrefix("Bcc") })
    #expect(lines.firstIndex(of: "") == 9)
  }

  @Test(
    "a subject that is not ASCII, or too long, is encoded in words of whole characters",
    arguments: [
      "Quittung für Ünïcödé 🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾🧾", String(repeating: "a", count: 100), "=?utf-8?B?QQ==?=",
    ])
  func subject(_ subject: String) throws {
    let header = text(mail(subject: subject)).components(separatedBy: "\r\n\r\n")[0]
    let unfolded = header.replacing("\r\n ", with: " ")
    let line = try #require(
      unfolded.components(separatedBy: "\r\n").first { $0.hasPrefix("Subject: ") })
    let words = line.dropFirst("Subject: ".count).split(separator: " ")
    #expect(words.allSatisfy { $0.utf8.count <= 75 })
    let decoded = words.map { word in
      Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
        .flatMap { String(data: $0, encoding: .utf8) } ?? "?"
    }
    #expect(decoded.joined() == subject)
  }

  @Test(
    "an encoded body has short lines of ASCII, and is the text again",
    arguments: [
      "", "\n", "a", "a \nb\t\n", "..\n.\n", "From x\n", "line\r\nline\rline",
      String(repeating: "abc def ", count: 100), String(repeating: "ü=\u{7f}", count: 100),
      String(repeating: "x", count: 75) + " \n" + String(repeating: "y", count: 76) + "\n",
    ])
  func body(_ body: String) {
    let encoded = String(decoding: MailMessage.quotedPrintable(body), as: UTF8.self)
    let lines = encoded.components(separatedBy: "\r\n")
    #expect(lines.allSatisfy { $0.utf8.count <= 76 && !$0.hasSuffix(" ") && !$0.hasSuffix("\t") })
    #expect(encoded.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0d || $0 == 0x0a })
    let expected = body.replacing("\r\n", with: "\n")
    let ended = expected.isEmpty || expected.hasSuffix("\n") ? expected : expected + "\n"
    #expect(Self.decoded(encoded) == ended)
  }

  private static func decoded(_ text: String) -> String {
    let bytes = Array(text.replacing("=\r\n", with: "").replacing("\r\n", with: "\n").utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "="), index + 2 < bytes.count {
        let digits = String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self)
        decoded.append(UInt8(digits, radix: 16) ?? 0)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }
}
