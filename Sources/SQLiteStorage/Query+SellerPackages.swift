internal import Storage

/// Every list is a walk along one index that is named, as of packages.
extension Query {
  private static let sellerPackageColumns = """
    id, name, description, price_currency, price_units, price_nanos, duration_days,
    listing_limit, features, is_active, create_time, update_time, revision, checksum
    """

  static let sellerPackage = Query(
    "SELECT \(sellerPackageColumns) FROM seller_packages WHERE id = ?1")
  static let sellerPackageByName = Query(
    """
    SELECT \(sellerPackageColumns) FROM seller_packages INDEXED BY seller_packages_by_name
    WHERE name = ?1
    """)
  /// By id to stay above, limit.
  static let sellerPackages = Query(
    """
    SELECT \(sellerPackageColumns) FROM seller_packages NOT INDEXED
    WHERE id > ?1 ORDER BY id LIMIT ?2
    """)
  /// By id to stay above, limit.
  static let activeSellerPackages = Query(
    """
    SELECT \(sellerPackageColumns) FROM seller_packages INDEXED BY seller_packages_active
    WHERE is_active = 1 AND id > ?1 ORDER BY id LIMIT ?2
    """)
  static let insertSellerPackage = Query(
    """
    INSERT INTO seller_packages (\(sellerPackageColumns))
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    """)
  static let updateSellerPackage = Query(
    """
    UPDATE seller_packages SET name = ?2, description = ?3, price_currency = ?4,
      price_units = ?5, price_nanos = ?6, duration_days = ?7, listing_limit = ?8, features = ?9,
      is_active = ?10, create_time = ?11, update_time = ?12, revision = ?13, checksum = ?14
    WHERE id = ?1
    """)
  static let deleteSellerPackage = Query("DELETE FROM seller_packages WHERE id = ?1")
  static let allSellerPackages = Query("SELECT \(sellerPackageColumns) FROM seller_packages")

  // MARK: Purchases

  private static let purchaseColumns = """
    id, user_id, package_id, package_name, start_time, end_time, is_replaced, listing_limit,
    features, periods, transaction_id, charged_currency, charged_units, charged_nanos,
    credit_currency, credit_units, credit_nanos, payment_method, receipt_number, revision,
    checksum
    """

  static let purchase = Query("SELECT \(purchaseColumns) FROM purchases WHERE id = ?1")
  static let lastPurchaseID = Query("SELECT max(id) FROM purchases NOT INDEXED")
  /// By package, time: the one that ends last.
  static let currentPurchase = Query(
    """
    SELECT \(purchaseColumns) FROM purchases INDEXED BY purchases_by_end
    WHERE package_id = ?1 AND is_replaced = 0 AND end_time > ?2 ORDER BY end_time DESC LIMIT 1
    """)
  static let insertPurchase = Query(
    """
    INSERT INTO purchases (\(purchaseColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
      ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
    """)
  /// What never changes is left out: the id, the user, the package and the start.
  static let updatePurchase = Query(
    """
    UPDATE purchases SET package_name = ?4, end_time = ?6, is_replaced = ?7, listing_limit = ?8,
      features = ?9, periods = ?10, transaction_id = ?11, charged_currency = ?12,
      charged_units = ?13, charged_nanos = ?14, credit_currency = ?15, credit_units = ?16,
      credit_nanos = ?17, payment_method = ?18, receipt_number = ?19, revision = ?20,
      checksum = ?21
    WHERE id = ?1
    """)
  static let allPurchases = Query("SELECT \(purchaseColumns) FROM purchases")

  /// The query of one page: `?1` is the limit, `?2` the user, `?3` the package, `?4` the id to
  /// stay below.
  static func purchasePage(_ query: PurchaseQuery) -> Query {
    let user = query.userID == nil ? 0 : 4
    let package = query.packageID == nil ? 0 : 2
    return purchasePages[user + package + (query.before == nil ? 0 : 1)]
  }

  /// A user's purchases of one package are looked for among all of the user, within the index.
  private static let purchasePages = [false, true].flatMap { hasUser in
    [false, true].flatMap { hasPackage in
      [false, true].map { hasCursor in
        var conditions: [String] = []
        if hasUser { conditions.append("user_id = ?2") }
        if hasPackage { conditions.append("package_id = ?3") }
        if hasCursor { conditions.append("id < ?4") }
        let index =
          hasUser
          ? "INDEXED BY purchases_by_user"
          : hasPackage ? "INDEXED BY purchases_by_package" : "NOT INDEXED"
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return Query(
          "SELECT \(purchaseColumns) FROM purchases \(index) \(filter) ORDER BY id DESC LIMIT ?1")
      }
    }
  }

  // MARK: Slots

  private static let slotColumns = "purchase_id, listing_id, create_time, expire_time, checksum"

  /// By purchase, listing.
  static let listingSlot = Query(
    """
    SELECT \(slotColumns) FROM listing_slots NOT INDEXED
    WHERE purchase_id = ?1 AND listing_id = ?2
    """)
  /// By purchase: the hold that expires first.
  static let firstListingSlot = Query(
    """
    SELECT \(slotColumns) FROM listing_slots INDEXED BY listing_slots_by_purchase
    WHERE purchase_id = ?1 AND expire_time IS NOT NULL ORDER BY expire_time LIMIT 1
    """)
  /// By time, purchase.
  static let expiredListingSlotCount = Query(
    """
    SELECT count(*) FROM listing_slots INDEXED BY listing_slots_by_purchase
    WHERE purchase_id = ?2 AND expire_time IS NOT NULL AND expire_time <= ?1
    """)
  /// By time, limit.
  static let expiredListingSlots = Query(
    """
    SELECT \(slotColumns) FROM listing_slots INDEXED BY listing_slots_by_expiry
    WHERE expire_time IS NOT NULL AND expire_time <= ?1
    ORDER BY expire_time, purchase_id, listing_id LIMIT ?2
    """)
  /// By time, limit, purchase.
  static let expiredListingSlotsOfPurchase = Query(
    """
    SELECT \(slotColumns) FROM listing_slots INDEXED BY listing_slots_by_purchase
    WHERE purchase_id = ?3 AND expire_time IS NOT NULL AND expire_time <= ?1
    ORDER BY expire_time, listing_id LIMIT ?2
    """)
  static let insertListingSlot = Query(
    "INSERT INTO listing_slots (\(slotColumns)) VALUES (?1, ?2, ?3, ?4, ?5)")
  static let updateListingSlot = Query(
    """
    UPDATE listing_slots SET create_time = ?3, expire_time = ?4, checksum = ?5
    WHERE purchase_id = ?1 AND listing_id = ?2
    """)
  /// By purchase, listing.
  static let deleteListingSlot = Query(
    "DELETE FROM listing_slots WHERE purchase_id = ?1 AND listing_id = ?2")
  static let allListingSlots = Query("SELECT \(slotColumns) FROM listing_slots")

  private static let slotCountColumns = "purchase_id, user_id, held, committed, checksum"

  static let listingSlotCounts = Query(
    "SELECT \(slotCountColumns) FROM listing_slot_counts WHERE purchase_id = ?1")
  static let insertListingSlotCounts = Query(
    "INSERT INTO listing_slot_counts (\(slotCountColumns)) VALUES (?1, ?2, ?3, ?4, ?5)")
  /// The user never changes.
  static let updateListingSlotCounts = Query(
    """
    UPDATE listing_slot_counts SET held = ?3, committed = ?4, checksum = ?5
    WHERE purchase_id = ?1
    """)
  static let allListingSlotCounts = Query("SELECT \(slotCountColumns) FROM listing_slot_counts")
}
