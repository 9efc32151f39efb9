internal import Storage
internal import Testing

@testable internal import Services

@Suite("AuditChain")
struct AuditChainTests {
  private func append(_ count: Int, to partition: AuditChain.Partition, in store: MemoryStore)
    async throws
  {
    for number in 0..<count {
      try await store.write { transaction in
        let entry = AuditChain.Entry(
          partition: partition, actor: "default/1", method: "m", resource: "plans/\(number)",
          beforeETag: "", afterETag: "e", requestID: "r")
        try AuditChain.append(
          entry, at: Instant(nanosecondsSinceEpoch: Int64(number)), in: transaction)
      }
    }
  }

  @Test("verifies across pages, each partition by itself")
  func verifies() async throws {
    let store = MemoryStore()
    try await append(Limits.auditPageRecords + 3, to: .catalogue, in: store)
    try await append(2, to: .account("acme"), in: store)
    let counts = try await store.read { transaction in
      try ["catalogue", "account/acme", "acme"].map {
        try AuditChain.verify(partition: $0, in: transaction)
      }
    }
    #expect(counts == [Int64(Limits.auditPageRecords + 3), 2, 0])
  }

  @Test("tells the first record that was changed, left out or added")
  func tampered() async throws {
    let store = MemoryStore()
    try await append(5, to: .account("catalogue"), in: store)
    let records = try await store.read {
      try $0.auditRecords(partition: "account/catalogue", after: 0, limit: 9)
    }
    let changes: [@Sendable (inout AuditRecord) -> Void] = [
      { $0.actor += "x" }, { $0.method = "n" }, { $0.resource = "plans/9" },
      { $0.beforeETag = "e" }, { $0.afterETag = "" }, { $0.time.nanosecondsSinceEpoch += 1 },
      { $0.requestID = "s" }, { $0.previousHash[0] ^= 1 }, { $0.hash[31] ^= 1 },
      // The same bytes, cut elsewhere.
      {
        $0.actor = "default/1m"; $0.method = ""
      },
    ]
    for change in changes {
      var forged = records
      change(&forged[2])
      await #expect(throws: AuditChain.Broken(partition: "account/catalogue", sequence: 3)) {
        try await verify(forged)
      }
    }
    await #expect(throws: AuditChain.Broken(partition: "account/catalogue", sequence: 2)) {
      try await verify(Array(records[..<1] + records[2...]))
    }
    #expect(try await verify(records) == 5)
  }

  private func verify(_ records: [AuditRecord]) async throws -> Int64 {
    let store = MemoryStore()
    return try await store.write { transaction in
      for record in records { try transaction.append(record) }
      return try AuditChain.verify(partition: "account/catalogue", in: transaction)
    }
  }
}
