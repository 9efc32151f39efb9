/// A package on sale to sellers.
package struct SellerPackageRecord: Hashable, Sendable {
  package var id: Int64
  /// Unique among all seller packages.
  package var name: String
  package var description: String
  package var price: MoneyRecord
  /// Days of 24 hours.
  package var durationDays: Int32
  package var listingLimit: QuotaRecord
  package var features: [String]
  package var isActive: Bool
  package var createTime: Instant
  package var updateTime: Instant
  /// From 1, counted up with every write.
  package var revision: Int64

  package init(
    id: Int64, name: String, description: String, price: MoneyRecord, durationDays: Int32,
    listingLimit: QuotaRecord, features: [String], isActive: Bool, createTime: Instant,
    updateTime: Instant, revision: Int64
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.price = price
    self.durationDays = durationDays
    self.listingLimit = listingLimit
    self.features = features
    self.isActive = isActive
    self.createTime = createTime
    self.updateTime = updateTime
    self.revision = revision
  }
}

package protocol SellerPackageReads {
  func sellerPackage(_ id: Int64) throws -> SellerPackageRecord?
  func sellerPackage(named name: String) throws -> SellerPackageRecord?
  /// Up to `limit` packages by id, all above `id`.
  func sellerPackages(after id: Int64, activeOnly: Bool, limit: Int) throws -> [SellerPackageRecord]
}

package protocol SellerPackageWrites {
  /// A fresh id, from 1, above every id that a seller package ever had (unless the transaction is
  /// rolled back).
  /// - Throws: ``StorageError/full`` when the ids are used up.
  func nextSellerPackageID() throws -> Int64
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id or name, in this order.
  func insert(_ package: SellerPackageRecord) throws
  /// Replaces the package of that id.
  /// - Throws: ``StorageError/missing(table:)``, or `duplicate` for a taken name.
  func update(_ package: SellerPackageRecord) throws
  /// - Throws: ``StorageError/missing(table:)``.
  func deleteSellerPackage(_ id: Int64) throws
}
