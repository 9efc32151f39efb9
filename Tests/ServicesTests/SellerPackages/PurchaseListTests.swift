internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("ListPurchases")
struct PurchaseListTests {
  private func ids(
    _ fixture: SellerFixture, _ change: (inout ListPurchasesRequest) -> Void = { _ in }
  ) async throws -> [Int64] {
    var request = ListPurchasesRequest()
    change(&request)
    return try await everyPage { token in
      request.pageToken = token
      let page = try await fixture.purchases(request)
      return (page.purchases.map(\.id), page.nextPageToken)
    }
  }

  @Test("purchases are found by user, package, state and start", arguments: StoreKind.allCases)
  func filters(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let packages = [
        try await fixture.add(days: 1), try await fixture.add("Pro", days: 30),
      ]
      let start = fixture.clock.time
      // One an hour: of user 10 the odd ones, of the first package two of four.
      for number in 0..<8 {
        try await fixture.give(packages[number / 2 % 2], to: number % 2 == 0 ? "10" : "20")
        fixture.clock.advance(seconds: 3600)
      }
      func hour(_ number: Int64, nanos: Int32 = 0) -> Timestamp {
        var time = Timestamp(start.adding(seconds: number * 3600))
        time.nanos = nanos
        return time
      }
      for size: Int32 in [0, 1, 3] {
        func found(
          _ change: @escaping (inout ListPurchasesRequest) -> Void
        ) async throws -> [Int64] {
          try await ids(fixture) {
            $0.pageSize = size
            change(&$0)
          }
        }
        #expect(try await found { _ in } == [8, 7, 6, 5, 4, 3, 2, 1])
        #expect(try await found { $0.userID = "10" } == [7, 5, 3, 1])
        #expect(try await found { $0.packageID = 1 } == [6, 5, 2, 1])
        #expect(
          try await found {
            $0.userID = "20"
            $0.packageID = 2
          } == [8, 4])
        #expect(try await found { $0.activeOnly = true } == [8, 7])
        #expect(try await found { $0.startTimeFrom = hour(5) } == [8, 7, 6])
        #expect(try await found { $0.startTimeFrom = hour(5, nanos: 1) } == [8, 7])
        #expect(try await found { $0.startTimeUntil = hour(2) } == [2, 1])
        #expect(try await found { $0.startTimeUntil = hour(2, nanos: 1) } == [3, 2, 1])
        #expect(
          try await found {
            $0.startTimeFrom = hour(1)
            $0.startTimeUntil = hour(4)
            $0.userID = "20"
          } == [4, 2])
        #expect(try await found { $0.userID = "30" } == [])
        #expect(try await found { $0.packageID = .max } == [])
        #expect(
          try await found {
            $0.startTimeFrom = Timestamp(seconds: Limits.timestampSeconds.lowerBound)
            $0.startTimeUntil = Timestamp(seconds: Limits.timestampSeconds.upperBound)
          }.count == 8)
        // The whole of a range may be later than any record can be.
        #expect(
          try await found {
            $0.startTimeFrom = Timestamp(seconds: 10_413_792_000)  // 2300
            $0.startTimeUntil = Timestamp(seconds: 253_370_764_800)  // 9999
          } == [])
      }
      fixture.clock.advance(seconds: 2 * 86_400)
      #expect(try await ids(fixture) { $0.activeOnly = true } == [8, 7])
      fixture.clock.advance(seconds: 28 * 86_400)
      #expect(try await ids(fixture) { $0.activeOnly = true } == [])
    }
  }

  @Test("each purchase is as its buyer sees it")
  func asTheirOwn() async throws {
    let fixture = SellerFixture()
    let purchase = try await fixture.give(try await fixture.add())
    try await fixture.take("a", of: purchase, for: 60)
    let seen = try await fixture.purchases(ListPurchasesRequest()).purchases
    #expect(seen.first?.listingsUsed == 1)
    #expect(try await fixture.myPackages().purchases == seen)
  }

  @Test("a filter that keeps all back ends a page early, and the pages end")
  func bounded() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    let first = try await fixture.give(package, to: "seller")
    let count = 2 * Limits.maxScannedPurchases
    try await fixture.store.write { transaction in
      for number in 1...count {
        var purchase = first
        purchase.id = try transaction.nextPurchaseID()
        purchase.userID = "user-\(number)"
        purchase.isReplaced = true
        try transaction.insert(purchase)
      }
    }
    var request = ListPurchasesRequest()
    request.activeOnly = true
    let sizes = try await everyPage { token in
      request.pageToken = token
      let page = try await fixture.purchases(request)
      return ([page.purchases.count], page.nextPageToken)
    }
    #expect(sizes == [0, 0, 1])
    request.pageToken = ""
    // What the store filters by itself costs nothing.
    request.userID = "seller"
    #expect(try await fixture.purchases(request).purchases.map(\.id) == [first.id])
  }

  @Test("what is wrong with a request is told, all of it")
  func violations() async throws {
    let fixture = SellerFixture()
    func fields(_ change: (inout ListPurchasesRequest) -> Void) async throws -> [String] {
      var request = ListPurchasesRequest()
      change(&request)
      let sent = request
      let refusal = await #expect(throws: Refusal.self) { try await fixture.purchases(sent) }
      guard case .invalidFields(let violations) = refusal else { return [] }
      return violations.all.map(\.field)
    }
    #expect(
      try await fields {
        $0.pageSize = -1
        $0.pageToken = "x"
        $0.userID = "a\u{1}"
        $0.packageID = -1
        $0.startTimeFrom = Timestamp(seconds: .max)
        $0.startTimeUntil = Timestamp(seconds: 0, nanos: -1)
      } == [
        "page_size", "user_id", "package_id", "start_time_from", "start_time_until", "page_token",
      ])
    for until: Int64 in [4, 5] {
      #expect(
        try await fields {
          $0.startTimeFrom = Timestamp(seconds: 5)
          $0.startTimeUntil = Timestamp(seconds: until)
        } == ["start_time_until"])
    }
    #expect(try await fields { $0.userID = String(repeating: "u", count: 257) } == ["user_id"])
  }

  @Test("a page token is of the same filters alone")
  func tokens() async throws {
    let fixture = SellerFixture()
    let package = try await fixture.add()
    try await fixture.give(package)
    try await fixture.give(package, to: "20")
    var request = ListPurchasesRequest()
    request.pageSize = 1
    request.pageToken = try await fixture.purchases(request).nextPageToken
    #expect(try await fixture.purchases(request).purchases.map(\.id) == [1])
    for change in [
      { $0.userID = "10" }, { $0.packageID = 1 }, { $0.activeOnly = true },
      { $0.startTimeFrom = Timestamp(seconds: 1) }, { $0.startTimeUntil = Timestamp(seconds: 1) },
    ] as [(inout ListPurchasesRequest) -> Void] {
      var other = request
      change(&other)
      let sent = other
      await #expect(throws: Refusal.self) { try await fixture.purchases(sent) }
    }
  }
}

@Suite("ListUnresolvedPayments")
struct UnresolvedPaymentTests {
  private func intent(
    _ number: UInt128, of user: String, _ state: PaymentIntentRecord.State
  ) -> PaymentIntentRecord {
    let time = Instant(secondsSinceEpoch: 1000 + Int64(number))
    let price = MoneyRecord(currencyCode: "USD", units: 9, nanos: 990_000_000)
    return PaymentIntentRecord(
      id: ULID(value: number), userID: user, email: "a@b.example", state: state, amount: price,
      method: .creditCard, cardBrand: "visa", cardLastFour: "4242",
      terms: .init(
        packageID: 7, packageName: "Basic", listingLimit: .limit(10), features: [], price: price,
        credit: MoneyRecord(currencyCode: "USD", units: 0, nanos: 0), startTime: time,
        endTime: time.adding(seconds: 60), renewedPurchaseID: 0, replacedPurchaseID: 0),
      origin: .init(actor: "default/10", method: "/a/B", requestID: "", requestHash: []),
      transactionID: "", declineCode: "", createTime: time, checkCount: state == .unknown ? 2 : 0,
      lastCheckTime: state == .unknown ? time.adding(seconds: 5) : nil,
      nextCheckTime: state.isOpen ? time.adding(seconds: 30) : nil)
  }

  private func list(
    _ fixture: SellerFixture, size: Int32 = 0, token: String = "", user: String = ""
  ) async throws -> ListUnresolvedPaymentsResponse {
    var request = ListUnresolvedPaymentsRequest()
    request.pageSize = size
    request.pageToken = token
    request.userID = user
    let answer = try await fixture.service.listUnresolvedPayments(
      request, fixture.caller(.listUnresolvedPayments, roles: .admin))
    return try ListUnresolvedPaymentsResponse(decoding: answer.bytes)
  }

  @Test("payments that are open are told, oldest first", arguments: StoreKind.allCases)
  func open(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let fixture = SellerFixture(store: store)
      let intents = [
        intent(3, of: "30", .pending), intent(1, of: "10", .unknown),
        intent(2, of: "20", .succeeded), intent(5, of: "20", .declined),
        intent(6, of: "20", .void), intent(4, of: "20", .pending),
      ]
      try await store.write { for intent in intents { try $0.insert(intent) } }
      let payments = try await list(fixture).payments
      #expect(payments.map(\.userID) == ["10", "30", "20"])
      #expect(payments.map(\.status) == [.unknown, .pending, .pending])
      var first = UnresolvedPayment()
      first.intentID = ULID(value: 1).text
      first.userID = "10"
      first.packageID = 7
      first.status = .unknown
      first.amount = Money(currencyCode: "USD", units: 9, nanos: 990_000_000)
      first.paymentMethod = .creditCard
      first.cardBrand = "visa"
      first.cardLastFour = "4242"
      first.createTime = Timestamp(seconds: 1001)
      first.checkCount = 2
      first.lastCheckTime = Timestamp(seconds: 1006)
      first.nextCheckTime = Timestamp(seconds: 1031)
      #expect(payments.first == first)
      #expect(payments[1].lastCheckTime == nil && payments[1].checkCount == 0)
      #expect(try await list(fixture, user: "20").payments.map(\.intentID) == [ULID(value: 4).text])
      #expect(try await list(fixture, user: "40").payments.isEmpty)
      let seen = try await everyPage { token in
        let page = try await list(fixture, size: 1, token: token)
        return (page.payments.map(\.userID), page.nextPageToken)
      }
      #expect(seen == ["10", "30", "20"])
    }
  }

  @Test("what is wrong with a request is told")
  func violations() async throws {
    let fixture = SellerFixture()
    let query = PageToken.Query(SellerPackageMethod.listUnresolvedPayments.path, "")
    let forged = PageToken.encode(.number(1), of: query)
    for (size, token, user) in [
      (-1, "", ""), (0, "x", ""), (0, "", "a\u{7}"), (0, forged, ""),
    ] as [(Int32, String, String)] {
      await #expect(throws: Refusal.self) {
        try await list(fixture, size: size, token: token, user: user)
      }
    }
  }
}
