internal import Storage
internal import Testing

extension ContractCase {
  static let payments = [
    ContractCase("a payment intent comes back as it was written", anIntentComesBack),
    ContractCase("a payment intent is refused for its id, then for its user's open one", intents),
    ContractCase("an update of an intent keeps all but its outcome and its checks", intentUpdates),
    ContractCase("unresolved intents are listed by id, of a user or of all", unresolvedIntents),
    ContractCase("a refund that is owed is in nobody's way", owedRefunds),
    ContractCase("intents are due in the order of their next checks", dueIntents),
    ContractCase("the newest unheard renewal of a purchase is found", unheardRenewals),
    ContractCase("a charge of the sandbox comes back, and is replaced", charges),
    ContractCase("a throwing body brings payments back", paymentsRollBack),
    ContractCase("of racing intents of one user one is open", racingIntents),
  ]

  static func insert(_ intents: [PaymentIntentRecord], into store: any Store) async throws {
    try await store.write { transaction throws in
      for intent in intents { try transaction.insert(intent) }
    }
  }

  private static func anIntentComesBack(_ store: any Store) async throws {
    let users = ["", "\0", "é", "e\u{301}"]
    let all =
      users.enumerated().flatMap { position, user in
        [
          Sample.intent(UInt128(position), of: user),
          Sample.fullIntent(.max - UInt128(position), of: user),
        ]
      }
      + PaymentIntentRecord.State.allCases.map {
        Sample.intent(UInt128($0.rawValue) << 64, of: "\($0)", $0)
      }
    try await insert(all, into: store)
    try await store.read { transaction throws in
      for intent in all { #expect(try transaction.paymentIntent(intent.id) == intent) }
      for (position, user) in users.enumerated() {
        let open = try transaction.openPaymentIntent(of: user)
        #expect(open == Sample.intent(UInt128(position), of: user))
        #expect(open?.userID.utf8.elementsEqual(user.utf8) == true)
      }
      for state in PaymentIntentRecord.State.allCases {
        #expect(try transaction.openPaymentIntent(of: "\(state)")?.state.isOpen != false)
        #expect((try transaction.openPaymentIntent(of: "\(state)") != nil) == state.isOpen)
      }
      #expect(try transaction.paymentIntent(ULID(value: 99)) == nil)
      #expect(try transaction.openPaymentIntent(of: "nobody") == nil)
    }
  }

  private static func intents(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.intent(1))
      try transaction.insert(Sample.intent(2, of: "other", .unknown))
      for userID in ["seller", "new"] {
        #expect(throws: StorageError.paymentIntentIDTaken) {
          try transaction.insert(Sample.intent(1, of: userID))
        }
      }
      #expect(throws: StorageError.paymentIntentIDTaken) {
        try transaction.insert(Sample.intent(1, of: "other"))
      }
      #expect(throws: StorageError.openPaymentIntentTaken) {
        try transaction.insert(Sample.intent(3))
      }
      #expect(throws: StorageError.openPaymentIntentTaken) {
        try transaction.insert(Sample.intent(3, of: "other"))
      }
      #expect(throws: StorageError.paymentIntentMissing) {
        try transaction.update(Sample.intent(3))
      }
      // One that is not open is in nobody's way.
      try transaction.insert(Sample.intent(3, .void))
      #expect(throws: StorageError.openPaymentIntentTaken) {
        try transaction.update(Sample.intent(3, .pending))
      }
      #expect(try transaction.paymentIntent(ULID(value: 3))?.state == .void)
      try transaction.update(Sample.intent(1, .unknown))
      try transaction.update(Sample.intent(1, .succeeded))
      try transaction.update(Sample.intent(3, .unknown))
      #expect(try transaction.openPaymentIntent(of: "seller")?.id == ULID(value: 3))
    }
    let unresolved = try await store.read {
      try $0.unresolvedPaymentIntents(of: nil, after: nil, limit: 9)
    }
    #expect(unresolved.map(\.id) == [ULID(value: 2), ULID(value: 3)])
  }

  private static func intentUpdates(_ store: any Store) async throws {
    try await insert([Sample.intent(1)], into: store)
    let other = Sample.fullIntent(1, of: "thief")
    var expected = Sample.intent(1)
    expected.state = other.state
    expected.transactionID = other.transactionID
    expected.declineCode = other.declineCode
    expected.checkCount = other.checkCount
    expected.lastCheckTime = other.lastCheckTime
    expected.nextCheckTime = other.nextCheckTime
    expected.refundFailures = other.refundFailures
    expected.unheardUntil = other.unheardUntil
    let kept = expected
    for isRead in [false, true] {
      try await store.write { transaction throws in
        if isRead { _ = try transaction.paymentIntent(other.id) }
        try transaction.update(other)
        #expect(try transaction.paymentIntent(other.id) == kept)
      }
      #expect(try await store.read { try $0.paymentIntent(other.id) } == kept)
    }
  }

  private static func owedRefunds(_ store: any Store) async throws {
    try await insert([Sample.intent(1)], into: store)
    try await store.write { transaction throws in
      try transaction.update(Sample.intent(1, .refundOwed))
      #expect(try transaction.openPaymentIntent(of: "seller") == nil)
      try transaction.insert(Sample.intent(2))
      try transaction.insert(Sample.intent(3, .refundOwed))
    }
    try await store.read { transaction throws in
      #expect(try transaction.openPaymentIntent(of: "seller") == Sample.intent(2))
      for user in ["seller", nil] {
        let all = try transaction.unresolvedPaymentIntents(of: user, after: nil, limit: 9)
        #expect(all.map(\.id.value) == [1, 2, 3])
        let some = try transaction.unresolvedPaymentIntents(
          of: user, after: ULID(value: 1), limit: 1)
        #expect(some.map(\.id.value) == [2])
      }
    }
  }

  private static func unresolvedIntents(_ store: any Store) async throws {
    let states = PaymentIntentRecord.State.allCases
    let all = (1...50 as ClosedRange<UInt128>).map {
      Sample.intent($0 * 3, of: "user \($0)", states[Int($0 % 7)], check: $0 % 2 == 0 ? nil : 1)
    }
    try await insert(all.reversed(), into: store)
    let open = all.filter(\.state.isUnresolved)
    for limit in [1, 7, 100] {
      var found: [PaymentIntentRecord] = []
      var last: ULID?
      repeat {
        let after = last
        let page = try await store.read {
          try $0.unresolvedPaymentIntents(of: nil, after: after, limit: limit)
        }
        found += page
        last = page.count == limit ? page.last?.id : nil
      } while last != nil && found.count <= all.count
      #expect(found == open)
    }
    let one = try #require(open.first)
    try await store.read { transaction throws in
      let ids: [(ULID?, Bool)] = [
        (nil, true), (ULID(value: one.id.value - 1), true), (one.id, false),
      ]
      for (after, isFound) in ids {
        for limit in [-1, 0, 1, 9] {
          let found = try transaction.unresolvedPaymentIntents(
            of: one.userID, after: after, limit: limit)
          #expect(found == (isFound && limit > 0 ? [one] : []))
        }
      }
      #expect(try transaction.unresolvedPaymentIntents(of: "nobody", after: nil, limit: 9) == [])
      #expect(try transaction.unresolvedPaymentIntents(of: nil, after: nil, limit: -1) == [])
    }
  }

  private static func unheardRenewals(_ store: any Store) async throws {
    @Sendable func renewal(
      _ id: UInt128, of purchaseID: Int64, _ since: Int64?
    ) -> PaymentIntentRecord {
      Sample.intent(id, .succeeded, renewing: purchaseID, unheardUntil: since)
    }
    // In the order of their ids, whenever they were found.
    let intents = [
      renewal(2, of: 7, 10), renewal(3, of: 7, 0), renewal(4, of: 7, nil), renewal(5, of: 8, .min),
    ]
    try await insert(intents.reversed(), into: store)
    try await store.write { transaction throws in
      #expect(try transaction.unheardRenewal(of: 7) == intents[1])
      try transaction.update(renewal(3, of: 7, nil))
      #expect(try transaction.unheardRenewal(of: 7) == intents[0])
      try transaction.update(renewal(4, of: 7, 20))
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.update(renewal(4, of: 7, nil))
        try transaction.update(renewal(5, of: 8, nil))
        #expect(try transaction.unheardRenewal(of: 8) == nil)
        throw BodyFailure()
      }
    }
    try await store.read { transaction throws in
      #expect(try transaction.unheardRenewal(of: 7) == renewal(4, of: 7, 20))
      #expect(try transaction.unheardRenewal(of: 8) == intents[3])
      #expect(try transaction.unheardRenewal(of: 9) == nil)
    }
  }

  private static func dueIntents(_ store: any Store) async throws {
    try await insert(
      [
        Sample.intent(1, of: "a", check: 30), Sample.intent(2, of: "b", check: 10),
        Sample.intent(3, of: "c", .unknown, check: 10), Sample.intent(4, of: "d", check: nil),
        Sample.intent(5, of: "e", .declined), Sample.intent(6, of: "f", check: .min),
        Sample.intent(7, of: "a", .void, check: 20), Sample.intent(8, of: "a", .void, check: nil),
        Sample.intent(9, of: "a", .refundOwed, check: 21),
      ], into: store)
    func due(_ time: Int64, _ limit: Int) async throws -> [UInt128] {
      try await store.read { try $0.paymentIntentsDue(at: Sample.at(time), limit: limit) }
        .map(\.id.value)
    }
    #expect(try await due(9, 9) == [6])
    #expect(try await due(10, 9) == [6, 2, 3])
    #expect(try await due(29, 2) == [6, 2])
    #expect(try await due(.max, 9) == [6, 2, 3, 7, 9, 1])
    #expect(try await due(.max, 0) == [])
    #expect(try await due(.max, -1) == [])
    try await store.write { transaction throws in
      try transaction.update(Sample.intent(2, of: "b", .succeeded))
      try transaction.update(Sample.intent(3, of: "c", .unknown, check: 40))
      try transaction.update(Sample.intent(4, of: "d", check: 5))
      try transaction.update(Sample.intent(7, of: "a", .void, check: nil))
    }
    #expect(try await due(.max, 9) == [6, 4, 9, 1, 3])
  }

  private static func charges(_ store: any Store) async throws {
    let outcomes = SandboxChargeRecord.Outcome.allCases
    try await store.write { transaction throws in
      for (position, outcome) in outcomes.enumerated() {
        try transaction.put(Sample.charge(UInt128(position), outcome))
      }
    }
    try await store.read { transaction throws in
      for (position, outcome) in outcomes.enumerated() {
        let id = ULID(value: UInt128(position))
        #expect(try transaction.sandboxCharge(id) == Sample.charge(id.value, outcome))
      }
      #expect(try transaction.sandboxCharge(ULID(value: 99)) == nil)
    }
    var refund = Sample.charge(0, .refunded)
    refund.amount = Sample.money(1)
    refund.transactionID = ""
    refund.declineCode = ""
    refund.visibleTime = Sample.at(.min)
    let replacement = refund
    try await store.write { try $0.put(replacement) }
    #expect(try await store.read { try $0.sandboxCharge(replacement.intentID) } == replacement)
  }

  private static func paymentsRollBack(_ store: any Store) async throws {
    try await insert(
      [Sample.intent(1), Sample.intent(2, of: "other", .void, check: nil)], into: store)
    try await store.write { try $0.put(Sample.charge(1)) }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.update(Sample.intent(1, .succeeded))
        try transaction.update(Sample.intent(2, of: "other", .pending))
        try transaction.insert(Sample.intent(3))
        try transaction.put(Sample.charge(1, .refunded))
        try transaction.put(Sample.charge(3))
        throw BodyFailure()
      }
    }
    try await store.read { transaction throws in
      #expect(try transaction.paymentIntent(ULID(value: 3)) == nil)
      #expect(try transaction.openPaymentIntent(of: "seller") == Sample.intent(1))
      #expect(try transaction.openPaymentIntent(of: "other") == nil)
      let due = try transaction.paymentIntentsDue(at: Sample.at(.max), limit: 9)
      #expect(due == [Sample.intent(1)])
      let open = try transaction.unresolvedPaymentIntents(of: nil, after: nil, limit: 9)
      #expect(open == [Sample.intent(1)])
      #expect(try transaction.sandboxCharge(ULID(value: 1)) == Sample.charge(1))
      #expect(try transaction.sandboxCharge(ULID(value: 3)) == nil)
    }
  }

  private static func racingIntents(_ store: any Store) async throws {
    let outcomes = await concurrently(16) { number in
      try await store.write { try $0.insert(Sample.intent(UInt128(number))) }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    #expect(outcomes.count { $0 as? StorageError == .openPaymentIntentTaken } == 15)
    let open = try await store.read {
      try $0.unresolvedPaymentIntents(of: nil, after: nil, limit: 99)
    }
    #expect(open.count == 1)
  }
}
