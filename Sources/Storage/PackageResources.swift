/// Something that is attached to a package. Never changed, only removed.
package struct PackageResourceRecord: Hashable, Sendable {
  package enum Kind: Int32, Sendable, CaseIterable {
    case mailbox = 1
    case database = 2
    case sslCertificate = 3
    case backup = 4
    case subdomain = 5
  }

  package var id: ULID
  package var packageID: ULID
  package var kind: Kind
  /// Unique among the package's resources of the kind.
  package var name: String
  package var createTime: Instant

  package init(id: ULID, packageID: ULID, kind: Kind, name: String, createTime: Instant) {
    self.id = id
    self.packageID = packageID
    self.kind = kind
    self.name = name
    self.createTime = createTime
  }
}

package protocol PackageResourceReads {
  func packageResource(_ id: ULID, of packageID: ULID) throws -> PackageResourceRecord?
  func packageResource(
    _ kind: PackageResourceRecord.Kind, named name: String, of packageID: ULID
  ) throws -> PackageResourceRecord?
  /// Up to `limit` resources, of one kind or of all, by id, all after `id` when that is given.
  func packageResources(
    of packageID: ULID, kind: PackageResourceRecord.Kind?, after id: ULID?, limit: Int
  ) throws -> [PackageResourceRecord]
  func packageResourceCount(
    of packageID: ULID, kind: PackageResourceRecord.Kind
  ) throws -> Int
}

package protocol PackageResourceWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id or name, in this order, or
  ///   ``StorageError/missing(table:)`` when the package is not there.
  func insert(_ resource: PackageResourceRecord) throws
  /// - Throws: ``StorageError/missing(table:)``.
  func deletePackageResource(_ id: ULID, of packageID: ULID) throws
  /// Deletes all that the package has; returns how many.
  ///
  /// - Throws: ``StorageError/missing(table:)`` when the package is not there.
  func deletePackageResources(of packageID: ULID) throws -> Int
}
