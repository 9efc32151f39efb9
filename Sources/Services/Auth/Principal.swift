package import API
package import Storage

/// Who calls, as a verified token or client certificate says. One object serves all calls with
/// that token, or on that certificate's connection.
package final class Principal: Sendable {
  /// The account of who names none.
  static let defaultAccount = "default"

  /// The user; a numeric claim as its decimal text.
  package let sub: String
  /// The reseller account.
  package let account: String
  package let roles: RoleSet
  /// Where the user's receipts go; empty for nowhere.
  package let email: String
  /// Account and user as one text, "default/10", for logs, audit records and replay keys.
  /// No two principals share it: "/" and "%" in an account are percent-encoded.
  package let identity: String
  /// The token is not valid from here on.
  let expireTime: Instant
  /// The token is not valid before this.
  let notBefore: Instant

  package init(
    sub: String, account: String, roles: RoleSet, email: String = "",
    notBefore: Instant = Instant(nanosecondsSinceEpoch: .min),
    expireTime: Instant = Instant(nanosecondsSinceEpoch: .max)
  ) {
    self.sub = sub
    self.account = account
    self.roles = roles
    self.email = email
    self.notBefore = notBefore
    self.expireTime = expireTime
    var identity = ""
    for scalar in account.unicodeScalars {
      switch scalar {
      case "/": identity += "%2F"
      case "%": identity += "%25"
      default: identity.unicodeScalars.append(scalar)
      }
    }
    self.identity = identity + "/" + sub
  }

  /// Calls without a token, where a method admits anyone.
  static let anonymous = Principal(sub: "", account: "", roles: [])

  func isValid(at time: Instant) -> Bool {
    notBefore <= time && time < expireTime
  }
}

extension Audience {
  /// Whether a principal with a valid token is among them.
  func admits(_ principal: Principal) -> Bool {
    switch self {
    case .unasked, .anyone, .authenticated: true
    case .roles(let roles): !roles.isDisjoint(with: principal.roles)
    }
  }
}
