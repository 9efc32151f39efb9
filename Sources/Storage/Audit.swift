/// One mutation, in the hash chain of its partition. Holds no secret.
package struct AuditRecord: Hashable, Sendable {
  /// The chain: `catalogue`, an account, or a user.
  package var partition: String
  /// From 1, without gaps.
  package var sequence: Int64
  package var actor: String
  package var method: String
  package var resource: String
  /// Empty for a creation.
  package var beforeETag: String
  /// Empty for a deletion.
  package var afterETag: String
  package var time: Instant
  package var requestID: String
  /// The `hash` of the record before, or 32 zero bytes in the first.
  package var previousHash: [UInt8]
  /// SHA-256 over the fields above.
  package var hash: [UInt8]

  package init(
    partition: String, sequence: Int64, actor: String, method: String, resource: String,
    beforeETag: String, afterETag: String, time: Instant, requestID: String,
    previousHash: [UInt8], hash: [UInt8]
  ) {
    self.partition = partition
    self.sequence = sequence
    self.actor = actor
    self.method = method
    self.resource = resource
    self.beforeETag = beforeETag
    self.afterETag = afterETag
    self.time = time
    self.requestID = requestID
    self.previousHash = previousHash
    self.hash = hash
  }
}

/// Where a chain ends: what the next record needs to know.
package struct AuditHead: Hashable, Sendable {
  package var sequence: Int64
  package var hash: [UInt8]

  package init(sequence: Int64, hash: [UInt8]) {
    self.sequence = sequence
    self.hash = hash
  }
}

package protocol AuditReads {
  /// - Returns: `nil` for a chain without records.
  func auditHead(partition: String) throws -> AuditHead?
  /// Up to `limit` records in the chain's order, all after `sequence`; none only at its end.
  func auditRecords(partition: String, after sequence: Int64, limit: Int) throws -> [AuditRecord]
}

package protocol AuditWrites {
  /// Adds a record to the end of its chain.
  ///
  /// - Throws: ``StorageError/auditSequenceTaken`` unless its sequence number is larger than the
  ///   last one's.
  func append(_ record: AuditRecord) throws
}
