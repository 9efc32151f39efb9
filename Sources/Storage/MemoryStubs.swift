extension MemoryReads {
  func sellerPackage(_ id: Int64) throws -> SellerPackageRecord? { throw StorageError.closed }
  func sellerPackage(named name: String) throws -> SellerPackageRecord? {
    throw StorageError.closed
  }
  func sellerPackages(after id: Int64, activeOnly: Bool, limit: Int) throws -> [SellerPackageRecord]
  { throw StorageError.closed }
  func purchase(_ id: Int64) throws -> PurchaseRecord? { throw StorageError.closed }
  func entitlement(of userID: String) throws -> EntitlementSnapshot? { throw StorageError.closed }
  func purchases(_ query: PurchaseQuery) throws -> [PurchaseRecord] { throw StorageError.closed }
  func hasCurrentPurchase(ofPackage packageID: Int64, at time: Instant) throws -> Bool {
    throw StorageError.closed
  }
  func listingSlot(_ listingID: String, of purchaseID: Int64) throws -> ListingSlotRecord? {
    throw StorageError.closed
  }
  func listingSlotCounts(of purchaseID: Int64) throws -> ListingSlotCounts {
    throw StorageError.closed
  }
  func expiredListingSlotCount(of purchaseID: Int64, at time: Instant) throws -> Int64 {
    throw StorageError.closed
  }
  func paymentIntent(_ id: ULID) throws -> PaymentIntentRecord? { throw StorageError.closed }
  func openPaymentIntent(of userID: String) throws -> PaymentIntentRecord? {
    throw StorageError.closed
  }
  func openPaymentIntents(of userID: String?, after id: ULID?, limit: Int) throws
    -> [PaymentIntentRecord]
  { throw StorageError.closed }
  func paymentIntentsDue(at time: Instant, limit: Int) throws -> [PaymentIntentRecord] {
    throw StorageError.closed
  }
  func sandboxCharge(_ intentID: ULID) throws -> SandboxChargeRecord? { throw StorageError.closed }
  func receipt(series: String, sequence: Int64) throws -> ReceiptRecord? {
    throw StorageError.closed
  }
  func lastReceiptSequence(series: String) throws -> Int64 { throw StorageError.closed }
  func outboxMail(_ id: ULID) throws -> OutboxMailRecord? { throw StorageError.closed }
  func outboxMailsDue(at time: Instant, limit: Int) throws -> [OutboxMailRecord] {
    throw StorageError.closed
  }
  func outboxCounts() throws -> OutboxCounts { throw StorageError.closed }
}
extension MemoryWrites {
  func nextSellerPackageID() throws -> Int64 { throw StorageError.closed }
  func insert(_ package: SellerPackageRecord) throws { throw StorageError.closed }
  func update(_ package: SellerPackageRecord) throws { throw StorageError.closed }
  func deleteSellerPackage(_ id: Int64) throws { throw StorageError.closed }
  func nextPurchaseID() throws -> Int64 { throw StorageError.closed }
  func insert(_ purchase: PurchaseRecord) throws { throw StorageError.closed }
  func update(_ purchase: PurchaseRecord) throws { throw StorageError.closed }
  func insert(_ slot: ListingSlotRecord) throws { throw StorageError.closed }
  func update(_ slot: ListingSlotRecord) throws { throw StorageError.closed }
  func deleteListingSlot(_ listingID: String, of purchaseID: Int64) throws {
    throw StorageError.closed
  }
  func deleteListingSlots(of purchaseID: Int64?, expiredAt time: Instant, limit: Int) throws -> Int
  { throw StorageError.closed }
  func insert(_ intent: PaymentIntentRecord) throws { throw StorageError.closed }
  func update(_ intent: PaymentIntentRecord) throws { throw StorageError.closed }
  func put(_ charge: SandboxChargeRecord) throws { throw StorageError.closed }
  func insert(_ receipt: ReceiptRecord) throws { throw StorageError.closed }
  func insert(_ mail: OutboxMailRecord) throws { throw StorageError.closed }
  func update(_ mail: OutboxMailRecord) throws { throw StorageError.closed }
  func deleteOutboxMail(_ id: ULID) throws { throw StorageError.closed }
}
