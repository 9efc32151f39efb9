internal import Storage
internal import Testing

extension ContractCase {
  static let packageCache = [
    ContractCase("a cached package is what the last commit left, if it is there", packageFollows),
    ContractCase("whatever changes of a package, its snapshot is a new one", snapshotsAreReplaced),
    ContractCase("a rolled back change never shows in the cache of packages", packageRollback),
    ContractCase("no reader sees a package older than one already seen", packagesAreNeverStale),
    ContractCase("a read's packages are of its own moment", packagesOfOneMoment),
  ]

  private static func named(_ id: UInt128, _ revision: Int64) -> HostingPackageRecord {
    var package = Sample.hostingPackage(id)
    package.revision = revision
    package.name = "name \(revision)"
    return package
  }

  private static func packageFollows(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    let id = ULID(value: 1)
    for revision in 2...30 as ClosedRange<Int64> {
      // A read may fill the cache, so that there is something to go stale.
      _ = try await store.read { try $0.hostingPackage(id)?.record }
      try await store.write { try $0.update(named(1, revision)) }
      if let cached = store.cachedHostingPackage(id) {
        #expect(cached.record == named(1, revision))
      }
    }
    _ = try await store.read { try $0.hostingPackage(id)?.record }
    try await store.write { try $0.purgeHostingPackage(id) }
    #expect(store.cachedHostingPackage(id) == nil)
    #expect(try await store.read { try $0.hostingPackage(id)?.record } == nil)
    #expect(store.cachedHostingPackage(ULID(value: 2)) == nil)
  }

  private static func snapshotsAreReplaced(_ store: any Store) async throws {
    let record = Sample.hostingPackage(1)
    let id = record.id
    try await insert([record], into: store)
    let changes: [@Sendable (any WriteTransaction) throws -> Void] = [
      { try $0.update(named(1, 2)) },
      { try $0.insert(Sample.resource(5, of: 1)) },
      { try $0.deletePackageResource(ULID(value: 5), of: id) },
      { _ = try $0.deletePackageResources(of: id) },
      { _ = try $0.add(Sample.traffic(5), to: .hour, of: id) },
      { _ = try $0.add(Sample.traffic(5), to: .month, of: id) },
      { try $0.setDiskScan(Sample.scan(1), content: []) },
      { _ = try $0.deleteBandwidth(.hour, startedBefore: Sample.at(9), limit: 9) },
    ]
    for (number, change) in changes.enumerated() {
      _ = try await store.read { try $0.hostingPackage(id)?.record }
      store.cachedHostingPackage(id)?.keepUsageResponse(
        [7], from: Sample.at(0), until: Sample.at(9))
      let old = store.cachedHostingPackage(id)
      let isFound = try await store.write { transaction throws in
        try change(transaction)
        // The transaction itself does not see the old answer either.
        return try transaction.hostingPackage(id)?.usageResponse(at: Sample.at(5)) == nil
      }
      #expect(isFound, "change \(number)")
      if let new = store.cachedHostingPackage(id) {
        #expect(new !== old, "change \(number)")
        #expect(new.record == named(1, 2))
        #expect(new.usageResponse(at: Sample.at(5)) == nil)
      }
    }
  }

  private static func packageRollback(_ store: any Store) async throws {
    let id = ULID(value: 1)
    try await insert([named(1, 1)], into: store)
    _ = try await store.read { try $0.hostingPackage(id)?.record }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.update(named(1, 2))
        try transaction.insert(Sample.hostingPackage(2), passwordHash: "x")
        #expect((store.cachedHostingPackage(id)?.record ?? named(1, 1)) == named(1, 1))
        throw BodyFailure()
      }
    }
    #expect((store.cachedHostingPackage(id)?.record ?? named(1, 1)) == named(1, 1))
    #expect(store.cachedHostingPackage(ULID(value: 2)) == nil)
    // A later write builds on what is there.
    try await store.write { transaction throws in
      #expect(try transaction.hostingPackage(id)?.record == named(1, 1))
      #expect(try transaction.hostingPackage(ULID(value: 2)) == nil)
    }
  }

  private static func packagesAreNeverStale(_ store: any Store) async throws {
    let count = 3
    try await insert((1...UInt128(count)).map { named($0, 1) }, into: store)
    let seen = (0..<count).map { _ in Watermark() }
    let writersDone = Watermark()
    let outcomes = await concurrently(count + 5) { number in
      if number < count {
        defer { writersDone.raise(to: 1) }
        for revision in 2...100 as ClosedRange<Int64> {
          let id = UInt128(number) + 1
          try await store.write { transaction throws in
            // Read, then written: an update on something stale would be lost.
            let old = try transaction.hostingPackage(ULID(value: id))?.record.revision
            guard old == revision - 1 else { throw BodyFailure() }
            try transaction.update(named(id, revision))
            if revision % 3 == 0 {
              _ = try transaction.add(Sample.traffic(0), to: .hour, of: ULID(value: id))
            }
          }
          seen[number].raise(to: revision)
        }
        return
      }
      var round = number
      while writersDone.value == 0 {
        round += 1
        let index = round % count
        let id = ULID(value: UInt128(index) + 1)
        let floor = seen[index].value
        var found = store.cachedHostingPackage(id)?.record.revision
        if found == nil {
          found = try await store.read { try $0.hostingPackage(id)?.record.revision }
        }
        if found ?? 0 < floor { throw BodyFailure() }
        seen[index].raise(to: found ?? 0)
        if round % 64 == 0 { await Task.yield() }
      }
    }
    #expect(failures(outcomes) == [])
  }

  private static func packagesOfOneMoment(_ store: any Store) async throws {
    try await insert([named(1, 1), named(2, 1)], into: store)
    let isDone = Watermark()
    let outcomes = await concurrently(5) { number in
      guard number > 0 else {
        defer { isDone.raise(to: 1) }
        for revision in 2...150 as ClosedRange<Int64> {
          try await store.write { transaction throws in
            try transaction.update(named(1, revision))
            try transaction.update(named(2, revision))
          }
        }
        return
      }
      while isDone.value == 0 {
        try await store.read { transaction throws in
          let first = try transaction.hostingPackage(ULID(value: 1))?.record.revision
          let query = HostingPackageQuery(accountID: "default", limit: 9)
          let page = try transaction.hostingPackages(query).map(\.record.revision)
          guard page.count == 2, page.allSatisfy({ $0 == first }) else { throw BodyFailure() }
        }
      }
    }
    #expect(failures(outcomes) == [])
  }
}
