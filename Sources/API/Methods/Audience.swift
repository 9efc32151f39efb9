/// Who may call a method.
package enum Audience: Equatable, Sendable {
  /// Anyone; nobody looks for a token.
  case anyone
  /// Whoever brings a valid token.
  case authenticated
  /// Whoever brings a valid token with at least one of these roles.
  case roles(RoleSet)
}
