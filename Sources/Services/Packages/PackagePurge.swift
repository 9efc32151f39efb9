internal import API
internal import Storage

extension PackageService {
  /// Removes the packages whose purge time has come when it begins; returns how many. It takes a
  /// few per transaction, so that other writes go in between, and ends early when its task is
  /// cancelled.
  func purgeHostingPackages() async throws -> Int {
    let time = now()
    let limit = Limits.packagePurgeBatchRecords
    return try await Purge.inBatches(of: limit) {
      let purged = try await store.write { transaction in
        try transaction.hostingPackagesToPurge(at: time, limit: limit)
          .map { try purge($0, at: time, in: transaction) }
      }
      for account in Set(purged.map(ExactText.init)) { feed.wake(account.text) }
      return purged.count
    }
  }

  /// Returns the account that the package was of.
  private func purge(
    _ id: ULID, at time: Instant, in transaction: any WriteTransaction
  ) throws -> String {
    guard let package = try transaction.hostingPackage(id)?.record else {
      throw StorageError.hostingPackageMissing
    }
    try transaction.purgeHostingPackage(id)
    try PackageChangeLog.append(.purged, package, at: time, in: transaction)
    try AuditChain.append(
      AuditChain.Entry(
        partition: .account(package.accountID), actor: "packd",
        method: "purge",
        resource: package.resource, beforeETag: package.etag, afterETag: "", requestID: ""),
      at: time, in: transaction)
    return package.accountID
  }
}
