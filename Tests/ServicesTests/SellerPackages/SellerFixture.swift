internal import API
internal import Crypto
internal import GRPC
internal import NIOCore
internal import Storage

@testable internal import Services

/// SellerPackageService over a store, without anything between: its clock and its log are the
/// test's, and who charges is the sandbox or whom the test gives.
struct SellerFixture: Sendable {
  let store: any Store
  let clock: TestClock
  let log = TestLog()
  let service: SellerPackageService

  /// - Parameters:
  ///   - makeGateway: over the store, with the clock; the sandbox without it.
  ///   - random: spreads the looks at the gateway.
  init(
    store: any Store = MemoryStore(), clock: TestClock = TestClock(),
    settings: SellerSettings = SellerSettings(),
    gateway makeGateway: ((any Store, @escaping Now) -> any PaymentGateway)? = nil,
    random: @escaping Random = { 0 }
  ) {
    let now: Now = { clock.time }
    self.store = store
    self.clock = clock
    service = SellerPackageService(
      store: store, mutations: Mutations(store: store, now: now), settings: settings,
      payments: Payments(
        store: store,
        gateway: makeGateway?(store, now) ?? SandboxGateway(store: store, now: now),
        settings: settings, ids: ULIDSource(random: { 1 }), now: now, logger: log.logger,
        random: random),
      now: now)
  }

  /// Who calls `method`, as the token of user `user` says.
  func caller(
    _ method: SellerPackageMethod, user: String = "10", roles: RoleSet = .seller,
    email: String = "", deadline: NIODeadline? = nil
  ) -> Caller {
    Caller(
      principal: Principal(sub: user, account: "default", roles: roles, email: email),
      method: method.path, requestHash: [], network: "test", deadline: deadline)
  }

  /// The same for a request that may have a request_id.
  func caller(
    _ method: SellerPackageMethod, sending request: some MutatingRequest, user: String = "10",
    roles: RoleSet = .seller, email: String = "", deadline: NIODeadline? = nil
  ) -> Caller {
    let content = request.replayedContent ?? request.encoded()
    return Caller(
      principal: Principal(sub: user, account: "default", roles: roles, email: email),
      method: method.path,
      requestHash: request.requestID.isEmpty ? [] : Array(SHA256.hash(data: content)),
      network: "test", deadline: deadline)
  }

  /// Writes a package as it is; its id, from the store, is returned with it.
  @discardableResult
  func add(
    _ name: String = "Basic Seller", price: Int64 = 999, currency: String = "USD",
    days: Int32 = 30, listings: QuotaRecord = .limit(10), features: [String] = ["basic"],
    isActive: Bool = true
  ) async throws -> SellerPackageRecord {
    let time = clock.time
    return try await store.write { transaction in
      let package = SellerPackageRecord(
        id: try transaction.nextSellerPackageID(), name: name, description: "For sellers",
        price: MinorUnits(currencyCode: currency, count: price).money, durationDays: days,
        listingLimit: listings, features: features, isActive: isActive, createTime: time,
        updateTime: time, revision: 1)
      try transaction.insert(package)
      return package
    }
  }

  /// Writes a purchase of `package` that begins now, as if it had been paid with a card; what was
  /// the user's newest is replaced.
  @discardableResult
  func give(
    _ package: SellerPackageRecord, to user: String = "10"
  ) async throws -> PurchaseRecord {
    let time = clock.time
    return try await store.write { transaction in
      if var newest = try transaction.entitlement(of: user)?.record {
        newest.endTime = min(newest.endTime, time)
        newest.isReplaced = true
        newest.periods = []
        newest.revision += 1
        try transaction.update(newest)
      }
      let end = time.adding(seconds: Int64(package.durationDays) * 86_400)
      let id = try transaction.nextPurchaseID()
      let purchase = PurchaseRecord(
        id: id, userID: user, packageID: package.id, packageName: package.name, startTime: time,
        endTime: end, isReplaced: false, listingLimit: package.listingLimit,
        features: package.features,
        periods: [.init(start: time, end: end, price: package.price)],
        transactionID: "tr_\(id)", amountCharged: package.price,
        credit: MinorUnits(currencyCode: package.price.currencyCode, count: 0).money,
        paymentMethod: .creditCard, receiptNumber: "A-\(id)", revision: 1)
      try transaction.insert(purchase)
      return purchase
    }
  }
}

extension CreditCard {
  /// One that is in order, and that the sandbox charges.
  static func sample(_ number: String = "4242 4242 4242 4242") -> CreditCard {
    var card = CreditCard()
    card.number = Secret(number)
    card.expiryMonth = 12
    card.expiryYear = 2030
    card.cvv = "123"
    card.holderName = "A. Seller"
    return card
  }
}

extension PurchasePackageRequest {
  init(
    _ packageID: Int64, card: String = "4242 4242 4242 4242", quoteToken: String = "",
    requestID: String = "", validateOnly: Bool = false
  ) {
    self.init()
    self.packageID = packageID
    paymentMethod = .creditCard(.sample(card))
    self.quoteToken = quoteToken
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension RenewPackageRequest {
  init(
    _ purchaseID: Int64, card: String = "4242 4242 4242 4242", requestID: String = "",
    validateOnly: Bool = false
  ) {
    self.init()
    self.purchaseID = purchaseID
    paymentMethod = .creditCard(.sample(card))
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension SellerFixture {
  func quote(
    _ packageID: Int64, user: String = "10"
  ) async throws -> PackageChangeQuote {
    let answer = try await service.quotePackageChange(
      QuotePackageChangeRequest(packageID: packageID), caller(.quotePackageChange, user: user))
    return try QuotePackageChangeResponse(decoding: answer.bytes).quote ?? PackageChangeQuote()
  }

  func purchase(
    _ request: PurchasePackageRequest, user: String = "10", email: String = ""
  ) async throws -> Purchase {
    let answer = try await service.purchasePackage(
      request, caller(.purchasePackage, sending: request, user: user, email: email))
    return try PurchasePackageResponse(decoding: answer.bytes).purchase ?? Purchase()
  }

  func renew(
    _ request: RenewPackageRequest, user: String = "10", email: String = ""
  ) async throws -> Purchase {
    do {
      let answer = try await service.renewPackage(
        request, caller(.renewPackage, sending: request, user: user, email: email))
      await handOver(answer.whenHandedOver)
      return try RenewPackageResponse(decoding: answer.bytes).purchase ?? Purchase()
    } catch let followed as FollowedError {
      await handOver(followed.whenHandedOver)
      throw followed.error
    }
  }

  /// As a server does unless the caller has gone; returns once all is done that follows.
  private func handOver(_ whenHandedOver: (@Sendable () -> Void)?) async {
    guard let whenHandedOver, !Task.isCancelled else { return }
    whenHandedOver()
    await service.payments.finish()
  }
}
