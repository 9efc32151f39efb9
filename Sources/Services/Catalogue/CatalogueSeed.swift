internal import Storage

/// The plans that an empty store starts with.
enum CatalogueSeed {
  /// The setting that remembers that a store had its start.
  private static let setting = "catalogue.seeded"

  /// Adds the plans to a store that never had any, once: not again when they were deleted.
  /// Returns whether it did.
  static func plant(in store: any Store, at time: Instant) async throws -> Bool {
    try await store.write { transaction in
      guard try transaction.setting(setting) == nil else { return false }
      let isEmpty = try transaction.plans(PlanQuery(limit: 1)).isEmpty
      if isEmpty {
        for draft in plans(at: time) {
          let plan = try CatalogueService.insert(draft, at: time, in: transaction)
          let entry = AuditChain.Entry(
            partition: .catalogue, actor: "packd", method: "seed",
            resource: plan.resource, beforeETag: "", afterETag: plan.etag, requestID: "")
          try AuditChain.append(entry, at: time, in: transaction)
        }
      }
      try transaction.setSetting(setting, to: isEmpty ? "planted" : "not empty")
      return isEmpty
    }
  }

  private static func plans(at time: Instant) -> [PlanRecord] {
    [
      plan(
        "shared-basic", "Shared Basic", .shared, "One small web site on a shared server.",
        disk: .limit(10_240), bandwidth: .limit(102_400), mailboxes: .limit(10),
        databases: .limit(1), price: (4, 990_000_000),
        features: ["Free TLS certificate", "Weekly backup"], at: time),
      plan(
        "shared-premium", "Shared Premium", .shared, "Several web sites on a shared server.",
        disk: .limit(51_200), bandwidth: .unlimited, mailboxes: .limit(100),
        databases: .limit(20), price: (12, 990_000_000),
        features: ["Free TLS certificate", "Daily backup", "Staging site"], at: time),
      plan(
        "reseller", "Reseller", .reseller, "Hosting to sell on to customers of your own.",
        disk: .limit(204_800), bandwidth: .limit(2_048_000), mailboxes: .unlimited,
        databases: .unlimited, price: (29, 990_000_000),
        features: ["Accounts for customers", "Own brand", "Daily backup"], at: time),
      plan(
        "vps", "VPS", .vps, "A virtual private server with root access.",
        disk: .limit(81_920), bandwidth: .limit(4_096_000), mailboxes: .unlimited,
        databases: .unlimited, price: (24, 0),
        features: ["Root access", "Own IPv4 address", "Snapshots"], at: time),
      plan(
        "dedicated", "Dedicated", .dedicated, "A server of your own.",
        disk: .limit(1_024_000), bandwidth: .unlimited, mailboxes: .unlimited,
        databases: .unlimited, price: (149, 0), setupFee: (99, 0),
        features: ["Root access", "Own hardware", "Remote console"], at: time),
    ]
  }

  /// Prices are in US dollars, as whole units and billionths.
  private static func plan(
    _ code: String, _ name: String, _ kind: PlanRecord.Kind, _ description: String,
    disk: QuotaRecord, bandwidth: QuotaRecord, mailboxes: QuotaRecord, databases: QuotaRecord,
    price: (Int64, Int32), setupFee: (Int64, Int32)? = nil, features: [String], at time: Instant
  ) -> PlanRecord {
    PlanRecord(
      id: 0, code: code, name: name, description: description, kind: kind, diskSpaceMB: disk,
      bandwidthMB: bandwidth, emailAccounts: mailboxes, databases: databases,
      price: MoneyRecord(currencyCode: "USD", units: price.0, nanos: price.1),
      setupFee: setupFee.map {
        MoneyRecord(currencyCode: "USD", units: $0.0, nanos: $0.1)
      },
      features: features, isActive: true, version: 1, createTime: time, updateTime: time)
  }
}
