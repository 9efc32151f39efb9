internal import Storage
internal import Testing

extension ContractCase {
  static let slots = [
    ContractCase("a slot comes back as it was written", aSlotComesBack),
    ContractCase("a slot is refused for its listing and its purchase", refusedSlots),
    ContractCase("slots are counted by purchase, with the first expiry", slotCounts),
    ContractCase("expired holds are deleted in their order, of one purchase or of all", expiry),
    ContractCase("slots are counted right whatever came before", countsInAnyOrder),
    ContractCase("racing reservers that look at the counts keep a limit", racingReservers),
  ]

  private static func aSlotComesBack(_ store: any Store) async throws {
    try await insert([Sample.purchase(1), Sample.purchase(2, of: "other")], into: store)
    let slots = ["", "\0", "é", "e\u{301}", "l1", "L1"].enumerated().map { number, listing in
      Sample.slot(
        listing, expires: [nil, .min, .max][number % 3], created: number == 0 ? .min : .max)
    }
    try await store.write { transaction throws in
      for slot in slots { try transaction.insert(slot) }
    }
    try await store.read { transaction throws in
      for slot in slots {
        let found = try transaction.listingSlot(slot.listingID, of: 1)
        #expect(found == slot)
        #expect(found?.listingID.utf8.elementsEqual(slot.listingID.utf8) == true)
        #expect(try transaction.listingSlot(slot.listingID, of: 2) == nil)
      }
      #expect(try transaction.listingSlot("l2", of: 1) == nil)
    }
    var changed = slots[1]
    changed.expireTime = nil
    changed.createTime = Sample.at(3)
    let update = changed
    try await store.write { try $0.update(update) }
    #expect(try await store.read { try $0.listingSlot("\0", of: 1) } == update)
  }

  private static func refusedSlots(_ store: any Store) async throws {
    try await insert([Sample.purchase(1), Sample.purchase(2)], into: store)
    try await store.write { transaction throws in
      try transaction.insert(Sample.slot("a"))
      #expect(throws: StorageError.listingSlotTaken) {
        try transaction.insert(Sample.slot("a", expires: nil))
      }
      #expect(throws: StorageError.purchaseMissing) {
        try transaction.insert(Sample.slot("a", of: 9))
      }
      #expect(throws: StorageError.listingSlotMissing) { try transaction.update(Sample.slot("b")) }
      #expect(throws: StorageError.listingSlotMissing) {
        try transaction.update(Sample.slot("a", of: 2))
      }
      #expect(throws: StorageError.listingSlotMissing) {
        try transaction.deleteListingSlot("b", of: 1)
      }
      #expect(throws: StorageError.listingSlotMissing) {
        try transaction.deleteListingSlot("a", of: 9)
      }
      try transaction.insert(Sample.slot("a", of: 2))
      try transaction.deleteListingSlot("a", of: 1)
      #expect(throws: StorageError.listingSlotMissing) {
        try transaction.deleteListingSlot("a", of: 1)
      }
      try transaction.insert(Sample.slot("a", expires: nil))
      #expect(try transaction.listingSlot("a", of: 1) == Sample.slot("a", expires: nil))
    }
    try await store.read { transaction throws in
      let one = ListingSlotCounts(held: 0, committed: 1, firstExpiry: nil)
      #expect(try transaction.listingSlotCounts(of: 1) == one)
      #expect(try transaction.entitlement(of: "seller")?.slots.held == 1)
    }
  }

  private static func slotCounts(_ store: any Store) async throws {
    try await insert([Sample.purchase(1), Sample.purchase(2, of: "other")], into: store)
    let steps: [(@Sendable (any WriteTransaction) throws -> Void, Int64, Int64, Int64?)] = [
      ({ try $0.insert(Sample.slot("a", expires: 30)) }, 1, 0, 30),
      ({ try $0.insert(Sample.slot("b", expires: 20)) }, 2, 0, 20),
      ({ try $0.insert(Sample.slot("c", expires: 20)) }, 3, 0, 20),
      ({ try $0.deleteListingSlot("b", of: 1) }, 2, 0, 20),
      ({ try $0.update(Sample.slot("c", expires: nil)) }, 1, 1, 30),
      ({ try $0.update(Sample.slot("a", expires: 40)) }, 1, 1, 40),
      ({ try $0.insert(Sample.slot("d", expires: nil)) }, 1, 2, 40),
      ({ try $0.insert(Sample.slot("z", of: 2, expires: 5)) }, 1, 2, 40),
      ({ try $0.update(Sample.slot("d", expires: 10)) }, 2, 1, 10),
      ({ try $0.update(Sample.slot("d", expires: 50)) }, 2, 1, 40),
      ({ try $0.deleteListingSlot("c", of: 1) }, 2, 0, 40),
      ({ try $0.deleteListingSlot("a", of: 1) }, 1, 0, 50),
      ({ try $0.deleteListingSlot("d", of: 1) }, 0, 0, nil),
    ]
    for (number, step) in steps.enumerated() {
      let expected = ListingSlotCounts(
        held: step.1, committed: step.2, firstExpiry: step.3.map(Sample.at))
      try await store.write { transaction throws in
        // Asked for first or not, from the cache or not.
        if number % 2 == 0 { _ = try transaction.entitlement(of: "seller") }
        try step.0(transaction)
        #expect(try transaction.listingSlotCounts(of: 1) == expected, "step \(number)")
        #expect(try transaction.entitlement(of: "seller")?.slots == expected)
      }
      if let cached = store.cachedEntitlement(of: "seller") { #expect(cached.slots == expected) }
      try await store.read { transaction throws in
        #expect(try transaction.listingSlotCounts(of: 1) == expected)
        if number % 3 > 0 {
          #expect(try transaction.entitlement(of: "seller")?.slots == expected)
        }
      }
    }
    #expect(try await store.read { try $0.listingSlotCounts(of: 9) } == .none)
    #expect(try await entitlement(of: "other", in: store)?.slots.held == 1)
  }

  private static func expiry(_ store: any Store) async throws {
    try await insert([Sample.purchase(1), Sample.purchase(2, of: "other")], into: store)
    try await store.write { transaction throws in
      for number in 1...6 as ClosedRange<Int64> {
        try transaction.insert(Sample.slot("\(number)", of: 1 + number % 2, expires: 10 * number))
      }
      try transaction.insert(Sample.slot("committed", expires: nil))
    }
    try await store.write { transaction throws in
      for (purchase, time, count) in [(1, 40, 2), (1, 39, 1), (2, 9, 0), (2, 10, 1), (9, 99, 0)]
        as [(Int64, Int64, Int64)]
      {
        let found = try transaction.expiredListingSlotCount(of: purchase, at: Sample.at(time))
        #expect(found == count, "\(purchase) at \(time)")
      }
      func delete(_ purchaseID: Int64?, _ time: Int64, _ limit: Int) throws -> Int {
        try transaction.deleteListingSlots(
          of: purchaseID, expiredAt: Sample.at(time), limit: limit)
      }
      #expect(try delete(nil, 9, 9) == 0)
      #expect(try delete(nil, 99, 0) == 0)
      #expect(try delete(1, 99, -1) == 0)
      #expect(try delete(9, 99, 9) == 0)
      #expect(try delete(nil, 10, 9) == 1)
      #expect(try transaction.listingSlot("1", of: 2) == nil)
      // The first of one purchase; then the two that expired first of all.
      #expect(try delete(1, 99, 1) == 1)
      #expect(try transaction.listingSlot("2", of: 1) == nil)
      #expect(try delete(nil, 99, 2) == 2)
      #expect(try transaction.listingSlot("3", of: 2) == nil)
      #expect(try transaction.listingSlot("4", of: 1) == nil)
      #expect(try transaction.listingSlot("5", of: 2) != nil)
      #expect(try delete(1, 59, 9) == 0)
    }
    try await store.read { transaction throws in
      let first = ListingSlotCounts(held: 1, committed: 1, firstExpiry: Sample.at(60))
      #expect(try transaction.listingSlotCounts(of: 1) == first)
      #expect(try transaction.entitlement(of: "seller")?.slots == first)
      #expect(try transaction.entitlement(of: "other")?.slots.firstExpiry == Sample.at(50))
    }
    // Of users that nobody asked for in the same transaction.
    let count = try await store.write {
      try $0.deleteListingSlots(of: nil, expiredAt: Sample.at(.max), limit: .max)
    }
    #expect(count == 2)
    let rest = ListingSlotCounts(held: 0, committed: 1, firstExpiry: nil)
    #expect((store.cachedEntitlement(of: "seller")?.slots ?? rest) == rest)
    #expect(try await entitlement(of: "seller", in: store)?.slots == rest)
    #expect(try await entitlement(of: "other", in: store)?.slots == ListingSlotCounts.none)
  }

  private static func countsInAnyOrder(_ store: any Store) async throws {
    try await insert([Sample.purchase(1)], into: store)
    var random = SeededNumbers(seed: 11)
    var model: [String: ListingSlotRecord] = [:]
    for round in 0..<200 {
      var steps: [ListingSlotRecord?] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let listing = "\(Int.random(in: 0..<6, using: &random))"
        if model[listing] != nil, Bool.random(using: &random) {
          model[listing] = nil
          steps.append(nil)
          steps.append(Sample.slot(listing))
        } else {
          let expires = Int64.random(in: 0..<9, using: &random)
          let slot = Sample.slot(listing, expires: expires == 0 ? nil : expires)
          steps.append(slot)
          model[listing] = slot
        }
      }
      let run = steps
      try await store.write { transaction throws in
        var isDeleted = false
        for step in run {
          guard let slot = step else {
            isDeleted = true
            continue
          }
          if isDeleted {
            try transaction.deleteListingSlot(slot.listingID, of: 1)
          } else if try transaction.listingSlot(slot.listingID, of: 1) == nil {
            try transaction.insert(slot)
          } else {
            try transaction.update(slot)
          }
          isDeleted = false
        }
        if round % 7 == 0 {
          _ = try transaction.deleteListingSlots(of: 1, expiredAt: Sample.at(3), limit: 2)
        }
      }
      if round % 7 == 0 {
        let gone = model.values.filter { $0.expireTime.map { $0 <= Sample.at(3) } ?? false }
          .sorted { a, b in
            (a.expireTime?.nanosecondsSinceEpoch ?? 0, a.listingID)
              < (b.expireTime?.nanosecondsSinceEpoch ?? 0, b.listingID)
          }
        for slot in gone.prefix(2) { model[slot.listingID] = nil }
      }
      let times = model.values.compactMap(\.expireTime)
      let expected = ListingSlotCounts(
        held: Int64(times.count), committed: Int64(model.count - times.count),
        firstExpiry: times.min())
      #expect(try await store.read { try $0.listingSlotCounts(of: 1) } == expected)
      #expect(try await entitlement(of: "seller", in: store)?.slots == expected)
    }
  }

  private static func racingReservers(_ store: any Store) async throws {
    try await insert([Sample.purchase(1)], into: store)
    let outcomes = await concurrently(40) { number in
      for round in 0..<5 {
        try await store.write { transaction throws in
          let slots =
            try number % 2 == 0
            ? transaction.entitlement(of: "seller")?.slots
            : transaction.listingSlotCounts(of: 1)
          guard let used = slots?.used(at: Sample.at(0)), used < 10 else { return }
          try transaction.insert(Sample.slot("\(number) \(round)"))
        }
        if round % 2 == 1 {
          try await store.write { transaction throws in
            guard try transaction.listingSlot("\(number) \(round)", of: 1) != nil else { return }
            try transaction.deleteListingSlot("\(number) \(round)", of: 1)
          }
        }
      }
    }
    #expect(failures(outcomes) == [])
    let counts = try await store.read { try $0.listingSlotCounts(of: 1) }
    #expect(counts.held == 10)
    let all = try await store.write {
      try $0.deleteListingSlots(of: 1, expiredAt: Sample.at(50), limit: 99)
    }
    #expect(all == 10)
  }
}
