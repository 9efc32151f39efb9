/// Every bound of this room, with its unit last.
package enum Limits {
  /// Of an answer's header fields, or of an SMTP server's replies, together.
  static let maxHeaderBytes = 64 * 1024
}
