internal import API
internal import Storage

@testable internal import Services

extension SellerPackage {
  /// A package that is in order.
  static func sample(_ name: String = "Basic Seller") -> SellerPackage {
    var package = SellerPackage()
    package.name = name
    package.description = "For sellers."
    package.price = Money(currencyCode: "USD", units: 9, nanos: 990_000_000)
    package.durationDays = 30
    package.listingLimit = Quota(Quota.Kind.limit(10))
    package.features = ["basic", "support"]
    package.isActive = true
    return package
  }
}

extension CreateSellerPackageRequest {
  init(_ package: SellerPackage?, requestID: String = "", validateOnly: Bool = false) {
    self.init()
    sellerPackage = package
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension UpdateSellerPackageRequest {
  init(
    _ package: SellerPackage?, mask: [String]? = nil, requestID: String = "",
    validateOnly: Bool = false
  ) {
    self.init()
    sellerPackage = package
    updateMask = mask.map { FieldMask(paths: $0) }
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension DeleteSellerPackageRequest {
  init(_ id: Int64, etag: String = "", requestID: String = "", validateOnly: Bool = false) {
    self.init()
    self.id = id
    self.etag = etag
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension World {
  /// - Parameter role: nil for a call without a token.
  func call<Response: Message>(
    _ method: SellerPackageMethod, _ request: some Message, as role: Role? = .admin,
    user: String = "10"
  ) async throws -> Reply<Response> {
    try await call(
      path: method.path, bytes: request.encoded(),
      authorization: role.map { authorization($0, user: user) })
  }

  /// Adds a package and returns it as it was written.
  func createSellerPackage(_ package: SellerPackage) async throws -> SellerPackage {
    let reply: Reply<CreateSellerPackageResponse> = try await call(
      .createSellerPackage, CreateSellerPackageRequest(package))
    return try reply.get().sellerPackage ?? SellerPackage()
  }

  func getSellerPackage(
    _ id: Int64, as role: Role? = .admin
  ) async throws -> Reply<GetSellerPackageResponse> {
    try await call(.getSellerPackage, GetSellerPackageRequest(id: id), as: role)
  }

  func listSellerPackages(
    pageSize: Int32 = 0, token: String = "", showInactive: Bool = false, as role: Role? = nil
  ) async throws -> Reply<ListSellerPackagesResponse> {
    var request = ListSellerPackagesRequest()
    request.pageSize = pageSize
    request.pageToken = token
    request.showInactive = showInactive
    return try await call(.listSellerPackages, request, as: role)
  }
}

extension SellerFixture {
  func myPackages(
    pageSize: Int32 = 0, token: String = "", user: String = "10"
  ) async throws -> ListMyPackagesResponse {
    var request = ListMyPackagesRequest()
    request.pageSize = pageSize
    request.pageToken = token
    let answer = try await service.listMyPackages(request, caller(.listMyPackages, user: user))
    return try ListMyPackagesResponse(decoding: answer.bytes)
  }

  func purchases(_ request: ListPurchasesRequest) async throws -> ListPurchasesResponse {
    let answer = try await service.listPurchases(
      request, caller(.listPurchases, user: "1", roles: .admin))
    return try ListPurchasesResponse(decoding: answer.bytes)
  }

  func status(user: String = "10") async throws -> GetPackageStatusResponse {
    let answer = try await service.getPackageStatus(
      GetPackageStatusRequest(), caller(.getPackageStatus, user: user))
    return try GetPackageStatusResponse(decoding: answer.bytes)
  }

  /// What is answered without waiting.
  func cachedStatus(user: String = "10") throws -> GetPackageStatusResponse? {
    let principal = caller(.getPackageStatus, user: user).principal
    let answer = service.cachedPackageStatus(GetPackageStatusRequest(), principal)
    return try answer.map { try GetPackageStatusResponse(decoding: $0.bytes) }
  }

  /// Holds a slot for so many seconds, or commits it with nil.
  func take(_ listingID: String, of purchase: PurchaseRecord, for seconds: Int64?) async throws {
    let time = clock.time
    try await store.write {
      try $0.insert(
        ListingSlotRecord(
          purchaseID: purchase.id, listingID: listingID, createTime: time,
          expireTime: seconds.map { time.adding(seconds: $0) }))
    }
  }
}
