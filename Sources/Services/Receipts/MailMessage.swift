internal import FoundationEssentials
internal import Storage

/// A mail as it goes over the wire (RFC 5322, RFC 2045): ASCII alone, lines ended by CR LF. No text
/// in it can begin a line of the header.
enum MailMessage {
  /// - Parameter sender: an address, as the mail's recipient is.
  static func bytes(of mail: OutboxMailRecord, from sender: String) -> [UInt8] {
    let header = [
      "Date: \(UTCTime(mail.createTime).mailDate)",
      "From: \(word(sender))",
      "To: \(word(mail.recipient))",
      "Subject: \(unstructured(mail.subject))",
      "Message-ID: <\(word(mail.messageID))>",
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable",
    ]
    return Array((header.joined(separator: "\r\n") + "\r\n\r\n").utf8)
      + quotedPrintable(mail.body)
  }

  /// What is an address or an id already: this is so that a damaged one cannot be more.
  private static func word(_ text: String) -> String {
    String(text.unicodeScalars.filter { ("!"..."~").contains($0) && $0 != "<" && $0 != ">" })
  }

  /// As it is, or in encoded words (RFC 2047) of whole characters each.
  private static func unstructured(_ text: String) -> String {
    let isPlain =
      text.utf8.count <= Limits.maxEncodedWordBytes && !text.contains("=?")
      && text.utf8.allSatisfy { (UInt8(ascii: " ")...UInt8(ascii: "~")).contains($0) }
    if isPlain { return text }
    var words: [[UInt8]] = [[]]
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if words[words.count - 1].count + bytes.count > Limits.maxEncodedWordBytes {
        words.append([])
      }
      words[words.count - 1] += bytes
    }
    return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }
      .joined(separator: "\r\n ")
  }

  /// RFC 2045 section 6.7. A line of the text ends with a line feed, with or without a carriage
  /// return before it.
  static func quotedPrintable(_ text: String) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    let lineEnd = Array("\r\n".utf8)
    var encoded: [UInt8] = []
    var column = 0
    let bytes = Array(text.utf8)
    for (index, byte) in bytes.enumerated() {
      let next = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
      if byte == UInt8(ascii: "\n") {
        encoded += lineEnd
        column = 0
        continue
      }
      if byte == UInt8(ascii: "\r"), next == UInt8(ascii: "\n") { continue }
      let isBeforeEnd = next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r")
      let isPlain =
        (UInt8(ascii: "!")...UInt8(ascii: "~")).contains(byte) && byte != UInt8(ascii: "=")
        || byte == UInt8(ascii: " ") && !isBeforeEnd
      let part =
        isPlain ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      // One more for the "=" that continues a line.
      if column + part.count >= Limits.maxMailLineBytes {
        encoded += [UInt8(ascii: "=")] + lineEnd
        column = 0
      }
      encoded += part
      column += part.count
    }
    if column > 0 { encoded += lineEnd }
    return encoded
  }
}
