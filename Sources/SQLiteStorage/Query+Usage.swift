extension Query {
  // MARK: Events

  private static let eventColumns = """
    account_id, event_id, content_hash_high, content_hash_low, observed_time, checksum
    """

  /// By account, event id.
  static let usageEvent = Query(
    "SELECT \(eventColumns) FROM usage_events NOT INDEXED WHERE account_id = ?1 AND event_id = ?2")
  /// Changes no row when the account has an event of the id.
  static let insertUsageEvent = Query(
    """
    INSERT INTO usage_events (\(eventColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT DO NOTHING
    """)
  /// By time, limit. Each row is asked for its time, too: a damaged index deletes no young one.
  static let deleteUsageEvents = Query(
    """
    DELETE FROM usage_events WHERE observed_time < ?1 AND (account_id, event_id) IN (
      SELECT account_id, event_id FROM usage_events INDEXED BY usage_events_by_age
      WHERE observed_time < ?1 ORDER BY observed_time, account_id, event_id LIMIT ?2)
    """)
  static let allUsageEvents = Query("SELECT \(eventColumns) FROM usage_events NOT INDEXED")

  // MARK: Bandwidth

  private static let bandwidthColumns = """
    package_id, span, start_time, in_bytes, out_bytes, requests, as_of, checksum
    """

  /// By package, span, start.
  static let bandwidth = Query(
    """
    SELECT \(bandwidthColumns) FROM package_bandwidth NOT INDEXED
    WHERE package_id = ?1 AND span = ?2 AND start_time = ?3
    """)
  /// By package, span, start to begin with, start to end before, limit.
  static let bandwidths = Query(
    """
    SELECT \(bandwidthColumns) FROM package_bandwidth NOT INDEXED
    WHERE package_id = ?1 AND span = ?2 AND start_time >= ?3 AND start_time < ?4
    ORDER BY start_time LIMIT ?5
    """)
  static let insertBandwidth = Query(
    """
    INSERT INTO package_bandwidth (\(bandwidthColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    """)
  static let updateBandwidth = Query(
    """
    UPDATE package_bandwidth
    SET in_bytes = ?4, out_bytes = ?5, requests = ?6, as_of = ?7, checksum = ?8
    WHERE package_id = ?1 AND span = ?2 AND start_time = ?3
    """)
  /// By span, time, limit; gives the package of each that was deleted.
  static let deleteOldBandwidth = Query(
    """
    DELETE FROM package_bandwidth WHERE (package_id, span, start_time) IN (
      SELECT package_id, span, start_time
      FROM package_bandwidth INDEXED BY package_bandwidth_by_age
      WHERE span = ?1 AND start_time < ?2 ORDER BY start_time, package_id LIMIT ?3)
    RETURNING package_id
    """)
  static let deleteBandwidth = Query("DELETE FROM package_bandwidth WHERE package_id = ?1")
  static let allBandwidth = Query("SELECT \(bandwidthColumns) FROM package_bandwidth NOT INDEXED")

  // MARK: Scans

  private static let scanColumns = "package_id, scan_time, total_bytes, total_files, checksum"
  private static let scanContentColumns = "package_id, content, checksum"

  static let diskScan = Query("SELECT \(scanColumns) FROM disk_scans WHERE package_id = ?1")
  static let diskScanContent = Query(
    "SELECT \(scanContentColumns) FROM disk_scan_contents WHERE package_id = ?1")
  static let setDiskScan = Query(
    """
    INSERT INTO disk_scans (\(scanColumns)) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (package_id) DO UPDATE SET scan_time = excluded.scan_time,
      total_bytes = excluded.total_bytes, total_files = excluded.total_files,
      checksum = excluded.checksum
    """)
  static let setDiskScanContent = Query(
    """
    INSERT INTO disk_scan_contents (\(scanContentColumns)) VALUES (?1, ?2, ?3)
    ON CONFLICT (package_id) DO UPDATE
    SET content = excluded.content, checksum = excluded.checksum
    """)
  static let deleteDiskScan = Query("DELETE FROM disk_scans WHERE package_id = ?1")
  static let deleteDiskScanContent = Query("DELETE FROM disk_scan_contents WHERE package_id = ?1")
  static let allDiskScans = Query("SELECT \(scanColumns) FROM disk_scans")
  static let allDiskScanContents = Query("SELECT \(scanContentColumns) FROM disk_scan_contents")

  // MARK: Changes

  private static let changeColumns = """
    account_id, sequence, package_id, kind, time, package, age_time, checksum
    """
  private static let changeAgeColumns = "age_time, account_id, sequence, checksum"

  static let lastPackageChange = Query(
    """
    SELECT \(changeColumns) FROM package_changes WHERE account_id = ?1
    ORDER BY sequence DESC LIMIT 1
    """)
  /// By account, sequence to stay below.
  static let packageChangeBefore = Query(
    """
    SELECT \(changeColumns) FROM package_changes WHERE account_id = ?1 AND sequence < ?2
    ORDER BY sequence DESC LIMIT 1
    """)
  /// By account, sequence to stay above, limit.
  static let packageChanges = Query(
    """
    SELECT \(changeColumns) FROM package_changes WHERE account_id = ?1 AND sequence > ?2
    ORDER BY sequence LIMIT ?3
    """)
  static let insertPackageChange = Query(
    "INSERT INTO package_changes (\(changeColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
  /// By account, sequence.
  static let deletePackageChange = Query(
    "DELETE FROM package_changes WHERE account_id = ?1 AND sequence = ?2")
  static let allPackageChanges = Query("SELECT \(changeColumns) FROM package_changes")

  /// By time to stay below, limit.
  static let packageChangeAges = Query(
    """
    SELECT \(changeAgeColumns) FROM package_change_ages WHERE age_time < ?1
    ORDER BY age_time, account_id, sequence LIMIT ?2
    """)
  static let insertPackageChangeAge = Query(
    "INSERT INTO package_change_ages (\(changeAgeColumns)) VALUES (?1, ?2, ?3, ?4)")
  /// By time, account, sequence.
  static let deletePackageChangeAge = Query(
    "DELETE FROM package_change_ages WHERE age_time = ?1 AND account_id = ?2 AND sequence = ?3")
  static let allPackageChangeAges = Query("SELECT \(changeAgeColumns) FROM package_change_ages")
}
