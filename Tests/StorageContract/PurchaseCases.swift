internal import Storage
internal import Testing

extension ContractCase {
  static let purchases = [
    ContractCase("a purchase comes back as it was written", aPurchaseComesBack),
    ContractCase("a purchase is refused for its id alone", refusedPurchases),
    ContractCase("an update of a purchase keeps id, user, package and start", purchaseUpdates),
    ContractCase("purchases are listed by user, package, both or all, newest first", purchasePages),
    ContractCase("a user's entitlement is the newest purchase with its slots", newestPurchase),
    ContractCase("ids of purchases only rise, unless rolled back", purchaseIDs),
    ContractCase("a package's current purchase is not replaced and has not ended", current),
    ContractCase("a throwing body brings purchases and slots back", purchasesRollBack),
    ContractCase("of racing buyers who look first one buys", racingBuyers),
  ]

  static func insert(_ purchases: [PurchaseRecord], into store: any Store) async throws {
    try await store.write { transaction throws in
      for purchase in purchases { try transaction.insert(purchase) }
    }
  }

  static func entitlement(
    of userID: String, in store: any Store
  ) async throws -> EntitlementSnapshot? {
    try await store.read { try $0.entitlement(of: userID) }
  }

  private static func aPurchaseComesBack(_ store: any Store) async throws {
    let users = ["", "\0", "é", "e\u{301}", "👩‍👩‍👧‍👦"]
    let written = users.enumerated().flatMap { position, user in
      [
        Sample.purchase(Int64(position) * 2 + 1, of: user),
        Sample.fullPurchase(Int64(position) * 2 + 2, of: user),
      ]
    }
    var bare = Sample.purchase(.max, of: "bare")
    bare.features = []
    bare.periods = []
    bare.listingLimit = .unlimited
    bare.paymentMethod = .payPal
    let all = written + [bare]
    try await insert(all, into: store)
    try await store.read { transaction throws in
      for purchase in all { #expect(try transaction.purchase(purchase.id) == purchase) }
      for (position, user) in users.enumerated() {
        let id = Int64(position) * 2 + 2
        let found = try transaction.entitlement(of: user)
        #expect(found?.record == Sample.fullPurchase(id, of: user))
        #expect(found?.slots == ListingSlotCounts.none)
        #expect(found?.record.userID.utf8.elementsEqual(user.utf8) == true)
      }
      #expect(try transaction.purchase(99) == nil)
      #expect(try transaction.entitlement(of: "nobody") == nil)
    }
  }

  private static func refusedPurchases(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.purchase(1))
      #expect(throws: StorageError.purchaseIDTaken) {
        try transaction.insert(Sample.purchase(1, of: "other"))
      }
      #expect(throws: StorageError.purchaseMissing) { try transaction.update(Sample.purchase(2)) }
      #expect(try transaction.entitlement(of: "other") == nil)
      #expect(try transaction.entitlement(of: "seller")?.record == Sample.purchase(1))
      // The same of everything else is another purchase.
      var twin = Sample.purchase(1)
      twin.id = 2
      try transaction.insert(twin)
    }
    #expect(store.cachedEntitlement(of: "other") == nil)
    #expect(try await entitlement(of: "seller", in: store)?.record.id == 2)
  }

  private static func purchaseUpdates(_ store: any Store) async throws {
    try await insert([Sample.purchase(1), Sample.purchase(2)], into: store)
    for id in [1, 2] as [Int64] {
      var update = Sample.fullPurchase(id, of: "thief")
      update.packageID = 9
      let written = update
      var expected = update
      expected.userID = "seller"
      expected.packageID = 1
      expected.startTime = Sample.at(1)
      let kept = expected
      try await store.write { transaction throws in
        try transaction.update(written)
        #expect(try transaction.purchase(id) == kept)
      }
      try await store.read { transaction throws in
        #expect(try transaction.purchase(id) == kept)
        let newest = try transaction.entitlement(of: "seller")?.record
        #expect(newest == (id == 2 ? kept : Sample.purchase(2)))
        #expect(try transaction.entitlement(of: "thief") == nil)
        #expect(try transaction.purchases(PurchaseQuery(packageID: 9, limit: 9)) == [])
      }
    }
  }

  private static func purchasePages(_ store: any Store) async throws {
    let users = ["a", "b", "é", "e\u{301}"]
    let all = (1...90 as ClosedRange<Int64>).map { id in
      Sample.purchase(id * 2, of: users[Int(id % 4)], package: id % 3)
    }
    try await insert(all, into: store)
    for user in [nil, "a", "é", "nobody"] {
      for package in [nil, 0, 2, 9] as [Int64?] {
        let expected = all.reversed().filter { purchase in
          (user.map { purchase.userID.utf8.elementsEqual($0.utf8) } ?? true)
            && (package ?? purchase.packageID) == purchase.packageID
        }
        for limit in [1, 7, 90, 1000] {
          var query = PurchaseQuery(userID: user, packageID: package, limit: limit)
          var found: [PurchaseRecord] = []
          repeat {
            let asked = query
            let page = try await store.read { try $0.purchases(asked) }
            found += page
            query.before = page.count == limit ? page.last?.id : nil
          } while query.before != nil && found.count <= all.count
          #expect(found == expected)
        }
        for limit in [0, -5] {
          let asked = PurchaseQuery(userID: user, packageID: package, before: 50, limit: limit)
          #expect(try await store.read { try $0.purchases(asked) } == [])
        }
      }
    }
  }

  private static func newestPurchase(_ store: any Store) async throws {
    try await insert([Sample.purchase(1), Sample.purchase(2, of: "other")], into: store)
    try await store.write { transaction throws in
      try transaction.insert(Sample.slot("a", of: 1))
      let before = try transaction.entitlement(of: "seller")
      #expect(before?.slots.held == 1)
      var old = Sample.purchase(1)
      old.isReplaced = true
      old.endTime = Sample.at(50)
      try transaction.update(old)
      try transaction.insert(Sample.purchase(5))
      let after = try transaction.entitlement(of: "seller")
      #expect(after?.record == Sample.purchase(5))
      #expect(after?.slots == ListingSlotCounts.none)
      // What becomes of an old purchase changes nothing.
      try transaction.insert(Sample.slot("b", of: 1, expires: nil))
      #expect(try transaction.entitlement(of: "seller")?.slots == ListingSlotCounts.none)
      #expect(try transaction.listingSlotCounts(of: 1).committed == 1)
    }
    // Out of their order, too: the largest id is the newest.
    try await insert([Sample.purchase(3)], into: store)
    #expect(try await entitlement(of: "seller", in: store)?.record.id == 5)
    #expect((store.cachedEntitlement(of: "seller")?.record.id ?? 5) == 5)
    #expect(try await entitlement(of: "other", in: store)?.record.id == 2)
  }

  private static func purchaseIDs(_ store: any Store) async throws {
    try await store.write { transaction throws in
      #expect(try transaction.nextPurchaseID() == 1)
      #expect(try transaction.nextPurchaseID() == 2)
      try transaction.insert(Sample.purchase(1))
      #expect(try transaction.entitlement(of: "seller")?.record.id == 1)
      try transaction.insert(Sample.purchase(2))
      #expect(try transaction.entitlement(of: "seller")?.record.id == 2)
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.insert(Sample.purchase(try transaction.nextPurchaseID()))
        throw BodyFailure()
      }
    }
    for id in [3, 4] as [Int64] {
      let given = try await store.write { transaction throws in
        let id = try transaction.nextPurchaseID()
        try transaction.insert(Sample.purchase(id))
        return id
      }
      #expect(given == id)
    }
    try await insert([Sample.purchase(.max)], into: store)
    await #expect(throws: StorageError.full) {
      try await store.write { _ = try $0.nextPurchaseID() }
    }
  }

  private static func current(_ store: any Store) async throws {
    var replaced = Sample.purchase(3, package: 2)
    replaced.isReplaced = true
    try await insert(
      [
        Sample.purchase(1, package: 1, end: 100), Sample.purchase(2, package: 1, end: 50),
        replaced, Sample.purchase(4, package: 3, end: .max),
      ], into: store)
    try await store.read { transaction throws in
      for (package, time, isCurrent) in [
        (1, 99, true), (1, 100, false), (1, .min, true), (2, 0, false), (3, .max - 1, true),
        (3, .max, false), (4, 0, false),
      ] as [(Int64, Int64, Bool)] {
        let found = try transaction.hasCurrentPurchase(ofPackage: package, at: Sample.at(time))
        #expect(found == isCurrent, "\(package) at \(time)")
      }
    }
    var ended = Sample.purchase(1, package: 1, end: 60)
    ended.isReplaced = true
    let update = ended
    try await store.write { transaction throws in
      try transaction.update(update)
      #expect(try !transaction.hasCurrentPurchase(ofPackage: 1, at: Sample.at(50)))
      #expect(try transaction.hasCurrentPurchase(ofPackage: 1, at: Sample.at(49)))
    }
  }

  private static func purchasesRollBack(_ store: any Store) async throws {
    let held = ListingSlotCounts(held: 1, committed: 1, firstExpiry: Sample.at(50))
    try await store.write { transaction throws in
      try transaction.insert(Sample.purchase(1))
      try transaction.insert(Sample.slot("a"))
      try transaction.insert(Sample.slot("b", expires: nil))
    }
    for isRead in [false, true] {
      if isRead { _ = try await entitlement(of: "seller", in: store) }
      await #expect(throws: BodyFailure.self) {
        try await store.write { transaction throws in
          var old = Sample.purchase(1)
          old.isReplaced = true
          try transaction.update(old)
          try transaction.insert(Sample.purchase(2, package: 2))
          try transaction.insert(Sample.slot("c", of: 2))
          try transaction.deleteListingSlot("a", of: 1)
          try transaction.update(Sample.slot("b", expires: 3))
          _ = try transaction.deleteListingSlots(of: nil, expiredAt: Sample.at(9), limit: 9)
          throw BodyFailure()
        }
      }
      try await store.read { transaction throws in
        #expect(try transaction.purchase(2) == nil)
        let found = try transaction.entitlement(of: "seller")
        #expect(found?.record == Sample.purchase(1))
        #expect(found?.slots == held)
        #expect(try transaction.listingSlotCounts(of: 1) == held)
        #expect(try transaction.listingSlotCounts(of: 2) == .none)
        #expect(try transaction.listingSlot("a", of: 1) == Sample.slot("a"))
        #expect(try transaction.listingSlot("c", of: 2) == nil)
        #expect(try transaction.expiredListingSlotCount(of: 1, at: Sample.at(50)) == 1)
        #expect(try transaction.purchases(PurchaseQuery(limit: 9)) == [Sample.purchase(1)])
        #expect(try transaction.purchases(PurchaseQuery(packageID: 2, limit: 9)) == [])
        #expect(try transaction.hasCurrentPurchase(ofPackage: 1, at: Sample.at(9)))
        #expect(try !transaction.hasCurrentPurchase(ofPackage: 2, at: Sample.at(9)))
      }
    }
  }

  private static func racingBuyers(_ store: any Store) async throws {
    let outcomes = await concurrently(16) { _ in
      try await store.write { transaction throws in
        guard try transaction.entitlement(of: "seller") == nil else { throw BodyFailure() }
        try transaction.insert(Sample.purchase(try transaction.nextPurchaseID()))
      }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(try await store.read { try $0.purchases(PurchaseQuery(limit: 99)).count } == 1)
  }
}
