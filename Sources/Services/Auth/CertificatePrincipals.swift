internal import API
internal import Storage

/// Which certificates of clients stand for which principals, all with the role Service.
package struct CertificatePrincipals: Sendable {
  /// One name and its principal.
  package struct Entry: Sendable, Equatable {
    package let name: String
    package let account: String
    package let sub: String

    /// A name, `=`, and a user or account/user: `DNS:billing.example=acme/billing`. The name is
    /// `URI:`, `DNS:` or `CN:` and what stands in the certificate; it may contain `=`.
    package init?(text: String) {
      guard let equals = text.lastIndex(of: "=") else { return nil }
      let name = text[..<equals]
      guard let colon = name.firstIndex(of: ":"), name.index(after: colon) < name.endIndex else {
        return nil
      }
      switch name[..<colon] {
      case "URI", "CN": self.name = String(name)
      case "DNS": self.name = "DNS:" + name[name.index(after: colon)...].lowercased()
      default: return nil
      }
      let principal = text[text.index(after: equals)...]
        .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let sub = principal.last, principal.allSatisfy(Authenticator.isIdentity) else {
        return nil
      }
      self.sub = sub
      account = principal.count > 1 ? principal[0] : Principal.defaultAccount
    }
  }

  private let entries: [String: Entry]

  /// Of two entries for one name the latter counts.
  package init(_ entries: [Entry]) {
    self.entries = Dictionary(entries.map { ($0.name, $0) }) { $1 }
  }

  /// Whom a certificate with these names stands for; nil when for nobody.
  /// - Parameter expireTimeSeconds: the last second, since 1970, that the certificate is valid in.
  package func principal(names: [String], expireTimeSeconds: Int) -> Principal? {
    guard let entry = names.lazy.compactMap({ entries[$0] }).first else { return nil }
    return Principal(
      sub: entry.sub, account: entry.account, roles: .service,
      expireTime: Instant(secondsSinceEpoch: Int64(expireTimeSeconds)).adding(seconds: 1))
  }
}
