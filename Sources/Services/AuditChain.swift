internal import Crypto
package import Storage

/// The audit records of a partition, each sealed by the hash of the one before: what is changed,
/// removed from within or put between later shows.
package enum AuditChain {
  /// One chain, and what it tells of. A type, so that no account's name is another chain's.
  enum Partition: Sendable {
    case catalogue
    /// All that happens to an account's packages.
    case account(String)
    /// All that happens to a user's purchases and listings.
    case user(String)

    var name: String {
      switch self {
      case .catalogue: "catalogue"
      case .account(let id): "account/" + id
      case .user(let id): "user/" + id
      }
    }
  }

  /// What a mutation did.
  struct Entry: Sendable {
    let partition: Partition
    let actor: String
    let method: String
    let resource: String
    /// Empty for a creation.
    let beforeETag: String
    /// Empty for a deletion.
    let afterETag: String
    let requestID: String
  }

  /// The first record that is not what it was, by its place in the chain.
  package struct Broken: Error, Equatable {
    package let partition: String
    package let sequence: Int64
  }

  /// Adds a record behind the partition's last.
  static func append(
    _ entry: Entry, at time: Instant, in transaction: any WriteTransaction
  ) throws {
    let partition = entry.partition.name
    let last = try transaction.auditHead(partition: partition)
    var record = AuditRecord(
      partition: partition, sequence: (last?.sequence ?? 0) + 1, actor: entry.actor,
      method: entry.method, resource: entry.resource, beforeETag: entry.beforeETag,
      afterETag: entry.afterETag, time: time, requestID: entry.requestID,
      previousHash: last?.hash ?? start, hash: [])
    record.hash = hash(record)
    try transaction.append(record)
  }

  /// Reads a partition's chain from its start; returns how many records it has.
  /// - Throws: ``Broken``, or what the store throws.
  package static func verify(
    partition: String, in transaction: any ReadTransaction
  ) throws -> Int64 {
    var sequence: Int64 = 0
    var previous = start
    while true {
      let records = try transaction.auditRecords(
        partition: partition, after: sequence, limit: Limits.auditPageRecords)
      for record in records {
        sequence += 1
        guard
          record.partition == partition, record.sequence == sequence,
          record.previousHash == previous, record.hash == hash(record)
        else { throw Broken(partition: partition, sequence: sequence) }
        previous = record.hash
      }
      if records.isEmpty { return sequence }
    }
  }

  /// The `previousHash` of a first record.
  private static let start = [UInt8](repeating: 0, count: 32)

  /// SHA-256 over all fields but the hash itself, each text and hash behind its length in eight
  /// bytes, numbers in eight bytes, big-endian: no two records have the same bytes.
  private static func hash(_ record: AuditRecord) -> [UInt8] {
    var sha = SHA256()
    func add(number: Int64) {
      withUnsafeBytes(of: number.bigEndian) { sha.update(bufferPointer: $0) }
    }
    func add(bytes: [UInt8]) {
      add(number: Int64(bytes.count))
      sha.update(data: bytes)
    }
    add(bytes: Array(record.partition.utf8))
    add(number: record.sequence)
    for text in [
      record.actor, record.method, record.resource, record.beforeETag, record.afterETag,
    ] {
      add(bytes: Array(text.utf8))
    }
    add(number: record.time.nanosecondsSinceEpoch)
    add(bytes: Array(record.requestID.utf8))
    add(bytes: record.previousHash)
    return Array(sha.finalize())
  }
}
