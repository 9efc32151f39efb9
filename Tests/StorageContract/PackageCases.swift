internal import Storage
internal import Testing

extension ContractCase {
  static let packages = [
    ContractCase("a package comes back as it was written", aPackageComesBack),
    ContractCase("a package is refused for its id, username and domains in this order", refusals),
    ContractCase("a refused package leaves nothing behind", refusedPackages),
    ContractCase("a domain that a package has twice is taken", domainsTwice),
    ContractCase("an update keeps id, account, username and creation time", updatesKeepIdentity),
    ContractCase("domains follow their package, and swap in one transaction", domainsFollow),
    ContractCase("a deleted package holds no domain and does not count", deletedPackages),
    ContractCase("domains below a name are found, those of other accounts alone", domainsBelow),
    ContractCase("packages that are not deleted are counted by account", liveCounts),
    ContractCase("a purge leaves nothing but events and changes", purges),
    ContractCase("deleted packages are purged in the order of their times", purgeOrder),
    ContractCase("a throwing body brings packages back with all they have", packagesRollBack),
    ContractCase("of racing inserts of one domain one wins", racingDomains),
    ContractCase("hosting packages are found by their plan", packagesByPlan),
    ContractCase("a plan's policies for overuse come back", overusePolicies),
  ]

  static func insert(_ packages: [HostingPackageRecord], into store: any Store) async throws {
    try await store.write { transaction throws in
      for package in packages {
        try transaction.insert(package, passwordHash: Sample.passwordHash)
      }
    }
  }

  private static func aPackageComesBack(_ store: any Store) async throws {
    var empty = Sample.fullPackage(0, account: "")
    empty.domainName = ""
    empty.extraDomainNames = []
    empty.documentRoots = [:]
    empty.suspensions = []
    empty.stackUsers = []
    empty.username = ""
    empty.configuration.custom = [:]
    let written = [
      Sample.fullPackage(1), Sample.fullPackage(.max), empty,
      Sample.deleted(Sample.fullPackage(1 << 64)), Sample.hostingPackage(7),
    ]
    try await insert(written, into: store)
    for package in written {
      #expect(try await store.read { try $0.hostingPackage(package.id)?.record } == package)
      let credentials = try await store.read {
        try $0.packageCredentials(username: package.username)
      }
      #expect(
        credentials
          == PackageCredentialsRecord(
            packageID: package.id, passwordHash: Sample.passwordHash))
    }
    try await store.read { transaction throws in
      #expect(try transaction.hostingPackage(ULID(value: 2)) == nil)
      #expect(try transaction.packageCredentials(username: "nobody") == nil)
      #expect(try transaction.hostingPackageID(domainName: "nowhere.example") == nil)
    }
  }

  private static func refusals(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    var same = Sample.hostingPackage(1)
    try await expect(.hostingPackageIDTaken, inserting: same, into: store)
    same.id = ULID(value: 3)
    try await expect(.usernameTaken, inserting: same, into: store)
    same.username = "other"
    try await expect(.domainNameTaken, inserting: same, into: store)
    same.domainName = "site-3.example"
    try await expect(.domainNameTaken, inserting: same, into: store)
    same.extraDomainNames = ["site-2.example"]
    try await expect(.domainNameTaken, inserting: same, into: store)
    same.extraDomainNames = []
    try await insert([same], into: store)
    let stranger = Sample.hostingPackage(9)
    await #expect(throws: StorageError.hostingPackageMissing) {
      try await store.write { try $0.update(stranger) }
    }
    await #expect(throws: StorageError.hostingPackageMissing) {
      try await store.write { try $0.purgeHostingPackage(stranger.id) }
    }
  }

  private static func expect(
    _ refusal: StorageError, inserting package: HostingPackageRecord, into store: any Store
  ) async throws {
    await #expect(throws: refusal) { try await insert([package], into: store) }
  }

  private static func refusedPackages(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    try await store.write { transaction throws in
      // Free domains first, then one that is taken.
      var refused = Sample.hostingPackage(2)
      refused.extraDomainNames = ["free.example", "site-1.example"]
      refused.stackUsers = [
        StackUserRecord(userID: "u", createTime: Sample.at(1), addedBy: "a")
      ]
      #expect(throws: StorageError.domainNameTaken) {
        try transaction.insert(refused, passwordHash: "x")
      }
      try transaction.insert(Sample.hostingPackage(3), passwordHash: "y")
      var moved = Sample.hostingPackage(3)
      moved.extraDomainNames = ["free.example", "www.site-1.example"]
      moved.name = "never"
      #expect(throws: StorageError.domainNameTaken) { try transaction.update(moved) }
    }
    try await store.read { transaction throws in
      #expect(try transaction.hostingPackage(ULID(value: 2)) == nil)
      #expect(try transaction.packageCredentials(username: "user-2") == nil)
      #expect(try transaction.hostingPackageID(domainName: "free.example") == nil)
      #expect(try transaction.hostingPackageID(domainName: "site-2.example") == nil)
      #expect(try transaction.liveHostingPackageCount(accountID: "default") == 2)
      let third = Sample.hostingPackage(3)
      #expect(try transaction.hostingPackage(third.id)?.record == third)
      #expect(try transaction.hostingPackageID(domainName: "www.site-3.example") == third.id)
      let query = HostingPackageQuery(accountID: "default", stackUser: "u", limit: 9)
      #expect(try transaction.hostingPackages(query).count == 0)
    }
  }

  private static func domainsTwice(_ store: any Store) async throws {
    var package = Sample.hostingPackage(1)
    package.extraDomainNames = ["a.example", "a.example"]
    try await expect(.domainNameTaken, inserting: package, into: store)
    package.extraDomainNames = [package.domainName]
    try await expect(.domainNameTaken, inserting: package, into: store)
    package.extraDomainNames = []
    try await insert([package], into: store)
    package.extraDomainNames = ["b.example", "b.example"]
    let twice = package
    await #expect(throws: StorageError.domainNameTaken) {
      try await store.write { try $0.update(twice) }
    }
  }

  private static func domainsBelow(_ store: any Store) async throws {
    @Sendable func package(_ id: UInt128, _ account: String, _ names: [String])
      -> HostingPackageRecord
    {
      var package = Sample.hostingPackage(id, account: account)
      package.domainName = names[0]
      package.extraDomainNames = Array(names.dropFirst())
      return package
    }
    func found(_ name: String, notOf account: String) async throws -> UInt128? {
      try await store.read {
        try $0.hostingPackageID(below: name, notOf: account)?.value
      }
    }
    let many = (0..<700).map { "own-\($0).example.org" }
    try await insert(
      [
        package(1, "one", ["a.shop.example.com", "b.example.com"]),
        package(2, "two", ["example.net", "www.example.net", "ä.example.de"]),
        package(3, "two", many), package(4, "one", ["z.example.org"]),
      ], into: store)
    for name in ["example.com", "shop.example.com", "com"] {
      #expect(try await found(name, notOf: "two") == 1)
      #expect(try await found(name, notOf: "one") == nil)
    }
    // Neither a name itself, nor one that only ends alike, nor one above.
    for name in [
      "a.shop.example.com", "ample.com", "p.example.com", "x.a.shop.example.com", "b.example",
      "", ".",
    ] {
      #expect(try await found(name, notOf: "two") == nil)
    }
    #expect(try await found("example.de", notOf: "one") == 2)
    // Behind as many of the account's own.
    #expect(try await found("example.org", notOf: "two") == 4)
    #expect(try await found("example.org", notOf: "one") == 3)
    try await store.write { transaction throws in
      var moved = package(1, "one", ["a.shop.example.com", "c.example.com"])
      moved.revision = 2
      try transaction.update(moved)
      try transaction.update(Sample.deleted(package(4, "one", ["z.example.org"])))
      try transaction.purgeHostingPackage(ULID(value: 2))
    }
    #expect(try await found("example.com", notOf: "two") == 1)
    #expect(try await found("example.org", notOf: "two") == nil)
    #expect(try await found("example.net", notOf: "one") == nil)
    try await store.write { try $0.update(package(4, "one", ["z.example.org"])) }
    #expect(try await found("example.org", notOf: "two") == 4)
  }

  private static func updatesKeepIdentity(_ store: any Store) async throws {
    let first = Sample.fullPackage(1)
    try await insert([first], into: store)
    var other = Sample.hostingPackage(1, account: "other", planID: 9)
    other.username = "other"
    other.createTime = Sample.at(99)
    other.revision = 2
    let update = other
    try await store.write { try $0.update(update) }
    other.accountID = first.accountID
    other.username = first.username
    other.createTime = first.createTime
    let expected = other
    try await store.read { transaction throws in
      #expect(try transaction.hostingPackage(first.id)?.record == expected)
      #expect(try transaction.packageCredentials(username: first.username)?.packageID == first.id)
      #expect(try transaction.packageCredentials(username: "other") == nil)
      #expect(try transaction.hostingPackageIDs(onPlan: 9, limit: 9) == [first.id])
      #expect(try transaction.hostingPackageCount(onPlan: first.planID) == 0)
      for (account, count) in [("default", 1), ("other", 0)] {
        #expect(try transaction.liveHostingPackageCount(accountID: account) == count)
        let query = HostingPackageQuery(accountID: account, limit: 9)
        #expect(try transaction.hostingPackages(query).count == count)
      }
    }
  }

  private static func domainsFollow(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    try await store.write { transaction throws in
      var one = Sample.hostingPackage(1)
      var two = Sample.hostingPackage(2)
      // The first domain becomes an extra one of its own package: nobody else's matter.
      one.extraDomainNames = [one.domainName]
      one.domainName = "new.example"
      try transaction.update(one)
      // Swapped: each takes what the other has given up.
      one.extraDomainNames = []
      try transaction.update(one)
      two.domainName = "site-1.example"
      try transaction.update(two)
      one.domainName = "site-2.example"
      try transaction.update(one)
    }
    try await store.read { transaction throws in
      for (name, id) in [
        ("site-1.example", 2), ("site-2.example", 1), ("www.site-2.example", 2),
      ] as [(String, UInt128)] {
        #expect(try transaction.hostingPackageID(domainName: name) == ULID(value: id))
      }
      for name in ["new.example", "www.site-1.example"] {
        #expect(try transaction.hostingPackageID(domainName: name) == nil)
      }
    }
  }

  private static func deletedPackages(_ store: any Store) async throws {
    let live = Sample.hostingPackage(1)
    let deleted = Sample.deleted(live)
    try await insert([live], into: store)
    try await store.write { try $0.update(deleted) }
    try await store.read { transaction throws in
      #expect(try transaction.hostingPackage(live.id)?.record == deleted)
      #expect(try transaction.hostingPackageID(domainName: live.domainName) == nil)
      #expect(try transaction.liveHostingPackageCount(accountID: "default") == 0)
      #expect(try transaction.packageCredentials(username: live.username) != nil)
      #expect(try transaction.hostingPackageCount(onPlan: 1) == 1)
      let query = HostingPackageQuery(accountID: "default", limit: 9)
      #expect(try transaction.hostingPackages(query).map(\.record) == [deleted])
    }
    // Its username stays taken, its domain does not; so it cannot come back with it.
    var heir = Sample.hostingPackage(2)
    heir.domainName = live.domainName
    heir.username = live.username
    try await expect(.usernameTaken, inserting: heir, into: store)
    heir.username = "heir"
    try await insert([heir], into: store)
    await #expect(throws: StorageError.domainNameTaken) {
      try await store.write { try $0.update(live) }
    }
    let moved = Sample.hostingPackage(2)
    try await store.write { transaction throws in
      try transaction.update(moved)
      try transaction.update(live)
    }
    try await store.read { transaction throws in
      #expect(try transaction.hostingPackageID(domainName: live.domainName) == live.id)
      #expect(try transaction.liveHostingPackageCount(accountID: "default") == 2)
      #expect(try transaction.hostingPackagesToPurge(at: Sample.at(.max), limit: 9) == [])
    }
  }

  private static func liveCounts(_ store: any Store) async throws {
    let accounts = ["a", "e\u{301}", "é", ""]
    try await store.write { transaction throws in
      for (position, account) in accounts.enumerated() {
        for number in 0...position {
          let id = UInt128(position * 10 + number)
          try transaction.insert(
            Sample.hostingPackage(id, account: account), passwordHash: "x")
        }
        #expect(try transaction.liveHostingPackageCount(accountID: account) == position + 1)
      }
      try transaction.purgeHostingPackage(ULID(value: 0))
      try transaction.update(Sample.deleted(Sample.hostingPackage(10, account: accounts[1])))
    }
    try await store.read { transaction throws in
      let counts = try accounts.map { try transaction.liveHostingPackageCount(accountID: $0) }
      #expect(counts == [0, 1, 3, 4])
    }
  }

  private static func purges(_ store: any Store) async throws {
    let package = Sample.fullPackage(1)
    let id = package.id
    try await insert([package, Sample.hostingPackage(2)], into: store)
    try await store.write { transaction throws in
      for owner in [1, 2] as [UInt128] {
        try transaction.insert(Sample.resource(10 + owner, of: owner, name: "same"))
        try transaction.insert(Sample.resource(20 + owner, of: owner, .backup))
        for span in BandwidthRecord.Span.allCases {
          _ = try transaction.add(Sample.traffic(5), to: span, of: ULID(value: owner))
        }
        try transaction.setDiskScan(Sample.scan(owner), content: [1, 2])
      }
      _ = try transaction.insertIfNew(Sample.event("e"))
      try transaction.append(Sample.change(1))
      try transaction.purgeHostingPackage(id)
    }
    try await store.read { transaction throws in
      for (owner, isThere) in [(1, false), (2, true)] as [(UInt128, Bool)] {
        let id = ULID(value: owner)
        #expect(try (transaction.hostingPackage(id) != nil) == isThere)
        let resources = try transaction.packageResources(of: id, kind: nil, after: nil, limit: 9)
        #expect(resources.count == (isThere ? 2 : 0))
        #expect(try transaction.packageResourceCount(of: id, kind: .mailbox) == (isThere ? 1 : 0))
        for span in BandwidthRecord.Span.allCases {
          let traffic = try transaction.bandwidth(
            of: id, span, from: Sample.at(.min), until: Sample.at(.max), limit: 9)
          #expect(traffic.count == (isThere ? 1 : 0))
        }
        #expect(try (transaction.diskScan(of: id) != nil) == isThere)
        #expect(try (transaction.diskScanContent(of: id) != nil) == isThere)
      }
      #expect(try transaction.packageCredentials(username: package.username) == nil)
      #expect(try transaction.hostingPackageID(domainName: package.domainName) == nil)
      #expect(try transaction.hostingPackageCount(onPlan: package.planID) == 0)
      let query = HostingPackageQuery(accountID: "default", stackUser: "a", limit: 9)
      #expect(try transaction.hostingPackages(query).count == 0)
      #expect(try transaction.usageEvent(accountID: "default", eventID: "e") != nil)
      #expect(try transaction.lastPackageChangeSequence(accountID: "default") == 1)
      let old = try transaction.hostingPackagesToPurge(at: Sample.at(.max), limit: 9)
      #expect(old == [])
    }
    // All that it had is free again.
    try await insert([package], into: store)
    try await store.write { try $0.insert(Sample.resource(11, of: 1, name: "same")) }
  }

  private static func purgeOrder(_ store: any Store) async throws {
    let times: [Int64] = [50, 10, 50, .max, .min, 30]
    try await insert(
      times.enumerated().map { position, time in
        Sample.deleted(Sample.hostingPackage(UInt128(position)), purgeTime: time)
      } + [Sample.hostingPackage(99)], into: store)
    try await store.read { transaction throws in
      func due(_ time: Int64, _ limit: Int) throws -> [UInt128] {
        try transaction.hostingPackagesToPurge(at: Sample.at(time), limit: limit).map(\.value)
      }
      #expect(try due(50, 9) == [4, 1, 5, 0, 2])
      #expect(try due(49, 9) == [4, 1, 5])
      #expect(try due(.max, 2) == [4, 1])
      #expect(try due(.max, 9) == [4, 1, 5, 0, 2, 3])
      #expect(try due(.min, 9) == [4])
      #expect(try due(.max, 0) == [])
      #expect(try due(.max, -1) == [])
    }
  }

  private static func packagesRollBack(_ store: any Store) async throws {
    let package = Sample.fullPackage(1)
    try await insert([package], into: store)
    try await store.write { transaction throws in
      try transaction.insert(Sample.resource(5, of: 1))
      _ = try transaction.add(Sample.traffic(5), to: .hour, of: package.id)
      try transaction.setDiskScan(Sample.scan(1), content: [1])
      _ = try transaction.insertIfNew(Sample.event("old", time: 1))
      try transaction.append(Sample.change(1))
      try transaction.append(Sample.change(2))
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        _ = try transaction.add(Sample.traffic(5), to: .hour, of: package.id)
        try transaction.setDiskScan(Sample.scan(1, bytes: 99), content: [9])
        try transaction.deletePackageResource(ULID(value: 5), of: package.id)
        _ = try transaction.deleteUsageEvents(observedBefore: Sample.at(9), limit: 9)
        _ = try transaction.deleteBandwidth(.hour, startedBefore: Sample.at(9), limit: 9)
        _ = try transaction.deletePackageChanges(before: Sample.at(9), limit: 9)
        try transaction.update(Sample.deleted(package))
        try transaction.insert(Sample.hostingPackage(2), passwordHash: "x")
        try transaction.purgeHostingPackage(package.id)
        throw BodyFailure()
      }
    }
    try await store.read { transaction throws in
      #expect(try transaction.hostingPackage(package.id)?.record == package)
      #expect(try transaction.hostingPackage(ULID(value: 2)) == nil)
      #expect(try transaction.liveHostingPackageCount(accountID: "default") == 1)
      #expect(try transaction.hostingPackageID(domainName: package.domainName) == package.id)
      #expect(try transaction.packageCredentials(username: package.username) != nil)
      let query = HostingPackageQuery(accountID: "default", stackUser: "é", limit: 9)
      #expect(try transaction.hostingPackages(query).map(\.record) == [package])
      #expect(try transaction.packageResourceCount(of: package.id, kind: .mailbox) == 1)
      let total = try transaction.bandwidthTotal(
        of: package.id, .hour, from: Sample.at(0), until: Sample.at(9))
      #expect(total == Sample.traffic(0))
      #expect(try transaction.diskScan(of: package.id) == Sample.scan(1))
      #expect(try transaction.diskScanContent(of: package.id) == [1])
      #expect(try transaction.usageEvent(accountID: "default", eventID: "old") != nil)
      let log = try transaction.packageChanges(accountID: "default", after: 0, limit: 9)
      #expect(log == [Sample.change(1), Sample.change(2)])
    }
    let deleted = try await store.write {
      try $0.deletePackageChanges(before: Sample.at(9), limit: 9)
    }
    #expect(deleted == 1)
  }

  private static func racingDomains(_ store: any Store) async throws {
    let outcomes = await concurrently(24) { number in
      var package = Sample.hostingPackage(UInt128(number))
      package.extraDomainNames = ["same.example"]
      let racing = package
      try await insert([racing], into: store)
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 as? StorageError == .domainNameTaken } == 23)
    let count = try await store.read { try $0.liveHostingPackageCount(accountID: "default") }
    #expect(count == 1)
  }

  private static func packagesByPlan(_ store: any Store) async throws {
    try await insert(
      ([3, 1, 2, 0, .max] as [UInt128]).map { Sample.hostingPackage($0, planID: 1) }
        + [Sample.deleted(Sample.hostingPackage(4, planID: 2))], into: store)
    try await store.read { transaction throws in
      func ids(_ planID: Int64, _ limit: Int) throws -> [UInt128] {
        try transaction.hostingPackageIDs(onPlan: planID, limit: limit).map(\.value)
      }
      #expect(try ids(1, 10) == [0, 1, 2, 3, .max])
      #expect(try ids(1, 2) == [0, 1])
      #expect(try ids(1, 0) == [])
      #expect(try ids(1, -1) == [])
      #expect(try ids(2, 10) == [4])
      #expect(try transaction.hostingPackageCount(onPlan: 1) == 5)
      #expect(try transaction.hostingPackageCount(onPlan: 2) == 1)
      #expect(try transaction.hostingPackageCount(onPlan: 3) == 0)
    }
  }

  private static func overusePolicies(_ store: any Store) async throws {
    var plan = Sample.plan(1)
    for overuse in PlanRecord.Overuse.allCases {
      plan.version = overuse.rawValue
      plan.diskSpaceOveruse = overuse
      plan.bandwidthOveruse = overuse == .block ? .suspend : .block
      let written = plan
      try await store.write { transaction throws in
        if written.version == 1 {
          try transaction.insert(written)
        } else {
          try transaction.update(written)
        }
      }
      #expect(try await store.read { try $0.plan(.id(1)) } == written)
      #expect(try await store.read { try $0.plan(id: 1, version: written.version) } == written)
    }
    let versions = try await store.read { try $0.planVersions(id: 1, below: nil, limit: 9) }
    #expect(versions.map(\.diskSpaceOveruse) == [.suspend, .block, .notify])
    #expect(versions.map(\.bandwidthOveruse) == [.block, .suspend, .block])
  }
}
