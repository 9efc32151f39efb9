/// What VerifyCredentials found.
package struct CredentialsVerdict: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: CredentialsVerdict { CredentialsVerdict(rawValue: 0) }
  /// The password is the username's, and the package is active.
  package static var verified: CredentialsVerdict { CredentialsVerdict(rawValue: 1) }
  /// No package has this username, or the password is another.
  package static var mismatch: CredentialsVerdict { CredentialsVerdict(rawValue: 2) }
  /// The password is the username's, but the package is suspended or deleted: refuse access.
  package static var suspended: CredentialsVerdict { CredentialsVerdict(rawValue: 3) }
}
