internal import Storage
internal import Testing

extension ContractCase {
  static let changes = [
    ContractCase("changes come back in the order of their log", changesComeBack),
    ContractCase("a sequence number of a log is taken once", changeSequencesAreUnique),
    ContractCase("racing appends make a log without gaps", racingChanges),
    ContractCase("a log is deleted from its front, never its newest change", changesExpire),
    ContractCase("a log is deleted from its front if the clock was set back", clockSetBack),
    ContractCase("many logs are deleted in the order of age, up to a limit", logsExpireTogether),
  ]

  private static func log(
    _ store: any Store, account: String = "default", after sequence: Int64 = 0
  ) async throws -> [Int64] {
    try await store.read {
      try $0.packageChanges(accountID: account, after: sequence, limit: 99).map(\.sequence)
    }
  }

  private static func changesComeBack(_ store: any Store) async throws {
    let kinds = PackageChangeRecord.Kind.allCases
    let written = (1...20 as ClosedRange<Int64>).map { sequence in
      var change = Sample.change(sequence, time: sequence % 2 == 0 ? .min : .max)
      change.kind = kinds[Int(sequence) % kinds.count]
      change.packageID = ULID(value: .max - UInt128(sequence))
      change.package = Array(repeating: UInt8(sequence), count: Int(sequence - 1) * 997)
      return change
    }
    try await store.write { transaction throws in
      #expect(try transaction.lastPackageChangeSequence(accountID: "default") == 0)
      for change in written {
        try transaction.append(change)
        let last = try transaction.lastPackageChangeSequence(accountID: "default")
        #expect(last == change.sequence)
      }
      try transaction.append(Sample.change(1, account: "é"))
    }
    try await store.read { transaction throws in
      func page(_ sequence: Int64, _ limit: Int) throws -> [PackageChangeRecord] {
        try transaction.packageChanges(accountID: "default", after: sequence, limit: limit)
      }
      #expect(try page(0, 99) == written)
      #expect(try page(.min, 3) == Array(written.prefix(3)))
      #expect(try page(7, 5) == Array(written[7..<12]))
      #expect(try page(19, 5) == [written[19]])
      for (sequence, limit) in [(20, 9), (.max, 9), (0, 0), (0, -1)] as [(Int64, Int)] {
        #expect(try page(sequence, limit) == [])
      }
      #expect(try transaction.lastPackageChangeSequence(accountID: "é") == 1)
      #expect(try transaction.lastPackageChangeSequence(accountID: "e\u{301}") == 0)
      #expect(try transaction.packageChanges(accountID: "nobody", after: 0, limit: 9) == [])
    }
  }

  private static func changeSequencesAreUnique(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for sequence in 1...3 as ClosedRange<Int64> {
        try transaction.append(Sample.change(sequence))
      }
      for sequence in 1...3 as ClosedRange<Int64> {
        #expect(throws: StorageError.packageChangeSequenceTaken) {
          try transaction.append(Sample.change(sequence, time: 99))
        }
      }
      try transaction.append(Sample.change(1, account: "other"))
    }
    #expect(try await log(store) == [1, 2, 3])
    #expect(try await log(store, account: "other") == [1])
  }

  private static func racingChanges(_ store: any Store) async throws {
    let outcomes = await concurrently(40) { number in
      try await store.write { transaction throws in
        let account = "account \(number % 2)"
        let last = try transaction.lastPackageChangeSequence(accountID: account)
        try transaction.append(Sample.change(last + 1, account: account))
        if number % 5 == 0 { throw BodyFailure() }
      }
    }
    #expect(outcomes.count { $0 is BodyFailure } == 8)
    for account in ["account 0", "account 1"] {
      #expect(try await log(store, account: account) == Array(1...16))
    }
  }

  private static func expire(
    _ time: Int64, _ limit: Int, _ store: any Store
  ) async throws -> Int {
    try await store.write { try $0.deletePackageChanges(before: Sample.at(time), limit: limit) }
  }

  private static func changesExpire(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for sequence in 1...6 as ClosedRange<Int64> {
        try transaction.append(Sample.change(sequence, time: sequence * 10))
      }
    }
    #expect(try await expire(.max, 0, store) == 0)
    #expect(try await expire(.max, -1, store) == 0)
    #expect(try await expire(10, 9, store) == 0)
    #expect(try await expire(31, 2, store) == 2)
    #expect(try await log(store) == [3, 4, 5, 6])
    #expect(try await expire(31, 9, store) == 1)
    #expect(try await expire(.max, 9, store) == 2)
    #expect(try await expire(.max, 9, store) == 0)
    #expect(try await log(store) == [6])
    // The next number follows what was kept, which goes now.
    try await store.write { transaction throws in
      #expect(try transaction.lastPackageChangeSequence(accountID: "default") == 6)
      try transaction.append(Sample.change(7, time: 70))
      #expect(try transaction.deletePackageChanges(before: Sample.at(.max), limit: 9) == 1)
    }
    #expect(try await log(store) == [7])
  }

  private static func clockSetBack(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for (position, time) in ([50, 10, 60, 20, 30] as [Int64]).enumerated() {
        try transaction.append(Sample.change(Int64(position) + 1, time: time))
      }
    }
    // The second is old enough, but the first is not.
    #expect(try await expire(50, 9, store) == 0)
    #expect(try await expire(51, 1, store) == 1)
    #expect(try await log(store) == [2, 3, 4, 5])
    #expect(try await expire(60, 9, store) == 1)
    #expect(try await expire(60, 9, store) == 0)
    #expect(try await expire(61, 9, store) == 2)
    #expect(try await log(store) == [5])
  }

  private static func logsExpireTogether(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for sequence in 1...3 as ClosedRange<Int64> {
        for (position, account) in ["c", "a", "b"].enumerated() {
          let change = Sample.change(
            sequence, account: account, time: sequence * 10 + Int64(position) / 2)
          try transaction.append(change)
        }
      }
    }
    // c and a at 10, b at 11, c and a at 20, b at 21; the last ones stay.
    #expect(try await expire(.max, 1, store) == 1)
    #expect(try await log(store, account: "a") == [2, 3])
    #expect(try await log(store, account: "c") == [1, 2, 3])
    #expect(try await expire(.max, 3, store) == 3)
    #expect(try await log(store, account: "a") == [3])
    #expect(try await log(store, account: "b") == [2, 3])
    #expect(try await log(store, account: "c") == [2, 3])
    #expect(try await expire(.max, 99, store) == 2)
    for account in ["a", "b", "c"] { #expect(try await log(store, account: account) == [3]) }
  }
}
