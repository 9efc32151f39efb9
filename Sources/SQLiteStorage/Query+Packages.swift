/// Every list is a walk along one index, or along the table's own order, from where it begins, so
/// that the last page costs what the first does. The index is named: a planner that chose another
/// would have to sort.
extension Query {
  private static let packageColumns = """
    id, account_id, name, domain_name, extra_domain_names, document_roots, plan_id, plan_code,
    plan_version, suspensions, username, stack_users, php_version, php_memory_limit_mb,
    php_max_execution_time_s, php_upload_max_mb, ssl_enabled, force_https, backup_enabled,
    http2_enabled, custom, configuration_update_time, configuration_revision, create_time,
    update_time, delete_time, purge_time, revision, checksum
    """

  static let hostingPackage = Query(
    "SELECT \(packageColumns) FROM hosting_packages WHERE id = ?1")
  /// Whether there is a package of the id.
  static let hasHostingPackage = Query("SELECT 1 FROM hosting_packages WHERE id = ?1")
  /// By account, limit.
  static let packagePage = Query(
    """
    SELECT id FROM hosting_packages INDEXED BY hosting_packages_by_account
    WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2
    """)
  /// By account, limit, id to stay below.
  static let packagePageBefore = Query(
    """
    SELECT id FROM hosting_packages INDEXED BY hosting_packages_by_account
    WHERE account_id = ?1 AND id < ?3 ORDER BY id DESC LIMIT ?2
    """)
  /// By account, limit, user.
  static let userPackagePage = Query(
    """
    SELECT package_id FROM package_users NOT INDEXED
    WHERE account_id = ?1 AND user_id = ?3 ORDER BY package_id DESC LIMIT ?2
    """)
  /// By account, limit, user, id to stay below.
  static let userPackagePageBefore = Query(
    """
    SELECT package_id FROM package_users NOT INDEXED
    WHERE account_id = ?1 AND user_id = ?3 AND package_id < ?4 ORDER BY package_id DESC LIMIT ?2
    """)
  /// By plan id, limit.
  static let hostingPackageIDs = Query(
    """
    SELECT id FROM hosting_packages INDEXED BY hosting_packages_by_plan
    WHERE plan_id = ?1 ORDER BY id LIMIT ?2
    """)
  static let hostingPackageCount = Query(
    "SELECT count(*) FROM hosting_packages INDEXED BY hosting_packages_by_plan WHERE plan_id = ?1")
  /// By time, limit.
  static let packagesToPurge = Query(
    """
    SELECT id FROM hosting_packages INDEXED BY hosting_packages_by_purge
    WHERE delete_time IS NOT NULL AND purge_time IS NOT NULL AND purge_time <= ?1
    ORDER BY purge_time, id LIMIT ?2
    """)
  static let insertHostingPackage = Query(
    """
    INSERT INTO hosting_packages (\(packageColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
      ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
      ?28, ?29)
    """)
  /// What never changes is left out: the id, the account, the username and the creation time.
  static let updateHostingPackage = Query(
    """
    UPDATE hosting_packages SET name = ?3, domain_name = ?4, extra_domain_names = ?5,
      document_roots = ?6, plan_id = ?7, plan_code = ?8, plan_version = ?9, suspensions = ?10,
      stack_users = ?12, php_version = ?13, php_memory_limit_mb = ?14,
      php_max_execution_time_s = ?15, php_upload_max_mb = ?16, ssl_enabled = ?17,
      force_https = ?18, backup_enabled = ?19, http2_enabled = ?20, custom = ?21,
      configuration_update_time = ?22, configuration_revision = ?23, update_time = ?25,
      delete_time = ?26, purge_time = ?27, revision = ?28, checksum = ?29
    WHERE id = ?1
    """)
  static let deleteHostingPackage = Query("DELETE FROM hosting_packages WHERE id = ?1")
  static let allHostingPackages = Query("SELECT \(packageColumns) FROM hosting_packages")

  // MARK: What follows from packages

  private static let credentialColumns = "username, package_id, password_hash, checksum"

  static let packageCredentials = Query(
    "SELECT \(credentialColumns) FROM package_credentials WHERE username = ?1")
  static let insertPackageCredentials = Query(
    "INSERT INTO package_credentials (\(credentialColumns)) VALUES (?1, ?2, ?3, ?4)")
  static let deletePackageCredentials = Query(
    "DELETE FROM package_credentials WHERE username = ?1")
  static let allPackageCredentials = Query("SELECT \(credentialColumns) FROM package_credentials")

  private static let domainColumns = "domain_name, package_id, checksum"

  static let packageDomain = Query(
    "SELECT \(domainColumns) FROM package_domains WHERE domain_name = ?1")
  static let insertPackageDomain = Query(
    "INSERT INTO package_domains (\(domainColumns)) VALUES (?1, ?2, ?3)")
  static let deletePackageDomain = Query("DELETE FROM package_domains WHERE domain_name = ?1")
  static let allPackageDomains = Query("SELECT \(domainColumns) FROM package_domains")

  private static let domainOrderColumns = "reversed_name, account_id, checksum"

  /// By bounds, account: the first domain between them of another account.
  static let domainOfOthers = Query(
    """
    SELECT \(domainOrderColumns) FROM package_domain_order
    WHERE reversed_name > ?1 AND reversed_name < ?2 AND account_id <> ?3 LIMIT 1
    """)
  static let insertDomainOrder = Query(
    "INSERT INTO package_domain_order (\(domainOrderColumns)) VALUES (?1, ?2, ?3)")
  static let allDomainOrder = Query("SELECT \(domainOrderColumns) FROM package_domain_order")
  static let deleteDomainOrder = Query(
    "DELETE FROM package_domain_order WHERE reversed_name = ?1")

  private static let userColumns = "account_id, user_id, package_id, checksum"

  /// A user that a record has twice is one.
  static let insertPackageUser = Query(
    """
    INSERT INTO package_users (\(userColumns)) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO NOTHING
    """)
  static let deletePackageUser = Query(
    "DELETE FROM package_users WHERE account_id = ?1 AND user_id = ?2 AND package_id = ?3")
  static let allPackageUsers = Query("SELECT \(userColumns) FROM package_users")

  private static let countColumns = "account_id, live, checksum"

  static let packageCount = Query(
    "SELECT \(countColumns) FROM package_counts WHERE account_id = ?1")
  static let setPackageCount = Query(
    """
    INSERT INTO package_counts (\(countColumns)) VALUES (?1, ?2, ?3)
    ON CONFLICT (account_id) DO UPDATE SET live = excluded.live, checksum = excluded.checksum
    """)
  static let deletePackageCount = Query("DELETE FROM package_counts WHERE account_id = ?1")
  static let allPackageCounts = Query("SELECT \(countColumns) FROM package_counts")

  // MARK: Resources

  private static let resourceColumns = "id, package_id, kind, name, create_time, checksum"

  /// By package, id.
  static let packageResource = Query(
    """
    SELECT \(resourceColumns) FROM package_resources NOT INDEXED
    WHERE package_id = ?1 AND id = ?2
    """)
  /// Of any package.
  static let packageResourceByID = Query(
    """
    SELECT \(resourceColumns) FROM package_resources INDEXED BY package_resources_by_id
    WHERE id = ?1
    """)
  /// By package, kind, name.
  static let packageResourceByName = Query(
    """
    SELECT \(resourceColumns) FROM package_resources INDEXED BY package_resources_by_name
    WHERE package_id = ?1 AND kind = ?2 AND name = ?3
    """)
  /// By package, limit.
  static let packageResources = Query(
    """
    SELECT \(resourceColumns) FROM package_resources NOT INDEXED
    WHERE package_id = ?1 ORDER BY id LIMIT ?2
    """)
  /// By package, limit, id to stay above.
  static let packageResourcesAfter = Query(
    """
    SELECT \(resourceColumns) FROM package_resources NOT INDEXED
    WHERE package_id = ?1 AND id > ?3 ORDER BY id LIMIT ?2
    """)
  /// By package, limit, kind.
  static let packageResourcesOfKind = Query(
    """
    SELECT \(resourceColumns) FROM package_resources INDEXED BY package_resources_by_kind
    WHERE package_id = ?1 AND kind = ?3 ORDER BY id LIMIT ?2
    """)
  /// By package, limit, kind, id to stay above.
  static let packageResourcesOfKindAfter = Query(
    """
    SELECT \(resourceColumns) FROM package_resources INDEXED BY package_resources_by_kind
    WHERE package_id = ?1 AND kind = ?3 AND id > ?4 ORDER BY id LIMIT ?2
    """)
  static let insertPackageResource = Query(
    "INSERT INTO package_resources (\(resourceColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
  /// By package, id.
  static let deletePackageResource = Query(
    "DELETE FROM package_resources WHERE package_id = ?1 AND id = ?2")
  static let deletePackageResources = Query("DELETE FROM package_resources WHERE package_id = ?1")
  static let allPackageResources = Query("SELECT \(resourceColumns) FROM package_resources")

  private static let resourceCountColumns = "package_id, kind, count, checksum"

  /// By package, kind.
  static let packageResourceCount = Query(
    """
    SELECT \(resourceCountColumns) FROM package_resource_counts
    WHERE package_id = ?1 AND kind = ?2
    """)
  static let setPackageResourceCount = Query(
    """
    INSERT INTO package_resource_counts (\(resourceCountColumns)) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (package_id, kind) DO UPDATE
    SET count = excluded.count, checksum = excluded.checksum
    """)
  static let deletePackageResourceCounts = Query(
    "DELETE FROM package_resource_counts WHERE package_id = ?1")
  static let allPackageResourceCounts = Query(
    "SELECT \(resourceCountColumns) FROM package_resource_counts")
}
