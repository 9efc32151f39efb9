internal import Storage

/// How ids are written for clients: what they name, a hyphen, and a ULID.
enum PackageID {
  static let packagePrefix = "package-"
  static let resourcePrefix = "resource-"

  static func text(_ id: ULID) -> String { packagePrefix + id.text }

  static func resourceText(_ id: ULID) -> String { resourcePrefix + id.text }

  /// nil for a text that is no package's id.
  static func parse(_ text: String) -> ULID? { parse(text, packagePrefix) }

  /// nil for a text that is no resource's id.
  static func parseResource(_ text: String) -> ULID? { parse(text, resourcePrefix) }

  private static func parse(_ text: String, _ prefix: String) -> ULID? {
    text.utf8.span.bytes.withUnsafeBytes { bytes in
      // What is longer is not walked through: a text may be as long as a message.
      let prefix = prefix.utf8
      guard bytes.prefix(prefix.count).elementsEqual(prefix) else { return nil }
      return ULID(ascii: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(prefix.count)))
    }
  }
}

extension HostingPackageRecord {
  /// What audit records and error details call it.
  var resource: String { "packages/" + PackageID.text(id) }
}
