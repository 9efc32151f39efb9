internal import Storage

/// Records of all chains stand in one table in the order in which they are made, so that what is
/// committed together stands on few pages. By chain and number, as before, every record was on a
/// page of its own. A chain is read backwards from its head, or from a mark: see
/// ``SQLiteReads/auditRecords(partition:after:limit:)``.
extension Migrations {
  static let audit = """
    ALTER TABLE audit_records RENAME TO audit_records_by_chain;
    CREATE TABLE audit_records (
      id INTEGER PRIMARY KEY,
      previous_id INTEGER,  -- NULL in the first record of a chain
      \(auditColumns)
    ) STRICT;
    CREATE INDEX audit_marks ON audit_records ("partition", sequence) WHERE sequence % 64 = 0;
    CREATE TABLE audit_heads (
      "partition" TEXT PRIMARY KEY,
      id INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      hash BLOB NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """

  /// Chain after chain, each record as if it were made now.
  static func moveAuditRecords(_ connection: SQLiteConnection) throws(StorageError) {
    let database = SQLiteReads(connection)
    var head: StoredAuditHead?
    try database.run(auditRecordsByChain) { statement throws(StorageError) in
      while try statement.step() {
        var row = RowReader(statement, path: connection.path)
        let record = row.auditRecordFields()
        try row.verify()
        if let ended = head, ExactText(ended.partition) != ExactText(record.partition) {
          try setHead(ended, in: database)
        }
        head = try append(record, after: head, in: database)
      }
    }
    if let head { try setHead(head, in: database) }
    try connection.execute("DROP TABLE audit_records_by_chain")
  }

  private static let auditRecordsByChain = Query(
    """
    SELECT "partition", sequence, actor, method, resource, before_etag, after_etag, time,
      request_id, previous_hash, hash, checksum
    FROM audit_records_by_chain ORDER BY "partition", sequence
    """)

  /// - Parameter last: the last record that was written, of this chain or another one.
  private static func append(
    _ record: AuditRecord, after last: StoredAuditHead?, in database: SQLiteReads
  ) throws(StorageError) -> StoredAuditHead {
    let isFirst = last.map { ExactText($0.partition) != ExactText(record.partition) } ?? true
    let id = (last?.id ?? 0) + 1
    try database.run(Query.insertAuditRecord) { statement throws(StorageError) in
      var row = RowWriter(statement)
      try row.write(record, id: id, after: isFirst ? nil : last?.id)
    }
    return StoredAuditHead(
      partition: record.partition, id: id,
      head: AuditHead(sequence: record.sequence, hash: record.hash))
  }

  private static func setHead(
    _ head: StoredAuditHead, in database: SQLiteReads
  ) throws(StorageError) {
    try database.run(Query.setAuditHead) { statement throws(StorageError) in
      var row = RowWriter(statement)
      try row.write(head)
    }
  }
}
