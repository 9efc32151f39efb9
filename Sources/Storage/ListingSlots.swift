/// A slot of a purchase that a listing takes.
package struct ListingSlotRecord: Hashable, Sendable {
  package var purchaseID: Int64
  /// Unique among the purchase's slots.
  package var listingID: String
  package var createTime: Instant
  /// When a hold frees itself; nil once it is committed.
  package var expireTime: Instant?

  package init(purchaseID: Int64, listingID: String, createTime: Instant, expireTime: Instant?) {
    self.purchaseID = purchaseID
    self.listingID = listingID
    self.createTime = createTime
    self.expireTime = expireTime
  }
}

/// How many slots of a purchase there are, those among them that have expired and were not
/// deleted yet.
package struct ListingSlotCounts: Hashable, Sendable {
  package var held: Int64
  package var committed: Int64
  /// When the first of the held ones expires; nil without any.
  package var firstExpiry: Instant?

  package static let none = ListingSlotCounts(held: 0, committed: 0, firstExpiry: nil)

  package init(held: Int64, committed: Int64, firstExpiry: Instant?) {
    self.held = held
    self.committed = committed
    self.firstExpiry = firstExpiry
  }

  /// All that are there, if none of them has expired at `time`; else they have to be counted.
  package func used(at time: Instant) -> Int64? {
    if let firstExpiry, firstExpiry <= time { return nil }
    return held + committed
  }
}

package protocol ListingSlotReads {
  func listingSlot(_ listingID: String, of purchaseID: Int64) throws -> ListingSlotRecord?
  /// Takes the same time for any number. Of a purchase that is not there, none.
  func listingSlotCounts(of purchaseID: Int64) throws -> ListingSlotCounts
  /// How many of the purchase's holds have an `expireTime` that is not after `time`.
  func expiredListingSlotCount(of purchaseID: Int64, at time: Instant) throws -> Int64
}

package protocol ListingSlotWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a listing that has one, or
  ///   ``StorageError/missing(table:)`` when the purchase is not there, in this order.
  func insert(_ slot: ListingSlotRecord) throws
  /// Replaces the slot of that listing.
  /// - Throws: ``StorageError/missing(table:)``.
  func update(_ slot: ListingSlotRecord) throws
  /// - Throws: ``StorageError/missing(table:)``.
  func deleteListingSlot(_ listingID: String, of purchaseID: Int64) throws
  /// Deletes up to `limit` holds whose `expireTime` is not after `time`, of one purchase or, with
  /// nil, of all, those that expired first; returns how many.
  func deleteListingSlots(
    of purchaseID: Int64?, expiredAt time: Instant, limit: Int
  ) throws -> Int
}
