internal import Storage

/// Wakes who watches an account's packages when they have changed.
final class ChangeFeed: Sendable {
  init() {}

  /// Tells the account's watchers that its log of changes has grown. Waits for nobody.
  func wake(_ accountID: String) {}
}
