internal import Storage

extension SQLiteWrites {
  func append(_ record: AuditRecord) throws {
    let head = try storedAuditHead(of: record.partition)
    if let head, head.head.sequence >= record.sequence { throw StorageError.auditSequenceTaken }
    let id = try lastAuditID() + 1
    try write(Query.insertAuditRecord) { row throws(StorageError) in
      try row.write(record, id: id, after: head?.id)
    }
    let new = StoredAuditHead(
      partition: record.partition, id: id,
      head: AuditHead(sequence: record.sequence, hash: record.hash))
    try write(Query.setAuditHead) { row throws(StorageError) in try row.write(new) }
    known.lastAuditID = id
    known.auditHead = new
  }

  private func lastAuditID() throws(StorageError) -> Int64 {
    if let last = known.lastAuditID ?? group.lastAuditID { return last }
    let last = try first(Query.lastAuditID) { _ in
    } read: { row in
      row.optionalInt64() ?? 0
    }
    return last ?? 0
  }
}
