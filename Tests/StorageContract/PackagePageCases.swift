internal import Storage
internal import Testing

extension ContractCase {
  static let packagePages = [
    ContractCase("pages of packages list an account's own, newest first", pagesOfPackages),
    ContractCase("pages of a stack user's packages hold what was granted", pagesOfStackUsers),
    ContractCase("a page goes on from an id that need not be there", pagesBetweenPackages),
    ContractCase("a transaction lists what it has written", pagesSeeThemselves),
    ContractCase("packages that stay are listed once while others change", pagesUnderChanges),
  ]

  /// All pages of the query, from the first.
  static func allPages(
    _ query: HostingPackageQuery, of store: any Store
  ) async throws -> [HostingPackageRecord] {
    var query = query
    var found: [HostingPackageRecord] = []
    while true {
      let asked = query
      let page = try await store.read { try $0.hostingPackages(asked).map(\.record) }
      #expect(page.count <= query.limit)
      found += page
      guard let last = page.last, page.count == query.limit else { return found }
      query.before = last.id
    }
  }

  private static func user(_ id: String) -> StackUserRecord {
    StackUserRecord(userID: id, createTime: Sample.at(1), addedBy: "admin")
  }

  private static func pagesOfPackages(_ store: any Store) async throws {
    let accounts = ["a", "b", "e\u{301}", "é"]
    var random = SeededNumbers(seed: 5)
    let packages = (0..<120).map { number in
      let id = UInt128(number) << UInt128(number % 8 * 12) | UInt128(number)
      let package = Sample.hostingPackage(id, account: accounts[number % 4])
      return number % 5 == 0 ? Sample.deleted(package) : package
    }
    try await insert(packages.shuffled(using: &random), into: store)
    for account in accounts {
      let expected = packages.filter { ExactText($0.accountID) == ExactText(account) }
        .sorted { $0.id > $1.id }
      #expect(expected.count == 30)
      for limit in [1, 7, 30, 1000] {
        let query = HostingPackageQuery(accountID: account, limit: limit)
        #expect(try await allPages(query, of: store) == expected)
      }
    }
    for limit in [0, -1, .min] {
      let query = HostingPackageQuery(accountID: "a", limit: limit)
      #expect(try await store.read { try $0.hostingPackages(query).count } == 0)
    }
    let nobody = HostingPackageQuery(accountID: "nobody", limit: 9)
    #expect(try await store.read { try $0.hostingPackages(nobody).count } == 0)
  }

  private static func pagesOfStackUsers(_ store: any Store) async throws {
    let packages = (1...40 as ClosedRange<UInt128>).map { number in
      var package = Sample.hostingPackage(number, account: number % 2 == 0 ? "a" : "b")
      package.stackUsers = ["all"].map(user)
      if number % 3 == 0 { package.stackUsers.append(user("third")) }
      return package
    }
    try await insert(packages, into: store)
    for name in ["all", "third", "nobody"] {
      for account in ["a", "b"] {
        let expected = packages.reversed().filter { package in
          package.accountID == account && package.stackUsers.contains { $0.userID == name }
        }
        for limit in [1, 4, 100] {
          let query = HostingPackageQuery(accountID: account, stackUser: name, limit: limit)
          #expect(try await allPages(query, of: store) == expected)
        }
      }
    }
    // Taken away from one, given to another, in one update each.
    try await store.write { transaction throws in
      var package = packages[5]
      package.stackUsers = []
      try transaction.update(package)
      package = packages[7]
      package.stackUsers = ["all", "third"].map(user)
      try transaction.update(Sample.deleted(package))
    }
    let query = HostingPackageQuery(accountID: "a", stackUser: "third", limit: 100)
    let ids = try await allPages(query, of: store).map(\.id.value)
    #expect(ids == [36, 30, 24, 18, 12, 8])
  }

  private static func pagesBetweenPackages(_ store: any Store) async throws {
    var packages = ([10, 20, 30] as [UInt128]).map { Sample.hostingPackage($0) }
    for index in packages.indices { packages[index].stackUsers = [user("u")] }
    try await insert(packages, into: store)
    for (before, ids) in [
      (nil, [30, 20, 10]), (.max, [30, 20, 10]), (30, [20, 10]), (25, [20, 10]), (11, [10]),
      (10, []), (0, []),
    ] as [(UInt128?, [UInt128])] {
      for stackUser in [nil, "u"] {
        let query = HostingPackageQuery(
          accountID: "default", stackUser: stackUser, before: before.map { ULID(value: $0) },
          limit: 9)
        let found = try await store.read { try $0.hostingPackages(query).map(\.record.id.value) }
        #expect(found == ids)
      }
    }
  }

  private static func pagesSeeThemselves(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    try await store.write { transaction throws in
      let query = HostingPackageQuery(accountID: "default", limit: 9)
      _ = try transaction.hostingPackages(query)
      try transaction.insert(Sample.hostingPackage(3), passwordHash: "x")
      var changed = Sample.hostingPackage(1)
      changed.name = "changed"
      try transaction.update(changed)
      try transaction.insert(Sample.resource(9, of: 1))
      try transaction.purgeHostingPackage(ULID(value: 2))
      let found = try transaction.hostingPackages(query).map(\.record)
      #expect(found == [Sample.hostingPackage(3), changed])
      #expect(try transaction.hostingPackage(changed.id)?.record == changed)
    }
  }

  private static func pagesUnderChanges(_ store: any Store) async throws {
    let staying = (1...60 as ClosedRange<UInt128>).map { Sample.hostingPackage($0 * 2) }
    try await insert(staying, into: store)
    let isDone = Watermark()
    async let changes: Void = packagesComeAndGo(store, until: isDone)
    for _ in 0..<20 {
      let found = try await allPages(
        HostingPackageQuery(accountID: "default", limit: 7), of: store)
      #expect(found.filter { $0.id.value % 2 == 0 } == staying.reversed())
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.id > $1.id })
    }
    isDone.raise(to: 1)
    try await changes
  }

  private static func packagesComeAndGo(_ store: any Store, until isDone: Watermark) async throws {
    var round = 0
    while isDone.value == 0 {
      round += 1
      let first = UInt128(round % 10) * 6 + 1
      try await store.write { transaction throws in
        for number in [first, first + 2, first + 4] {
          let id = ULID(value: number)
          if try transaction.hostingPackage(id) == nil {
            try transaction.insert(Sample.hostingPackage(number), passwordHash: "x")
          } else {
            try transaction.purgeHostingPackage(id)
          }
        }
        // Renews the snapshot of one that stays.
        _ = try transaction.add(Sample.traffic(0), to: .hour, of: ULID(value: first + 1))
      }
    }
  }
}
