internal import Curl
internal import Storage

/// Looking for a payment by its intent.
extension StripeGateway {
  private enum Listed {
    case found(StripePaymentIntent)
    /// The list was read to its end.
    case nothing
    case tooLong
  }

  /// Lists what was made about when the intent was, then searches. Lists show what was written
  /// before, which Stripe's search does not (docs.stripe.com/search); search finds whatever the
  /// times are. So there is no payment where neither has it, or where the list is too long to be
  /// read and search has had time enough.
  ///
  /// - Throws: ``PaymentGatewayError``, also where that cannot be told yet.
  func find(
    _ intent: PaymentIntentRecord, by deadline: ContinuousClock.Instant
  ) async throws -> StripePaymentIntent? {
    let listed = try await list(intent, by: deadline)
    if case .found(let payment) = listed { return payment }
    if let payment = try await search(intent, by: deadline) { return payment }
    guard case .tooLong = listed else { return nil }
    guard intent.createTime.adding(seconds: Limits.stripeSearchSeconds) <= now() else {
      throw PaymentGatewayError.unknown(reason: "too many payments to find one among them")
    }
    return nil
  }

  private func list(
    _ intent: PaymentIntentRecord, by deadline: ContinuousClock.Instant
  ) async throws -> Listed {
    let created = intent.createTime.secondsSinceEpoch
    let first = created - Limits.stripeClockSkewSeconds
    let last =
      created + Int64(timeoutMilliseconds / 1000) + Limits.stripeArrivalSeconds
      + Limits.stripeClockSkewSeconds
    var query = [
      FormField("limit", "\(Limits.stripePageElements)"),
      FormField("created[gte]", "\(first)"), FormField("created[lte]", "\(last)"),
    ]
    // The other half of the time is the search's.
    let end = deadline - .milliseconds(timeoutMilliseconds / 2)
    for _ in 0..<Limits.maxStripePages where uptime() < end {
      let page = try await page("/v1/payment_intents", query, by: deadline)
      if let found = page.data.first(where: { $0.isOf(intent) }) { return .found(found) }
      guard page.hasMore else { return .nothing }
      guard let last = page.data.last?.checkedID else {
        throw PaymentGatewayError.unknown(reason: "a page of a list without an end")
      }
      query = Array(query.prefix(3)) + [FormField("starting_after", last)]
    }
    return .tooLong
  }

  private func search(
    _ intent: PaymentIntentRecord, by deadline: ContinuousClock.Instant
  ) async throws -> StripePaymentIntent? {
    let text = "metadata[\"\(Self.intentField)\"]:\"\(intent.id.text)\""
    let page = try await page(
      "/v1/payment_intents/search", [FormField("query", text)], by: deadline)
    return page.data.first { $0.isOf(intent) }
  }

  private func page(
    _ path: String, _ query: [FormField], by deadline: ContinuousClock.Instant
  ) async throws -> StripePage {
    let answer = try await send("\(path)?\(Form(query).text)", .get, [], deadline)
    guard answer.isSuccess else { throw answer.failure }
    return try answer.decoded(StripePage.self)
  }
}

extension StripePaymentIntent {
  fileprivate func isOf(_ intent: PaymentIntentRecord) -> Bool {
    metadata?[StripeGateway.intentField] == intent.id.text
  }
}
