internal import Storage

/// Chains are read backwards, from record to record, beginning at their heads or at a mark.
extension SQLiteReads {
  final func auditHead(partition: String) throws -> AuditHead? {
    try storedAuditHead(of: partition)?.head
  }

  final func auditRecords(
    partition: String, after sequence: Int64, limit: Int
  ) throws -> [AuditRecord] {
    guard limit > 0, let head = try storedAuditHead(of: partition) else { return [] }
    guard head.head.sequence > sequence else { return [] }
    let (sum, overflows) = sequence.addingReportingOverflow(Int64(limit))
    let last = overflows ? head.head.sequence : min(sum, head.head.sequence)
    // Most recent first, and up to a mark's distance more than asked for.
    var records: [AuditRecord] = []
    var below: Int64?
    var next: Int64? = try auditMark(in: partition, from: last) ?? head.id
    while let id = next {
      let stored = try auditRecord(id)
      let isInOrder = below.map { stored.record.sequence < $0 } ?? true
      guard isInOrder, ExactText(stored.record.partition) == ExactText(partition) else {
        throw damaged("a record leads to another chain of the audit")
      }
      below = stored.record.sequence
      if stored.record.sequence <= sequence { break }
      records.append(stored.record)
      next = stored.previousID
    }
    return Array(records.reversed().prefix(limit))
  }

  final func storedAuditHead(of partition: String) throws(StorageError) -> StoredAuditHead? {
    if let head = knownAuditHead(of: partition) { return head }
    let head = try first(Query.auditHead) { statement throws(StorageError) in
      try statement.bind(1, partition)
    } read: { row throws(StorageError) in
      try row.auditHead()
    }
    if let head { found(head) }
    return head
  }

  private func auditMark(
    in partition: String, from sequence: Int64
  ) throws(StorageError) -> Int64? {
    try first(Query.auditMark) { statement throws(StorageError) in
      try statement.bind(1, partition)
      try statement.bind(2, sequence)
    } read: { row in
      row.int64()
    }
  }

  private func auditRecord(_ id: Int64) throws(StorageError) -> StoredAuditRecord {
    let stored = try first(Query.auditRecord) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row throws(StorageError) in
      try row.auditRecord()
    }
    guard let stored else { throw damaged("a record of the audit is missing") }
    return stored
  }
}
