/// What a plan limits.
package struct LimitKind: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: LimitKind { LimitKind(rawValue: 0) }
  /// Disk space.
  package static var diskSpace: LimitKind { LimitKind(rawValue: 1) }
  /// Bandwidth in a calendar month, UTC.
  package static var bandwidth: LimitKind { LimitKind(rawValue: 2) }
  /// Mailboxes.
  package static var emailAccounts: LimitKind { LimitKind(rawValue: 3) }
  /// Databases.
  package static var databases: LimitKind { LimitKind(rawValue: 4) }
}
