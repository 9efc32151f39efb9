internal import Storage
internal import Testing

extension ContractCase {
  static let sellerPackages = [
    ContractCase("a seller package comes back as it was written", aSellerPackageComesBack),
    ContractCase("a seller package is refused for its id and its name", refusedSellerPackages),
    ContractCase("seller packages are listed by id, all or the active ones", sellerPackagePages),
    ContractCase("ids of seller packages only rise, unless rolled back", sellerPackageIDs),
    ContractCase("a throwing body brings seller packages back", sellerPackagesRollBack),
    ContractCase("of racing seller packages of one name one wins", racingNames),
  ]

  private static func aSellerPackageComesBack(_ store: any Store) async throws {
    let names = ["", "\0", "é", "e\u{301}", "É", "a "]
    try await store.write { transaction throws in
      for id in [Int64.max, 1, 7] { try transaction.insert(Sample.fullSellerPackage(id)) }
      for (position, name) in names.enumerated() {
        try transaction.insert(Sample.sellerPackage(Int64(position) + 20, name: name))
      }
    }
    try await store.read { transaction throws in
      for id in [Int64.max, 1, 7] {
        let package = Sample.fullSellerPackage(id)
        #expect(try transaction.sellerPackage(id) == package)
        let found = try transaction.sellerPackage(named: package.name)
        #expect(found == package)
        #expect(found?.features.map { Array($0.utf8) } == package.features.map { Array($0.utf8) })
      }
      for (position, name) in names.enumerated() {
        #expect(try transaction.sellerPackage(named: name)?.id == Int64(position) + 20)
      }
      #expect(try transaction.sellerPackage(2) == nil)
      #expect(try transaction.sellerPackage(named: "nobody") == nil)
    }
    var changed = Sample.fullSellerPackage(20)
    changed.listingLimit = .limit(0)
    let update = changed
    try await store.write { try $0.update(update) }
    #expect(try await store.read { try $0.sellerPackage(20) } == update)
    #expect(try await store.read { try $0.sellerPackage(named: "") } == nil)
  }

  private static func refusedSellerPackages(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.sellerPackage(1, name: "a"))
      try transaction.insert(Sample.sellerPackage(2, name: "b"))
      #expect(throws: StorageError.sellerPackageIDTaken) {
        try transaction.insert(Sample.sellerPackage(1, name: "b"))
      }
      #expect(throws: StorageError.sellerPackageNameTaken) {
        try transaction.insert(Sample.sellerPackage(3, name: "b"))
      }
      #expect(throws: StorageError.sellerPackageNameTaken) {
        try transaction.update(Sample.sellerPackage(1, name: "b"))
      }
      #expect(throws: StorageError.sellerPackageMissing) {
        try transaction.update(Sample.sellerPackage(3, name: "b"))
      }
      #expect(throws: StorageError.sellerPackageMissing) { try transaction.deleteSellerPackage(3) }
      // Its own name is free to it, and that of a deleted one to all.
      try transaction.update(Sample.sellerPackage(1, name: "a", isActive: false))
      try transaction.deleteSellerPackage(2)
      try transaction.update(Sample.sellerPackage(1, name: "b"))
    }
    let all = try await store.read {
      try $0.sellerPackages(after: 0, activeOnly: false, limit: 9)
    }
    #expect(all == [Sample.sellerPackage(1, name: "b")])
  }

  private static func sellerPackagePages(_ store: any Store) async throws {
    let all = (1...40 as ClosedRange<Int64>).map {
      Sample.sellerPackage($0 * 3, isActive: $0 % 3 != 0)
    }
    try await store.write { transaction throws in
      for package in all.reversed() { try transaction.insert(package) }
    }
    for activeOnly in [false, true] {
      let expected = all.filter { $0.isActive || !activeOnly }
      for limit in [1, 7, 100] {
        var found: [SellerPackageRecord] = []
        var last: Int64?
        repeat {
          let after = last ?? .min
          let page = try await store.read {
            try $0.sellerPackages(after: after, activeOnly: activeOnly, limit: limit)
          }
          found += page
          last = page.count == limit ? page.last?.id : nil
        } while last != nil && found.count <= all.count
        #expect(found == expected)
      }
      try await store.read { transaction throws in
        for limit in [0, -1] {
          let none = try transaction.sellerPackages(
            after: 0, activeOnly: activeOnly, limit: limit)
          #expect(none == [])
        }
        let last = try transaction.sellerPackages(
          after: .max, activeOnly: activeOnly, limit: 9)
        #expect(last == [])
      }
    }
  }

  private static func sellerPackageIDs(_ store: any Store) async throws {
    try await store.write { transaction throws in
      #expect(try transaction.nextSellerPackageID() == 1)
      #expect(try transaction.nextSellerPackageID() == 2)
      try transaction.insert(Sample.sellerPackage(2))
      try transaction.insert(Sample.sellerPackage(10))
      try transaction.deleteSellerPackage(10)
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        #expect(try transaction.nextSellerPackageID() == 11)
        try transaction.insert(Sample.sellerPackage(11))
        throw BodyFailure()
      }
    }
    #expect(try await store.write { try $0.nextSellerPackageID() } == 11)
    // Plans have ids of their own.
    #expect(try await store.write { try $0.nextPlanID() } == 1)
    try await store.write { try $0.insert(Sample.sellerPackage(.max)) }
    await #expect(throws: StorageError.full) {
      try await store.write { _ = try $0.nextSellerPackageID() }
    }
  }

  private static func sellerPackagesRollBack(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.sellerPackage(1))
      try transaction.insert(Sample.sellerPackage(2, isActive: false))
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.deleteSellerPackage(1)
        try transaction.update(Sample.sellerPackage(2, name: "Seller 1"))
        try transaction.insert(Sample.sellerPackage(3))
        throw BodyFailure()
      }
    }
    try await store.read { transaction throws in
      let all = try transaction.sellerPackages(after: 0, activeOnly: false, limit: 9)
      #expect(all == [Sample.sellerPackage(1), Sample.sellerPackage(2, isActive: false)])
      let active = try transaction.sellerPackages(after: 0, activeOnly: true, limit: 9)
      #expect(active == [Sample.sellerPackage(1)])
      #expect(try transaction.sellerPackage(named: "Seller 1")?.id == 1)
      #expect(try transaction.sellerPackage(named: "Seller 3") == nil)
    }
  }

  private static func racingNames(_ store: any Store) async throws {
    let outcomes = await concurrently(16) { number in
      try await store.write { transaction throws in
        try transaction.insert(Sample.sellerPackage(Int64(number) + 1, name: "one"))
      }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 as? StorageError == .sellerPackageNameTaken } == 15)
  }
}
