/// What a mail can be sent to.
enum MailAddress {
  /// A dot-atom, "@" and a domain (RFC 5322 section 3.4.1), in ASCII and without quoted parts: so
  /// that nothing in it can end a header field or an SMTP command.
  static func isValid(_ text: String) -> Bool {
    guard text.utf8.count <= Limits.maxMailAddressBytes else { return false }
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    return parts.allSatisfy { part in
      part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomText) }
    }
  }

  private static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }
}
