extension Query {
  private static let auditColumns = """
    id, previous_id, "partition", sequence, actor, method, resource, before_etag, after_etag,
    time, request_id, previous_hash, hash, checksum
    """

  static let auditRecord = Query("SELECT \(auditColumns) FROM audit_records WHERE id = ?1")
  /// By partition, sequence: the first mark from there on.
  static let auditMark = Query(
    """
    SELECT id FROM audit_records INDEXED BY audit_marks
    WHERE "partition" = ?1 AND sequence >= ?2 AND sequence % 64 = 0
    ORDER BY sequence LIMIT 1
    """)
  static let insertAuditRecord = Query(
    """
    INSERT INTO audit_records (\(auditColumns))
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    """)
  static let lastAuditID = Query("SELECT max(id) FROM audit_records")
  static let allAuditRecords = Query("SELECT \(auditColumns) FROM audit_records")

  private static let auditHeadColumns = "\"partition\", id, sequence, hash, checksum"

  static let auditHead = Query(
    "SELECT \(auditHeadColumns) FROM audit_heads WHERE \"partition\" = ?1")
  static let setAuditHead = Query(
    "REPLACE INTO audit_heads (\(auditHeadColumns)) VALUES (?1, ?2, ?3, ?4, ?5)")
  static let allAuditHeads = Query("SELECT \(auditHeadColumns) FROM audit_heads")
}
