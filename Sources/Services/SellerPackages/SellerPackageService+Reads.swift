internal import API
internal import Storage

extension SellerPackageService {
  func listSellerPackages(
    _ request: ListSellerPackagesRequest, _ caller: Caller
  ) async throws -> Answer<ListSellerPackagesResponse> {
    let showsInactive = request.showInactive
    guard !showsInactive || caller.isAdmin else {
      throw caller.principal.sub.isEmpty ? Refusal.unauthenticated : .permissionDenied
    }
    var violations = Violations()
    let limit = violations.checkPageSize(request.pageSize)
    let query = PageToken.Query(caller.method, String(showsInactive))
    let after = PageToken.decode(request.pageToken, of: query, as: \.number, &violations)
    try violations.check()
    let response = try await store.read { transaction in
      let page = try Page(limit: limit) { last, limit in
        try transaction.sellerPackages(
          after: last?.id ?? after ?? 0, activeOnly: !showsInactive, limit: limit)
      } element: {
        SellerPackage($0)
      }
      return ListSellerPackagesResponse(
        sellerPackages: page.elements,
        nextPageToken: PageToken.encode(page.last.map { .number($0.id) }, of: query))
    }
    return Answer(response)
  }

  func getSellerPackage(
    _ request: GetSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<GetSellerPackageResponse> {
    let id = request.id
    var violations = Violations()
    if id < 1 { violations.add("id", "must be 1 or more") }
    try violations.check()
    let package = try await store.read { try $0.sellerPackage(id) }
    guard let package, package.isActive || caller.isAdmin else {
      throw SellerPackageRefusal.packageNotFound(id: id)
    }
    return Answer(GetSellerPackageResponse(sellerPackage: SellerPackage(package)))
  }

  func listMyPackages(
    _ request: ListMyPackagesRequest, _ caller: Caller
  ) async throws -> Answer<ListMyPackagesResponse> {
    let userID = caller.principal.sub
    var violations = Violations()
    let limit = violations.checkPageSize(request.pageSize)
    let query = PageToken.Query(caller.method, userID)
    let before = PageToken.decode(request.pageToken, of: query, as: \.number, &violations)
    try violations.check()
    let time = now()
    let response = try await store.read { transaction in
      let page = try Page(limit: limit) { last, limit in
        try transaction.purchases(
          PurchaseQuery(userID: userID, before: last?.id ?? before, limit: limit))
      } element: {
        try Purchase($0, at: time, in: transaction)
      }
      return ListMyPackagesResponse(
        purchases: page.elements,
        nextPageToken: PageToken.encode(page.last.map { .number($0.id) }, of: query))
    }
    return Answer(response)
  }

  /// A purchase by another than the filter's is looked at and passed over, some thousands at most:
  /// so a page may have few purchases or none, and yet a token.
  func listPurchases(
    _ request: ListPurchasesRequest, _ caller: Caller
  ) async throws -> Answer<ListPurchasesResponse> {
    var violations = Violations()
    let limit = violations.checkPageSize(request.pageSize)
    let filter = PurchaseFilter(request, &violations)
    let query = filter.tokenQuery
    let before = PageToken.decode(request.pageToken, of: query, as: \.number, &violations)
    try violations.check()
    let time = now()
    let response = try await store.read { transaction in
      let page = try Page(limit: limit, scanning: Limits.maxScannedPurchases) { last, limit in
        try transaction.purchases(
          PurchaseQuery(
            userID: filter.userID, packageID: filter.packageID, before: last?.id ?? before,
            limit: limit))
      } element: { record in
        guard filter.admits(record, at: time) else { return Purchase?.none }
        return try Purchase(record, at: time, in: transaction)
      }
      return ListPurchasesResponse(
        purchases: page.elements,
        nextPageToken: PageToken.encode(page.last.map { .number($0.id) }, of: query))
    }
    return Answer(response)
  }

  func getReceipt(
    _ request: GetReceiptRequest, _ caller: Caller
  ) async throws -> Answer<GetReceiptResponse> {
    var violations = Violations()
    if request.number.isEmpty { violations.add("number", "is required") }
    try violations.check()
    let refusal = SellerPackageRefusal.receiptNotFound(number: request.number)
    guard let number = ReceiptNumber(request.number) else { throw refusal }
    let receipt = try await store.read {
      try $0.receipt(series: number.series, sequence: number.sequence)
    }
    guard
      let receipt,
      caller.isAdmin || ExactText(receipt.userID) == ExactText(caller.principal.sub)
    else { throw refusal }
    return Answer(GetReceiptResponse(receipt: Receipt(receipt)))
  }

  func listUnresolvedPayments(
    _ request: ListUnresolvedPaymentsRequest, _ caller: Caller
  ) async throws -> Answer<ListUnresolvedPaymentsResponse> {
    var violations = Violations()
    let limit = violations.checkPageSize(request.pageSize)
    violations.checkUserFilter("user_id", request.userID)
    let userID = request.userID.isEmpty ? nil : request.userID
    let query = PageToken.Query(caller.method, request.userID)
    let after = PageToken.decode(request.pageToken, of: query, as: \.id, &violations)
    try violations.check()
    let response = try await store.read { transaction in
      let page = try Page(limit: limit) { last, limit in
        try transaction.unresolvedPaymentIntents(
          of: userID, after: last?.id ?? after, limit: limit)
      } element: {
        UnresolvedPayment($0)
      }
      return ListUnresolvedPaymentsResponse(
        payments: page.elements,
        nextPageToken: PageToken.encode(page.last.map { .id($0.id) }, of: query))
    }
    return Answer(response)
  }
}

extension Caller {
  fileprivate var isAdmin: Bool { principal.roles.contains(.admin) }
}

extension Purchase {
  fileprivate init(
    _ record: PurchaseRecord, at time: Instant, in transaction: any ReadTransaction
  ) throws {
    try self.init(
      record, listingsUsed: transaction.usedListings(of: record.id, at: time), at: time)
  }
}

extension PageToken {
  /// Empty on the last page.
  fileprivate static func encode(_ position: Position?, of query: Query) -> String {
    position.map { encode($0, of: query) } ?? ""
  }
}
