internal import Storage
internal import Testing

extension ContractCase {
  static let records = [
    ContractCase("a replay record comes back as it was written", aReplayComesBack),
    ContractCase("a replay key is unique in its three parts together", replayKeysAreUnique),
    ContractCase("of racing inserts of one replay key one wins", racingReplays),
    ContractCase("replays expire in order, up to a limit, and some never", replaysExpire),
    ContractCase("audit records come back in the chain's order", auditComesBack),
    ContractCase("chains of the audit are read from anywhere", auditPages),
    ContractCase("a sequence number is taken once per partition", auditSequencesAreUnique),
    ContractCase("racing appends make a chain without gaps", racingAppends),
    ContractCase("settings are kept and replaced", settingsAreReplaced),
  ]

  private static func aReplayComesBack(_ store: any Store) async throws {
    var refusal = Sample.replay("refusal", expires: nil)
    refusal.statusCode = .max
    refusal.statusMessage = "Plan \0 not found: é"
    refusal.statusDetails = Array(0...255)
    refusal.response = []
    refusal.requestHash = []
    refusal.createTime = Sample.at(.min)
    var large = Sample.replay("large", expires: .max)
    large.statusCode = .min
    large.response = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for record in [refusal, large, Sample.replay("\0é")] {
      try await store.write { try $0.insert(record) }
      #expect(try await store.read { try $0.replay(record.key) } == record)
    }
    #expect(try await store.read { try $0.replay(Sample.replay("other").key) } == nil)
  }

  private static func replayKeysAreUnique(_ store: any Store) async throws {
    let keys = [("a", "b", "c"), ("a", "b", ""), ("a", "", "c"), ("", "b", "c"), ("ab", "", "c")]
    for (caller, method, requestID) in keys {
      var record = Sample.replay("")
      record.key = ReplayKey(caller: caller, method: method, requestID: requestID)
      let written = record
      try await store.write { try $0.insert(written) }
      record.response = [9]
      let second = record
      await #expect(throws: StorageError.replayKeyTaken) {
        try await store.write { try $0.insert(second) }
      }
      #expect(try await store.read { try $0.replay(second.key) } == written)
    }
  }

  private static func racingReplays(_ store: any Store) async throws {
    let outcomes = await concurrently(32) { number in
      try await store.write { transaction throws in
        try transaction.setSetting("effect \(number)", to: "done")
        try transaction.insert(Sample.replay("same"))
      }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    let effects = try await store.read { transaction throws in
      try (0..<32).count { try transaction.setting("effect \($0)") != nil }
    }
    #expect(effects == 1)
  }

  private static func replaysExpire(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for time in [5, 3, 9, 1, 7, .min] as [Int64] {
        try transaction.insert(Sample.replay("at \(time)", expires: time))
      }
      try transaction.insert(Sample.replay("never", expires: nil))
    }
    func expire(_ time: Int64, _ limit: Int) async throws -> Int {
      try await store.write {
        try $0.deleteReplays(expiredBefore: Sample.at(time), limit: limit)
      }
    }
    func left() async throws -> [Int64] {
      try await store.read { transaction throws in
        try [.min, 1, 3, 5, 7, 9].filter {
          try transaction.replay(Sample.replay("at \($0)").key) != nil
        }
      }
    }
    #expect(try await expire(6, 0) == 0)
    #expect(try await expire(6, -1) == 0)
    #expect(try await expire(6, 2) == 2)
    #expect(try await left() == [3, 5, 7, 9])
    #expect(try await expire(5, 10) == 1)
    #expect(try await left() == [5, 7, 9])
    #expect(try await expire(.max, 10) == 3)
    #expect(try await expire(.max, 10) == 0)
    #expect(try await store.read { try $0.replay(Sample.replay("never").key) } != nil)
    try await store.write { try $0.insert(Sample.replay("at 5", expires: 5)) }
    #expect(try await left() == [5])
  }

  private static func auditComesBack(_ store: any Store) async throws {
    var odd = Sample.audit(3, partition: "é\0")
    odd.actor = "\0"
    odd.time = Sample.at(.max)
    odd.hash = Array(0...255)
    odd.previousHash = []
    let written = odd
    try await store.write { transaction throws in
      for sequence in 1...25 as ClosedRange<Int64> {
        try transaction.append(Sample.audit(sequence))
      }
      try transaction.append(written)
      try transaction.append(Sample.audit(.min, partition: "end"))
      try transaction.append(Sample.audit(.max, partition: "end"))
    }
    try await store.read { transaction throws in
      let last = AuditHead(sequence: 25, hash: Sample.audit(25).hash)
      #expect(try transaction.auditHead(partition: "catalogue") == last)
      let head = AuditHead(sequence: written.sequence, hash: written.hash)
      #expect(try transaction.auditHead(partition: "é\0") == head)
      #expect(try transaction.auditRecords(partition: "é\0", after: 0, limit: 9) == [written])
      #expect(try transaction.auditHead(partition: "nobody") == nil)
      #expect(try transaction.auditHead(partition: "end")?.sequence == .max)
      let chain = try transaction.auditRecords(partition: "catalogue", after: 0, limit: 10)
      #expect(chain == (1...10).map { Sample.audit($0) })
      let rest = try transaction.auditRecords(partition: "catalogue", after: 20, limit: 10)
      #expect(rest == (21...25).map { Sample.audit($0) })
      #expect(try transaction.auditRecords(partition: "catalogue", after: 25, limit: 10) == [])
      #expect(try transaction.auditRecords(partition: "catalogue", after: 0, limit: 0) == [])
      #expect(try transaction.auditRecords(partition: "catalogue", after: 0, limit: -1) == [])
      #expect(try transaction.auditRecords(partition: "end", after: .max, limit: 9) == [])
    }
  }

  private static func auditPages(_ store: any Store) async throws {
    let chains = ["a", "b", "A"]
    // One chain's records stand between another's; numbers may be left out.
    for _ in 0..<2 {
      try await store.write { transaction throws in
        for chain in chains {
          let last = try transaction.auditHead(partition: chain)?.sequence ?? 0
          for sequence in last + 1...last + 150 where sequence % 67 != 0 {
            try transaction.append(Sample.audit(sequence, partition: chain))
          }
        }
      }
    }
    try await store.read { transaction throws in
      for chain in chains {
        let all = (1...300 as ClosedRange<Int64>).filter { $0 % 67 != 0 }
          .map { Sample.audit($0, partition: chain) }
        for after in [0, 1, 62, 63, 64, 65, 66, 127, 200, 255, 256, 298, 299] as [Int64] {
          let rest = all.filter { $0.sequence > after }
          for limit in [1, 2, 64, 65, 1000, .max] {
            let page = try transaction.auditRecords(partition: chain, after: after, limit: limit)
            #expect(!page.isEmpty && page.count <= limit && page[...] == rest.prefix(page.count))
          }
          let whole = try transaction.auditRecords(partition: chain, after: after, limit: 400)
          #expect(whole == rest)
        }
        let first = try transaction.auditRecords(partition: chain, after: .min, limit: 2)
        #expect(first[...] == all.prefix(2))
        #expect(try transaction.auditRecords(partition: chain, after: 300, limit: 9) == [])
      }
    }
  }

  private static func auditSequencesAreUnique(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.append(Sample.audit(1))
      try transaction.append(Sample.audit(1, partition: "user"))
    }
    for sequence in [1, 0, -1] as [Int64] {
      await #expect(throws: StorageError.auditSequenceTaken) {
        try await store.write { try $0.append(Sample.audit(sequence)) }
      }
    }
  }

  private static func racingAppends(_ store: any Store) async throws {
    let outcomes = await concurrently(40) { number in
      try await store.write { transaction throws in
        let partition = "user \(number % 2)"
        let last = try transaction.auditHead(partition: partition)?.sequence ?? 0
        try transaction.append(Sample.audit(last + 1, partition: partition))
      }
    }
    #expect(failures(outcomes) == [])
    for partition in ["user 0", "user 1"] {
      let chain = try await store.read {
        try $0.auditRecords(partition: partition, after: 0, limit: 100)
      }
      #expect(chain.map(\.sequence) == Array(1...20))
    }
  }

  private static func settingsAreReplaced(_ store: any Store) async throws {
    for value in ["", "one", "\0", "e\u{301}", String(repeating: "x", count: 10_000)] {
      try await store.write { try $0.setSetting("näme\0", to: value) }
      let found = try await store.read { try $0.setting("näme\0") }
      #expect(found.map { Array($0.utf8) } == Array(value.utf8))
    }
    #expect(try await store.read { try $0.setting("näme") } == nil)
  }
}
