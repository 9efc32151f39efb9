/// Durable state behind transactions. One adapter per database; `MemoryStore` is the reference
/// for what every adapter must do, and one contract suite runs on all of them.
///
/// Rules live in Services: an adapter stores and finds records, keeps keys unique, and commits
/// all of a transaction or nothing. It tells texts apart by their UTF-8 bytes, as databases do,
/// and not as `String` does, for which canonically equivalent ones are equal. A `limit` of 0 or
/// less finds nothing.
///
/// What is damaged is never answered:
/// - A record that is not what was written fails the body that reads it, with
///   ``StorageError/damaged(path:reason:)``, in a read or a write, and is that body's own matter.
/// - So does a part of the database that cannot be read, in a read.
/// - In a write, or where the store's own work meets it, such a part fails the whole transaction,
///   whatever the body makes of the error, and stops the store for good: it is not available, and
///   every call throws `damaged`.
///
/// A call whose task is cancelled before its body has started may throw `CancellationError`
/// instead; a body that has started is carried through.
package protocol Store: Sendable {
  /// Runs `body` on a consistent snapshot: it sees everything acknowledged before the call and
  /// no part of a write that is under way.
  ///
  /// - Throws: what `body` throws, or a ``StorageError``.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result

  /// Runs `body` and commits what it wrote, all or nothing; returns once it is durable.
  /// Transactions are serializable. The adapter chooses the thread, and may run `body` again
  /// after a serialization failure: it must have no effect but through its transaction.
  ///
  /// - Throws: what `body` throws (nothing is written then), or a ``StorageError``.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result

  /// The plan as the last commit left it, if that is known without waiting. Never blocks on
  /// I/O and is never stale: a write is visible here before it is acknowledged. `nil` says
  /// nothing about the plan; ask with ``read(_:)``, which may fill the cache.
  func cachedPlan(_ key: PlanKey) -> PlanSnapshot?

  /// The package as the last commit left it, if that is known without waiting: as
  /// ``cachedPlan(_:)``. Not only a commit that changes its record replaces the snapshot, but any
  /// that changes its resources or its usage.
  func cachedHostingPackage(_ id: ULID) -> PackageSnapshot?

  /// The user's newest purchase with its slots as the last commit left them, if that is known
  /// without waiting: as ``cachedPlan(_:)``.
  func cachedEntitlement(of userID: String) -> EntitlementSnapshot?

  /// Whether the store answers; turns false when a commit or a read fails for good, and true
  /// again when a later one works.
  var isAvailable: Bool { get }

  /// Finishes what was accepted, then releases files and connections. Later calls throw
  /// ``StorageError/closed``.
  func close() async
}

/// What can be asked within a transaction.
package protocol ReadTransaction: PlanReads, HostingPackageReads, PackageResourceReads,
  PackageUsageReads, PackageChangeReads, SellerPackageReads, PurchaseReads, ListingSlotReads,
  PaymentReads, ReceiptReads, ReplayReads, AuditReads, SettingReads
{}

/// What can be asked and changed within a write transaction; it sees its own changes.
package protocol WriteTransaction: ReadTransaction, PlanWrites, HostingPackageWrites,
  PackageResourceWrites, PackageUsageWrites, PackageChangeWrites, SellerPackageWrites,
  PurchaseWrites, ListingSlotWrites, PaymentWrites, ReceiptWrites, ReplayWrites, AuditWrites,
  SettingWrites
{}

/// Named values that the store keeps about itself, such as whether it was seeded.
package protocol SettingReads {
  func setting(_ name: String) throws -> String?
}

package protocol SettingWrites {
  func setSetting(_ name: String, to value: String) throws
}
