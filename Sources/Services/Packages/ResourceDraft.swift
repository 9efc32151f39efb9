internal import API
internal import Storage

/// A resource to attach: its kind, and its name in the form in which it is kept and compared.
struct ResourceDraft: Equatable, Sendable {
  let kind: PackageResourceRecord.Kind
  let name: String
  /// The domain that the name lies in, where it lies in one.
  private let domain: String?

  private static let field = "resource.name"

  /// nil for a resource that is none, which is a violation.
  init?(_ resource: PackageResource?, _ violations: inout Violations) {
    guard let resource else {
      violations.add("resource", "is required")
      return nil
    }
    let text = resource.name
    let kind = PackageResourceRecord.Kind(rawValue: resource.kind.rawValue)
    if kind == nil { violations.add("resource.kind", "must be one of the kinds") }
    guard !text.isEmpty, text.hasAtMost(Limits.maxResourceNameCharacters) else {
      violations.add(
        Self.field, "must be 1 to \(Limits.maxResourceNameCharacters) characters")
      return nil
    }
    guard let kind else { return nil }
    self.kind = kind
    switch kind {
    case .mailbox:
      guard let parts = Self.mailbox(text, &violations) else { return nil }
      name = "\(parts.local)@\(parts.domain)"
      domain = parts.domain
    case .database:
      guard Self.isDatabase(text) else {
        violations.add(
          Self.field,
          "must be 1 to \(Limits.maxDatabaseNameCharacters) of a-z, 0-9 and \"_\", from a letter on"
        )
        return nil
      }
      name = text
      domain = nil
    case .sslCertificate:
      // A certificate may stand for all names right below a domain (RFC 9525 section 6.3).
      let wildcard = text.hasPrefix("*.") ? "*." : ""
      guard
        let base = violations.domainName(Self.field, String(text.dropFirst(wildcard.count)))
      else { return nil }
      name = wildcard + base
      domain = base
    case .backup:
      violations.checkText(Self.field, text, 1...Limits.maxResourceNameCharacters)
      guard !violations.contains(Self.field) else { return nil }
      name = text
      domain = nil
    case .subdomain:
      guard let normalized = violations.domainName(Self.field, text) else { return nil }
      name = normalized
      domain = normalized
    }
    guard name.utf8.count <= Limits.maxResourceNameCharacters || kind == .backup else {
      violations.add(
        Self.field,
        "must be at most \(Limits.maxResourceNameCharacters) characters with A-labels")
      return nil
    }
  }

  /// What is wrong with the name for this very package.
  func check(against package: HostingPackageRecord, _ violations: inout Violations) {
    guard let domain else { return }
    let domains = [package.domainName] + package.extraDomainNames
    let isOwn = domains.contains(domain)
    let isBelow = domains.contains { domain.hasSuffix("." + $0) }
    switch kind {
    case .mailbox:
      if !isOwn { violations.add(Self.field, "must be an address at a domain of the package") }
    case .sslCertificate:
      if !isOwn && !isBelow {
        violations.add(Self.field, "must be a domain of the package, or one below")
      }
    case .subdomain:
      if isOwn || !isBelow { violations.add(Self.field, "must be below a domain of the package") }
    case .database, .backup: break
    }
  }

  /// Local parts are told apart without their case, and are what every mail server takes as the
  /// name of a folder.
  private static func mailbox(
    _ text: String, _ violations: inout Violations
  ) -> (local: String, domain: String)? {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      violations.add(field, "must be an address such as \"info@example.com\"")
      return nil
    }
    let local = parts[0].lowercased()
    let dot = UInt8(ascii: ".")
    let isLocal =
      (1...Limits.maxMailboxLocalPartCharacters).contains(local.utf8.count)
      // Before it is lower-cased: that turns a Kelvin sign into a k.
      && parts[0].utf8.allSatisfy { $0 < 0x80 }
      && local.utf8.allSatisfy { isLocalPart($0) }
      && local.utf8.split(separator: dot, omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty }
    if !isLocal {
      violations.add(
        field,
        "must have 1 to \(Limits.maxMailboxLocalPartCharacters) of a-z, 0-9 and \". _ + -\" before "
          + "the @, with no dot at either end nor two in a row")
    }
    guard let domain = violations.domainName(field, String(parts[1])), isLocal else { return nil }
    return (local, domain)
  }

  private static func isLocalPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func isDatabase(_ text: String) -> Bool {
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    return text.utf8.count <= Limits.maxDatabaseNameCharacters
      && text.utf8.first.map(letters.contains) == true
      && text.utf8.allSatisfy {
        letters.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "_")
      }
  }
}
