internal import Storage
internal import Testing

extension ContractCase {
  static let entitlementCache = [
    ContractCase("a cached entitlement is what the last commit left", entitlementsFollow),
    ContractCase("whatever changes of an entitlement, its snapshot is a new one", renewals),
    ContractCase("a rolled back change never shows in the cache of entitlements", noRollbacks),
    ContractCase("no reader sees an entitlement older than one already seen", neverStale),
    ContractCase("a read's entitlements are of its own moment", entitlementsOfOneMoment),
  ]

  private static func revised(_ id: Int64, _ user: String, _ revision: Int64) -> PurchaseRecord {
    var purchase = Sample.purchase(id, of: user)
    purchase.revision = revision
    purchase.packageName = "name \(revision)"
    return purchase
  }

  private static func entitlementsFollow(_ store: any Store) async throws {
    try await insert([Sample.purchase(1)], into: store)
    for revision in 2...30 as ClosedRange<Int64> {
      // A read may fill the cache, so that there is something to go stale.
      _ = try await entitlement(of: "seller", in: store)
      let used = try await store.write { transaction throws in
        switch revision % 3 {
        case 0: try transaction.update(revised(1, "seller", revision))
        case 1: try transaction.insert(Sample.slot("\(revision)", expires: revision))
        default:
          try transaction.insert(Sample.slot("\(revision)", expires: nil))
          try transaction.update(revised(1, "seller", revision))
        }
        return try transaction.listingSlotCounts(of: 1)
      }
      let cached = store.cachedEntitlement(of: "seller")
      #expect((cached?.slots ?? used) == used)
      let newest = revision - (revision % 3 == 1 ? 1 : 0)
      #expect((cached?.record.revision ?? newest) == newest)
    }
    _ = try await entitlement(of: "seller", in: store)
    try await insert([Sample.purchase(2)], into: store)
    #expect((store.cachedEntitlement(of: "seller")?.record.id ?? 2) == 2)
    #expect(
      (store.cachedEntitlement(of: "seller")?.slots ?? ListingSlotCounts.none)
        == ListingSlotCounts.none)
    #expect(store.cachedEntitlement(of: "nobody") == nil)
    // Texts are told apart by their bytes.
    try await insert([Sample.purchase(3, of: "é")], into: store)
    _ = try await entitlement(of: "é", in: store)
    #expect(store.cachedEntitlement(of: "e\u{301}") == nil)
    #expect(try await entitlement(of: "e\u{301}", in: store) == nil)
  }

  private static func renewals(_ store: any Store) async throws {
    try await insert([Sample.purchase(1)], into: store)
    let changes: [@Sendable (any WriteTransaction) throws -> Void] = [
      { try $0.update(revised(1, "seller", 2)) },
      { try $0.insert(Sample.slot("a", expires: 5)) },
      { try $0.update(Sample.slot("a", expires: 6)) },
      { try $0.deleteListingSlot("a", of: 1) },
      { try $0.insert(Sample.slot("b", expires: 5)) },
      { _ = try $0.deleteListingSlots(of: nil, expiredAt: Sample.at(9), limit: 9) },
      { try $0.insert(Sample.slot("c", expires: 5)) },
      { _ = try $0.deleteListingSlots(of: 1, expiredAt: Sample.at(9), limit: 9) },
      { try $0.insert(revised(2, "seller", 1)) },
    ]
    for (number, change) in changes.enumerated() {
      _ = try await entitlement(of: "seller", in: store)
      store.cachedEntitlement(of: "seller")?
        .keep([7], as: .packageStatus, from: Sample.at(0), until: Sample.at(9))
      let old = store.cachedEntitlement(of: "seller")
      let (record, slots) = try await store.write { transaction throws in
        try change(transaction)
        let own = try transaction.entitlement(of: "seller")
        // The transaction itself does not see the old answer either.
        #expect(own?.response(.packageStatus, at: Sample.at(5)) == nil, "change \(number)")
        return (own?.record, own?.slots)
      }
      if let new = store.cachedEntitlement(of: "seller") {
        #expect(new !== old, "change \(number)")
        #expect(new.record == record)
        #expect(new.slots == slots)
        #expect(new.response(.packageStatus, at: Sample.at(5)) == nil)
      }
      let read = try await entitlement(of: "seller", in: store)
      #expect(read?.record == record)
      #expect(read?.slots == slots)
    }
    // What others do changes nothing of it.
    let mine = store.cachedEntitlement(of: "seller")
    try await store.write { transaction throws in
      try transaction.insert(Sample.purchase(3, of: "other"))
      try transaction.insert(Sample.slot("x", of: 3))
      try transaction.insert(Sample.intent(1))
    }
    // Not the same object: a store may keep one for each of its threads.
    if let mine, let now = store.cachedEntitlement(of: "seller") {
      #expect(now.record == mine.record && now.slots == mine.slots)
    }
  }

  private static func noRollbacks(_ store: any Store) async throws {
    try await insert([revised(1, "seller", 1)], into: store)
    for isRead in [false, true] {
      if isRead { _ = try await entitlement(of: "seller", in: store) }
      await #expect(throws: BodyFailure.self) {
        try await store.write { transaction throws in
          try transaction.update(revised(1, "seller", 2))
          try transaction.insert(Sample.slot("a"))
          try transaction.insert(Sample.purchase(2, of: "other"))
          let cached = store.cachedEntitlement(of: "seller")
          #expect((cached?.record.revision ?? 1) == 1)
          #expect((cached?.slots ?? ListingSlotCounts.none) == ListingSlotCounts.none)
          throw BodyFailure()
        }
      }
      let cached = store.cachedEntitlement(of: "seller")
      #expect((cached?.record.revision ?? 1) == 1)
      #expect((cached?.slots ?? ListingSlotCounts.none) == ListingSlotCounts.none)
      #expect(store.cachedEntitlement(of: "other") == nil)
      // A later write builds on what is there.
      try await store.write { transaction throws in
        let found = try transaction.entitlement(of: "seller")
        #expect(found?.record.revision == 1)
        #expect(found?.slots == ListingSlotCounts.none)
        #expect(try transaction.entitlement(of: "other") == nil)
      }
    }
  }

  private static func neverStale(_ store: any Store) async throws {
    let count = 3
    try await insert((0..<count).map { revised(Int64($0) + 1, "\($0)", 1) }, into: store)
    let seen = (0..<count).map { _ in Watermark() }
    let writersDone = Watermark()
    let outcomes = await concurrently(count + 5) { number in
      if number < count {
        defer { writersDone.raise(to: 1) }
        let id = Int64(number) + 1
        for step in 2...100 as ClosedRange<Int64> {
          try await store.write { transaction throws in
            // Read, then written: a change to something stale would be lost.
            let old = try transaction.entitlement(of: "\(number)")
            guard let old, old.record.revision + old.slots.committed == step - 1 else {
              throw BodyFailure()
            }
            if step % 3 == 0 {
              try transaction.update(revised(id, "\(number)", old.record.revision + 1))
            } else {
              try transaction.insert(Sample.slot("\(step)", of: id, expires: nil))
            }
          }
          seen[number].raise(to: step)
        }
        return
      }
      var round = number
      while writersDone.value == 0 {
        round += 1
        let index = round % count
        let floor = seen[index].value
        var found = store.cachedEntitlement(of: "\(index)")
        if found == nil { found = try await entitlement(of: "\(index)", in: store) }
        let step = found.map { $0.record.revision + $0.slots.committed } ?? 0
        if step < floor { throw BodyFailure() }
        seen[index].raise(to: step)
        if round % 64 == 0 { await Task.yield() }
      }
    }
    #expect(failures(outcomes) == [])
  }

  private static func entitlementsOfOneMoment(_ store: any Store) async throws {
    try await insert([revised(1, "a", 1), revised(2, "b", 1)], into: store)
    let isDone = Watermark()
    let outcomes = await concurrently(5) { number in
      guard number > 0 else {
        defer { isDone.raise(to: 1) }
        for step in 2...150 as ClosedRange<Int64> {
          try await store.write { transaction throws in
            try transaction.update(revised(1, "a", step))
            try transaction.insert(Sample.slot("\(step)", of: 2, expires: nil))
          }
        }
        return
      }
      while isDone.value == 0 {
        try await store.read { transaction throws in
          let revision = try transaction.entitlement(of: "a")?.record.revision
          let committed = try transaction.entitlement(of: "b")?.slots.committed
          guard let revision, let committed, revision == committed + 1,
            try transaction.listingSlotCounts(of: 2).committed == committed,
            try transaction.purchase(1)?.revision == revision
          else { throw BodyFailure() }
        }
      }
    }
    #expect(failures(outcomes) == [])
  }
}
