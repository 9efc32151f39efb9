internal import Storage

/// The seller packages that an empty store starts with.
enum SellerPackageSeed {
  /// The setting that remembers that a store had its start.
  private static let setting = "sellerPackages.seeded"

  /// Adds the packages to a store that never had any, once: not again when they were deleted.
  /// Returns whether it did.
  static func plant(in store: any Store, at time: Instant) async throws -> Bool {
    try await store.write { transaction in
      guard try transaction.setting(setting) == nil else { return false }
      let isEmpty = try transaction.sellerPackages(after: 0, activeOnly: false, limit: 1).isEmpty
      if isEmpty {
        for draft in packages {
          let package = try SellerPackageService.insert(draft, at: time, in: transaction)
          let entry = AuditChain.Entry(
            partition: .catalogue, actor: "packd", method: "seed",
            resource: package.resource, beforeETag: "", afterETag: package.etag, requestID: "")
          try AuditChain.append(entry, at: time, in: transaction)
        }
      }
      try transaction.setSetting(setting, to: isEmpty ? "planted" : "not empty")
      return isEmpty
    }
  }

  private static let packages = [
    package(
      "Basic Seller", "For who sells now and then.", cents: 999, listings: 10,
      features: ["Standard listings", "Sales overview", "Email support"]),
    package(
      "Professional Seller", "For who sells regularly.", cents: 2499, listings: 30,
      features: [
        "Standard listings", "Featured listings", "Sales overview", "Sales statistics",
        "Priority support",
      ]),
    package(
      "Premium Seller", "For who sells for a living.", cents: 4999, listings: 100,
      features: [
        "Standard listings", "Featured listings", "Listings on the front page", "Sales overview",
        "Sales statistics", "Bulk upload", "Personal support",
      ]),
  ]

  /// Prices are in US dollars; all packages last 30 days.
  private static func package(
    _ name: String, _ description: String, cents: Int64, listings: Int64, features: [String]
  ) -> SellerPackageRecord {
    var package = SellerPackageRecord.blank
    package.name = name
    package.description = description
    package.price = MinorUnits(currencyCode: "USD", count: cents).money
    package.durationDays = 30
    package.listingLimit = .limit(listings)
    package.features = features
    package.isActive = true
    return package
  }
}
