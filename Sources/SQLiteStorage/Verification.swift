internal import Storage

/// Looks at everything in a file, so that damage is found before it is served.
///
/// SQLite checks the shape of what it reads, not the content. So a file that is not byte for
/// byte what the last checkpoint left is read as a whole: every tree, every index against its
/// table, and every row against its checksum. That takes about 10 ms for each megabyte, which
/// is why it is bounded; in larger files damage is found when the row is read. The log needs
/// none of this: its frames have checksums, and it ends at the first that does not fit.
enum Verification {
  /// - Throws: ``StorageError/damaged(path:reason:)``.
  static func verifyTrees(_ connection: SQLiteConnection) throws(StorageError) {
    let result = try connection.firstText("PRAGMA integrity_check(1)")
    guard result == "ok" else {
      throw .damaged(path: connection.path, reason: result ?? "the check says nothing")
    }
  }

  /// For a file whose schema is ours.
  ///
  /// - Throws: ``StorageError/damaged(path:reason:)``.
  static func verifyRows(_ connection: SQLiteConnection) throws(StorageError) {
    let reads = SQLiteReads(connection)
    try readAll(Query.allPlans, reads) { row throws(StorageError) in _ = try row.plan() }
    try readAll(Query.allSequences, reads) { row throws(StorageError) in _ = try row.sequence() }
    try readAll(Query.allReplays, reads) { row throws(StorageError) in _ = try row.replay() }
    try readAll(Query.allAuditRecords, reads) { row throws(StorageError) in
      _ = try row.auditRecord()
    }
    try readAll(Query.allAuditHeads, reads) { row throws(StorageError) in
      _ = try row.auditHead()
    }
    try readAll(Query.allSettings, reads) { row throws(StorageError) in _ = try row.setting() }
    try verifyPackages(reads)
    try verifyUsage(reads)
    try verifySellers(reads)
    try verifyPayments(reads)
  }

  private static func verifyPackages(_ reads: SQLiteReads) throws(StorageError) {
    try readAll(Query.allHostingPackages, reads) { row throws(StorageError) in
      _ = try row.hostingPackage()
    }
    try readAll(Query.allPackageCredentials, reads) { row throws(StorageError) in
      _ = try row.packageCredentials()
    }
    try readAll(Query.allPackageDomains, reads) { row throws(StorageError) in
      _ = try row.packageDomain()
    }
    try readAll(Query.allDomainOrder, reads) { row throws(StorageError) in
      _ = try row.domainOrder()
    }
    try readAll(Query.allPackageUsers, reads) { row throws(StorageError) in
      _ = try row.packageUser()
    }
    try readAll(Query.allPackageCounts, reads) { row throws(StorageError) in
      _ = try row.packageCount()
    }
    try readAll(Query.allPackageResources, reads) { row throws(StorageError) in
      _ = try row.packageResource()
    }
    try readAll(Query.allPackageResourceCounts, reads) { row throws(StorageError) in
      _ = try row.packageResourceCount()
    }
  }

  private static func verifyUsage(_ reads: SQLiteReads) throws(StorageError) {
    try readAll(Query.allUsageEvents, reads) { row throws(StorageError) in
      _ = try row.usageEvent()
    }
    try readAll(Query.allBandwidth, reads) { row throws(StorageError) in
      _ = try row.bandwidth()
    }
    try readAll(Query.allDiskScans, reads) { row throws(StorageError) in
      _ = try row.diskScan()
    }
    try readAll(Query.allDiskScanContents, reads) { row throws(StorageError) in
      _ = try row.diskScanContent()
    }
    try readAll(Query.allPackageChanges, reads) { row throws(StorageError) in
      _ = try row.packageChange()
    }
    try readAll(Query.allPackageChangeAges, reads) { row throws(StorageError) in
      _ = try row.packageChangeAge()
    }
  }

  private static func verifySellers(_ reads: SQLiteReads) throws(StorageError) {
    try readAll(Query.allSellerPackages, reads) { row throws(StorageError) in
      _ = try row.sellerPackage()
    }
    try readAll(Query.allPurchases, reads) { row throws(StorageError) in
      _ = try row.purchase()
    }
    try readAll(Query.allListingSlots, reads) { row throws(StorageError) in
      _ = try row.listingSlot()
    }
    try readAll(Query.allListingSlotCounts, reads) { row throws(StorageError) in
      _ = try row.purchaseSlots()
    }
  }

  private static func verifyPayments(_ reads: SQLiteReads) throws(StorageError) {
    try readAll(Query.allPaymentIntents, reads) { row throws(StorageError) in
      _ = try row.paymentIntent()
    }
    try readAll(Query.allSandboxCharges, reads) { row throws(StorageError) in
      _ = try row.sandboxCharge()
    }
    try readAll(Query.allReceipts, reads) { row throws(StorageError) in
      _ = try row.receipt()
    }
    try readAll(Query.allOutboxMails, reads) { row throws(StorageError) in
      _ = try row.outboxMail()
    }
  }

  private static func readAll(
    _ query: Query, _ reads: SQLiteReads,
    _ read: (inout RowReader) throws(StorageError) -> Void
  ) throws(StorageError) {
    try reads.run(query) { statement throws(StorageError) in
      while try statement.step() {
        var row = RowReader(statement, path: reads.connection.path)
        try read(&row)
      }
    }
  }
}
