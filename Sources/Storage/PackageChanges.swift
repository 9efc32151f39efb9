/// Something that happened to a package, in its account's log of changes.
package struct PackageChangeRecord: Hashable, Sendable {
  package enum Kind: Int32, Sendable, CaseIterable {
    case created = 1
    case updated = 2
    case suspended = 3
    case unsuspended = 4
    case deleted = 5
    case undeleted = 6
    case purged = 7
    case limitExceeded = 8
  }

  package var accountID: String
  /// From 1, without gaps, in the order of the commits.
  package var sequence: Int64
  package var packageID: ULID
  package var kind: Kind
  package var time: Instant
  /// The encoded HostingPackage right after the change.
  package var package: [UInt8]

  package init(
    accountID: String, sequence: Int64, packageID: ULID, kind: Kind, time: Instant,
    package: [UInt8]
  ) {
    self.accountID = accountID
    self.sequence = sequence
    self.packageID = packageID
    self.kind = kind
    self.time = time
    self.package = package
  }
}

package protocol PackageChangeReads {
  /// The newest number of the account's log, 0 while it has none.
  func lastPackageChangeSequence(accountID: String) throws -> Int64
  /// Up to `limit` changes in order, all after `sequence`. One that is missing in front was
  /// deleted.
  func packageChanges(
    accountID: String, after sequence: Int64, limit: Int
  ) throws -> [PackageChangeRecord]
}

package protocol PackageChangeWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken sequence number.
  func append(_ change: PackageChangeRecord) throws
  /// Deletes up to `limit` changes before `time`, oldest first, but never the newest of an
  /// account, which the next number follows; returns how many.
  func deletePackageChanges(before time: Instant, limit: Int) throws -> Int
}
