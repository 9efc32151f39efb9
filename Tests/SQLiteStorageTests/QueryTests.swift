import Storage
import Testing

@testable import SQLiteStorage

/// Every list is a walk along one index: nothing is sorted, and nothing passed over.
struct QueryTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("Lists and sweeps are found by one walk along an index")
  func listsAreWalks() async throws {
    try await SQLiteStore.open(path: folder.database).close()
    let connection = try SQLiteConnection(
      path: folder.database, role: .reader, limits: SQLiteStore.Limits())
    let walks: [(Query, String)] = [
      (.packagePage, "COVERING INDEX hosting_packages_by_account (account_id=?)"),
      (.packagePageBefore, "COVERING INDEX hosting_packages_by_account (account_id=? AND id<?)"),
      (.userPackagePage, "PRIMARY KEY (account_id=? AND user_id=?)"),
      (.userPackagePageBefore, "PRIMARY KEY (account_id=? AND user_id=? AND package_id<?)"),
      (.hostingPackageIDs, "COVERING INDEX hosting_packages_by_plan (plan_id=?)"),
      (.hostingPackageCount, "COVERING INDEX hosting_packages_by_plan (plan_id=?)"),
      (.packagesToPurge, "INDEX hosting_packages_by_purge (purge_time>? AND purge_time<?)"),
      (.packageResources, "PRIMARY KEY (package_id=?)"),
      (.packageResourcesAfter, "PRIMARY KEY (package_id=? AND id>?)"),
      (.packageResourcesOfKind, "package_resources_by_kind (package_id=? AND kind=?)"),
      (.packageResourcesOfKindAfter, "by_kind (package_id=? AND kind=? AND id>?)"),
      (.packageResourceByID, "package_resources_by_id (id=?)"),
      (.packageResourceByName, "package_resources_by_name (package_id=? AND kind=? AND name=?)"),
      (.usageEvent, "PRIMARY KEY (account_id=? AND event_id=?)"),
      (.deleteUsageEvents, "COVERING INDEX usage_events_by_age (observed_time<?)"),
      (.deleteUsageEvents, "PRIMARY KEY (account_id=? AND event_id=?)"),
      (.bandwidth, "PRIMARY KEY (package_id=? AND span=? AND start_time=?)"),
      (.bandwidths, "PRIMARY KEY (package_id=? AND span=? AND start_time>? AND start_time<?)"),
      (.deleteOldBandwidth, "COVERING INDEX package_bandwidth_by_age (span=? AND start_time<?)"),
      (.deleteOldBandwidth, "(span=? AND start_time=? AND package_id=?)"),
      (.lastPackageChange, "sqlite_autoindex_package_changes_1 (account_id=?)"),
      (.packageChangeBefore, "sqlite_autoindex_package_changes_1 (account_id=? AND sequence<?)"),
      (.packageChanges, "sqlite_autoindex_package_changes_1 (account_id=? AND sequence>?)"),
      (.packageChangeAges, "PRIMARY KEY (age_time<?)"),
      (.auditHead, "PRIMARY KEY (partition=?)"),
      (.auditMark, "COVERING INDEX audit_marks (partition=? AND sequence>?)"),
      (.auditRecord, "INTEGER PRIMARY KEY (rowid=?)"),
    ]
    try expect(walks + Self.sellerWalks + Self.paymentWalks, connection)
  }

  private static let sellerWalks: [(Query, String)] = [
    (.sellerPackages, "PRIMARY KEY (rowid>?)"),
    (.activeSellerPackages, "INDEX seller_packages_active (id>?)"),
    (.sellerPackageByName, "INDEX seller_packages_by_name (name=?)"),
    (.currentPurchase, "INDEX purchases_by_end (package_id=? AND end_time>?)"),
    (.listingSlot, "PRIMARY KEY (purchase_id=? AND listing_id=?)"),
    (.firstListingSlot, "INDEX listing_slots_by_purchase (purchase_id=? AND expire_time>?)"),
    (
      .expiredListingSlotCount,
      "listing_slots_by_purchase (purchase_id=? AND expire_time>? AND expire_time<?)"
    ),
    (
      .expiredListingSlotsOfPurchase,
      "listing_slots_by_purchase (purchase_id=? AND expire_time>? AND expire_time<?)"
    ),
    (.expiredListingSlots, "INDEX listing_slots_by_expiry (expire_time>? AND expire_time<?)"),
    (page(user: "u"), "INDEX purchases_by_user (user_id=?)"),
    (page(user: "u", before: 9), "INDEX purchases_by_user (user_id=? AND id<?)"),
    (page(user: "u", package: 1), "INDEX purchases_by_user (user_id=?)"),
    (page(user: "u", package: 1, before: 9), "INDEX purchases_by_user (user_id=? AND id<?)"),
    (page(package: 1), "INDEX purchases_by_package (package_id=?)"),
    (page(package: 1, before: 9), "INDEX purchases_by_package (package_id=? AND id<?)"),
    (page(before: 9), "PRIMARY KEY (rowid<?)"),
  ]

  private static let paymentWalks: [(Query, String)] = [
    (.openPaymentIntent, "INDEX payment_intents_open_by_user (user_id=?)"),
    (.unresolvedPaymentIntents, "INDEX payment_intents_unresolved (id>?)"),
    (.unresolvedPaymentIntentsOfUser, "INDEX payment_intents_unresolved (id>?)"),
    (.paymentIntentsDue, "INDEX payment_intents_due (next_check_time<?)"),
    (.unheardRenewal, "INDEX payment_intents_unheard (renewed_purchase_id=?)"),
    (.receipt, "INDEX sqlite_autoindex_receipts_1 (series=? AND sequence=?)"),
    (.lastReceipt, "INDEX sqlite_autoindex_receipts_1 (series=?)"),
    (.outboxMailsDue, "outbox_mails_due (next_attempt_time>? AND next_attempt_time<?)"),
  ]

  private static func page(
    user: String? = nil, package: Int64? = nil, before: Int64? = nil
  ) -> Query {
    Query.purchasePage(
      PurchaseQuery(userID: user, packageID: package, before: before, limit: 9))
  }

  private func expect(_ walks: [(Query, String)], _ connection: SQLiteConnection) throws {
    for (query, walk) in walks {
      let plan = try lines("EXPLAIN QUERY PLAN \(query.sql)", connection)
      #expect(plan.contains { $0.hasPrefix("SEARCH ") && $0.contains(walk) }, "\(plan): \(walk)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.hasPrefix("SCAN ") }, "\(plan)")
    }
  }

  @Test("What has no bound begins where its index does, in its order")
  func unboundedLists() async throws {
    try await SQLiteStore.open(path: folder.database).close()
    let connection = try SQLiteConnection(
      path: folder.database, role: .reader, limits: SQLiteStore.Limits())
    for (query, walk) in [
      (.waitingOutboxMails, "USING COVERING INDEX outbox_mails_due"),
      (.deadOutboxMails, "USING INDEX outbox_mails_dead"),
      (.deadOutboxMailCount, "USING COVERING INDEX outbox_mails_dead"),
      (Self.page(), "SCAN purchases"), (.lastPurchaseID, "SEARCH purchases"),
    ] as [(Query, String)] {
      let plan = try lines("EXPLAIN QUERY PLAN \(query.sql)", connection)
      #expect(plan.count == 1 && plan.contains { $0.contains(walk) }, "\(plan): \(walk)")
    }
  }

  /// The last column of each row.
  private func lines(_ sql: String, _ connection: SQLiteConnection) throws -> [String] {
    let statement = try connection.statement(Query(sql))
    defer { statement.reset() }
    var lines: [String] = []
    while try statement.step() { lines.append(statement.text(3)) }
    return lines
  }
}
