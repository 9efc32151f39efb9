/// What happened to a package.
package struct PackageChangeKind: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: PackageChangeKind { PackageChangeKind(rawValue: 0) }
  /// It was created.
  package static var created: PackageChangeKind { PackageChangeKind(rawValue: 1) }
  /// A field of it changed, or its configuration, its users or its resources.
  package static var updated: PackageChangeKind { PackageChangeKind(rawValue: 2) }
  /// A suspension was added.
  package static var suspended: PackageChangeKind { PackageChangeKind(rawValue: 3) }
  /// A suspension was lifted.
  package static var unsuspended: PackageChangeKind { PackageChangeKind(rawValue: 4) }
  /// It was deleted, and is kept until its purge_time.
  package static var deleted: PackageChangeKind { PackageChangeKind(rawValue: 5) }
  /// It was brought back.
  package static var undeleted: PackageChangeKind { PackageChangeKind(rawValue: 6) }
  /// It is gone for good.
  package static var purged: PackageChangeKind { PackageChangeKind(rawValue: 7) }
  package static var limitExceeded: PackageChangeKind { PackageChangeKind(rawValue: 8) }
}
