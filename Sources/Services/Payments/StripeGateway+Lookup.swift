internal import Curl
internal import Storage

/// Looking for a payment by its intent.
extension StripeGateway {
  private enum Listed {
    case found(StripePaymentIntent)
    /// The list was read to its end.
    case nothing
    /// It has more pages than are read, or than came in the time for them.
    case tooLong
  }

  private enum Searched {
    case found(StripePaymentIntent)
    case nothing
    /// Stripe does not search for this account, whatever is asked, as for those of India.
    case refused(PaymentGatewayError)
  }

  /// Lists what was made about when the intent was, then searches. Lists show what was written
  /// before, which Stripe's search does not (docs.stripe.com/search); search finds whatever the
  /// times are. So there is no payment where neither has it, or where the list is too long to be
  /// read and search has had time enough, or where the list has not and search is not to be had.
  ///
  /// - Throws: ``PaymentGatewayError``, also where that cannot be told yet.
  func find(
    _ intent: PaymentIntentRecord, by deadline: ContinuousClock.Instant
  ) async throws -> StripePaymentIntent? {
    let listed = try await list(intent, by: deadline)
    if case .found(let payment) = listed { return payment }
    switch (listed, try await search(intent, by: deadline)) {
    case (.found(let payment), _), (_, .found(let payment)): return payment
    case (.nothing, .nothing), (.nothing, .refused): return nil
    case (.tooLong, .refused(let error)): throw error
    case (.tooLong, .nothing):
      guard intent.createTime.adding(seconds: Limits.stripeSearchSeconds) <= now() else {
        throw PaymentGatewayError.unknown(
          reason: "too many payments, or too little time, to find it")
      }
      return nil
    }
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
    let end = deadline - .milliseconds(searchMilliseconds)
    for _ in 0..<Limits.maxStripePages where ContinuousClock.now < end {
      let page: StripePage
      do { page = try await get("/v1/payment_intents", query, by: end).page() } catch
        where ContinuousClock.now >= end
      {
        return .tooLong
      }
      if let found = try page.payment(of: intent) { return .found(found) }
      guard page.hasMore else { return .nothing }
      guard let last = page.data.last?.id else {
        throw PaymentGatewayError.unknown(reason: "a page of a list without an end")
      }
      query = Array(query.prefix(3)) + [FormField("starting_after", last)]
    }
    return .tooLong
  }

  private func search(
    _ intent: PaymentIntentRecord, by deadline: ContinuousClock.Instant
  ) async throws -> Searched {
    let text = "metadata[\"\(Self.intentField)\"]:\"\(intent.id.text)\""
    let answer = try await get(
      "/v1/payment_intents/search", [FormField("query", text)], by: deadline)
    if answer.refusalCode != nil { return .refused(answer.failure) }
    return try answer.page().payment(of: intent).map { .found($0) } ?? .nothing
  }

  private func get(
    _ path: String, _ query: [FormField], by deadline: ContinuousClock.Instant
  ) async throws -> StripeAnswer {
    try await send("\(path)?\(Form(query).text)", .get, [], deadline)
  }
}

extension StripeAnswer {
  fileprivate func page() throws(PaymentGatewayError) -> StripePage {
    guard isSuccess else { throw failure }
    return try decoded(StripePage.self)
  }
}

extension StripePage {
  fileprivate func payment(
    of intent: PaymentIntentRecord
  ) throws(PaymentGatewayError) -> StripePaymentIntent? {
    guard let found = data.first(where: { $0.packdIntent == intent.id.text }) else { return nil }
    guard let payment = found.payment else {
      throw .unknown(reason: "a payment that is not Stripe's")
    }
    return payment
  }
}
