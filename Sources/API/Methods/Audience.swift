/// Who may call a method.
package enum Audience: Equatable, Sendable {
  /// Anyone; nobody looks for a token.
  case unasked
  /// Anyone, also without a token; whoever brings a valid one is known by it.
  case anyone
  /// Whoever brings a valid token.
  case authenticated
  /// Whoever brings a valid token with at least one of these roles.
  case roles(RoleSet)
}
