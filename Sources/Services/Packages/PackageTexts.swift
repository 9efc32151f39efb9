/// Login names: 3 to 32 of [a-z0-9_-], from a letter on.
enum Username {
  static func isValid(_ text: String) -> Bool {
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return (Limits.minUsernameCharacters...Limits.maxUsernameCharacters)
      .contains(text.utf8.count)
      && text.utf8.first.map(letters.contains) == true
      && text.utf8.allSatisfy {
        letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "-")
      }
  }
}

/// New passwords: 12 to 256 characters, none of them a control character. As they are: neither
/// trimmed nor normalized.
enum Password {
  static func isValid(_ text: String) -> Bool {
    text.hasAtMost(Limits.maxPasswordCharacters)
      && text.characterCount >= Limits.minPasswordCharacters
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}

/// Directories that domains are served from, relative to their package's home.
enum DocumentRoot {
  /// Where a domain without one of its own is served from.
  static let standard = "public_html"

  /// Up to 255 characters that all show, in segments of which none is empty, "." or "..".
  ///
  /// By code points, as file systems see it: what Swift calls a character is a slash together
  /// with the combining marks behind it, and no separator then.
  static func isValid(_ text: String) -> Bool {
    text.hasAtMost(Limits.maxDocumentRootCharacters)
      && text.unicodeScalars.allSatisfy(\.isPrintable)
      && text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy { segment in
          !segment.isEmpty && !(segment.count <= 2 && segment.allSatisfy { $0 == "." })
        }
  }
}

/// Versions of PHP by their first two numbers: "8.3".
enum PHPVersion {
  /// Whether it looks like one; which there are, the daemon's configuration says.
  static func isValid(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        (1...Limits.maxPHPVersionDigits).contains(part.count)
          && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
          && (part.count == 1 || part.first != UInt8(ascii: "0"))
      }
  }
}

extension Violations {
  mutating func checkUsername(_ field: String, _ text: String) {
    guard !Username.isValid(text) else { return }
    let (least, most) = (Limits.minUsernameCharacters, Limits.maxUsernameCharacters)
    add(field, "must be \(least) to \(most) of a-z, 0-9, \"_\" and \"-\", from a letter on")
  }

  /// Says what must hold, and nothing of what was sent.
  mutating func checkPassword(_ field: String, _ text: String) {
    guard !Password.isValid(text) else { return }
    let (least, most) = (Limits.minPasswordCharacters, Limits.maxPasswordCharacters)
    add(field, "must be \(least) to \(most) characters without control characters")
  }

  mutating func checkDocumentRoot(_ field: String, _ text: String) {
    guard !DocumentRoot.isValid(text) else { return }
    add(
      field,
      "must be a relative path of 1 to \(Limits.maxDocumentRootCharacters) printable characters, "
        + "without empty, \".\" or \"..\" segments")
  }

  mutating func checkPHPVersion(_ field: String, _ text: String) {
    guard !PHPVersion.isValid(text) else { return }
    add(field, "must be a version such as \"8.3\"")
  }
}
