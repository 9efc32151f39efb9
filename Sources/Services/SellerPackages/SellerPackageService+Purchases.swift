internal import API
internal import Storage

extension PurchasePackageRequest: MutatingRequest {
  /// Without what pays, of which nothing may be kept, not even a hash.
  var replayedContent: [UInt8]? {
    var request = self
    request.paymentMethod = paymentMethod?.keepable
    return request.encoded()
  }
}

extension RenewPackageRequest: MutatingRequest {
  /// As of ``PurchasePackageRequest``.
  var replayedContent: [UInt8]? {
    var request = self
    request.paymentMethod = paymentMethod?.keepable
    return request.encoded()
  }
}

extension SellerPackageService {
  func quotePackageChange(
    _ request: QuotePackageChangeRequest, _ caller: Caller
  ) async throws -> Answer<QuotePackageChangeResponse> {
    var violations = Violations()
    violations.checkSellerID("package_id", request.packageID)
    try violations.check()
    let userID = caller.principal.sub
    return try await payments.lookingOnce {
      try await store.read { [now, settings, payments] transaction in
        if let open = try transaction.openPaymentIntent(of: userID) {
          throw OpenPayment(open, asking: request.packageID)
        }
        let time = now()
        let change = try SellerPackageChange(
          to: request.packageID, of: userID, at: time, in: transaction)
        let quote = change.quote(until: time.adding(seconds: settings.quoteSeconds))
        let token = payments.quotes.token(for: quote, of: userID)
        return Answer(QuotePackageChangeResponse(quote: change.message(quote, token)))
      }
    }
  }

  func purchasePackage(
    _ request: PurchasePackageRequest, _ caller: Caller
  ) async throws -> Answer<PurchasePackageResponse> {
    var violations = Violations()
    violations.checkSellerID("package_id", request.packageID)
    let userID = caller.principal.sub
    let quote = request.readsQuote(by: payments.quotes, of: userID, &violations)
    return try await pay(
      request, with: request.paymentMethod, package: request.packageID, violations, by: caller
    ) { transaction, time in
      try SellerPackageChange(
        to: request.packageID, of: userID, quoted: quote, at: time, in: transaction
      ).terms()
    }
  }

  func renewPackage(
    _ request: RenewPackageRequest, _ caller: Caller
  ) async throws -> Answer<RenewPackageResponse> {
    var violations = Violations()
    violations.checkSellerID("purchase_id", request.purchaseID)
    let userID = caller.principal.sub
    return try await pay(
      request, with: request.paymentMethod, package: 0, violations, by: caller
    ) { transaction, time in
      try SellerPackageRenewal.terms(
        of: request.purchaseID, of: userID, at: time, in: transaction)
    }
  }

  /// - Parameter packageID: the package to buy; 0 when a purchase is renewed.
  private func pay<Request: MutatingRequest, Response: Message>(
    _ request: Request, with details: PaymentDetails?, package packageID: Int64,
    _ found: Violations, by caller: Caller, _ decide: @escaping Order.Decision
  ) async throws -> Answer<Response> {
    var violations = found
    let isNamed = request.checksRequestID(&violations)
    let order = Order(
      principal: caller.principal, method: caller.method,
      replay: isNamed ? Replay(of: request, by: caller) : nil, isDry: request.validateOnly,
      packageID: packageID, payment: PaymentCheck(details, at: now()), violations: violations,
      decide: decide)
    guard isNamed else { return try await payments.fulfil(order) }
    return try await mutations.alone(request, by: caller) { try await payments.fulfil(order) }
  }
}

extension PurchasePackageRequest {
  /// What the request's token holds; nil without one, and for one that is not of a quote for its
  /// package.
  fileprivate func readsQuote(
    by signer: QuoteSigner, of userID: String, _ violations: inout Violations
  ) -> QuoteSigner.Reading? {
    guard !quoteToken.isEmpty else { return nil }
    let reading = signer.read(quoteToken, of: userID)
    switch reading {
    case .ofAnotherSigner: return reading
    case .quote(let quote) where quote.packageID == packageID: return reading
    case .quote, nil:
      violations.add(
        "quote_token",
        "must be the quote_token of a quote for this package to the caller, or empty")
      return nil
    }
  }
}

extension MutatingRequest {
  /// Whether the request has a request_id that it may have.
  fileprivate func checksRequestID(_ violations: inout Violations) -> Bool {
    checkRequestID(&violations)
    return !requestID.isEmpty && !violations.contains("request_id")
  }
}

extension Violations {
  fileprivate mutating func checkSellerID(_ field: String, _ id: Int64) {
    if id < 1 { add(field, "must be 1 or more") }
  }
}
