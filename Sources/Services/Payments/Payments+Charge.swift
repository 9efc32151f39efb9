internal import API
internal import Logging
internal import Storage

extension Payments {
  /// Answers as before when the order was answered before; else charges what it costs, and
  /// gives what was paid for. Once begun, it goes on to its end whether or not the caller waits.
  func fulfil<Response: Message>(_ order: Order) async throws -> Answer<Response> {
    try Task.checkCancellation()
    if order.isDry || order.hasFaults { return try await rehearse(order) }
    return try await work.carryThrough { [self] in try await carryOut(order) }
  }

  private func carryOut<Response: Message>(_ order: Order) async throws -> Answer<Response> {
    let id = ids.next(at: now())
    // The reconciler leaves it alone, however long the store and the gateway take.
    _ = inHand.take(id)
    defer { inHand.release(id) }
    let beginning: Beginning
    do {
      beginning = try await lookingOnce { try await begin(order, id) }
    } catch let renewal as UnheardRenewal {
      throw FollowedError(error: renewal.refusal) { [self] in noteTold(of: renewal) }
    }
    switch beginning {
    case .replayed(let record): return try Answer(replaying: record)
    case .done(let response):
      outbox?.wake()
      return Answer(encoded: response, isReplay: false)
    case .toCharge(let charge, let intent):
      let response = try await pay(charge, intent)
      guard intent.isUnnamedRenewal else { return Answer(encoded: response, isReplay: false) }
      return Answer(encoded: response, isReplay: false) { [self] in noteHeard(of: id) }
    }
  }

  /// Runs `body`; where it meets a payment of the caller's whose outcome may be known by now, asks
  /// for that and runs it once more.
  func lookingOnce<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let open as OpenPayment {
      guard isWorthResolving(open.intent) else { throw open.refusal }
      // A caller that goes stops no refund.
      try await work.carryThrough { [self] in await resolve(open.intent.id, isDue: false) }
      do { return try await body() } catch let open as OpenPayment { throw open.refusal }
    }
  }

  /// Runs all checks and writes nothing.
  private func rehearse<Response: Message>(_ order: Order) async throws -> Answer<Response> {
    do {
      return try await lookingOnce {
        try await store.read { [self] transaction in
          if let record = try order.replay?.find(in: transaction) {
            return try Answer(replaying: record)
          }
          let time = now()
          let (terms, amount) = try decide(order, at: time, in: transaction)
          let grant = Grant(order, terms, amount.money, isPaid: amount.count > 0)
          return Answer(encoded: try grant.preview(at: time, in: transaction), isReplay: false)
        }
      }
    } catch let renewal as UnheardRenewal {
      throw renewal.refusal
    }
  }

  private enum Beginning: Sendable {
    case replayed(ReplayRecord)
    /// With nothing to pay.
    case done([UInt8])
    case toCharge(Charge, PaymentIntentRecord)
  }

  /// The first transaction: from then on the user has an open payment, and no other can begin.
  private func begin(_ order: Order, _ id: ULID) async throws -> Beginning {
    try await store.write { [self] transaction in
      if let record = try order.replay?.find(in: transaction) { return .replayed(record) }
      // Of transactions, each has a later time than the one before.
      let time = now()
      let (terms, amount) = try decide(order, at: time, in: transaction)
      guard amount.count > 0, let instrument = order.payment.instrument else {
        let grant = Grant(order, terms, amount.money)
        return .done(try grant.write(at: time, settings, ids, in: transaction))
      }
      let grace = settings.gatewayTimeoutSeconds + Limits.paymentGraceSeconds
      let intent = PaymentIntentRecord(
        id: id, userID: order.userID, email: order.principal.email, state: .pending,
        amount: amount.money, method: instrument.method, cardBrand: instrument.brand,
        cardLastFour: instrument.lastFour, terms: terms, origin: order.origin,
        transactionID: "", declineCode: "", createTime: time, checkCount: 0, lastCheckTime: nil,
        nextCheckTime: time.adding(seconds: grace), gateway: settings.gateway.name)
      try transaction.insert(intent)
      let charge = Charge(
        intentID: id, amount: amount, instrument: instrument, description: terms.packageName)
      return .toCharge(charge, intent)
    }
  }

  /// What the user gets, and what is to be paid for it now.
  private func decide(
    _ order: Order, at time: Instant, in transaction: any ReadTransaction
  ) throws -> (PaymentIntentRecord.Terms, MinorUnits) {
    let open = try transaction.openPaymentIntent(of: order.userID)
    // A retry is told of its first try, whatever has become wrong with it since: a quote ends with
    // the daemon that gave it.
    if let open, let replay = order.replay, replay.key == open.replayKey {
      throw OpenPayment(open, asking: order.packageID, replay)
    }
    if order.hasFaults { try order.check(paying: mayPay(for: order, at: time, in: transaction)) }
    if let open { throw OpenPayment(open, asking: order.packageID, order.replay) }
    let terms = try order.decide(transaction, time)
    try checkIsHeard(terms.renewedPurchaseID, at: time, in: transaction)
    let amount = try self.amount(of: terms)
    try order.check(paying: amount)
    return (terms, amount)
  }

  /// What a faulty order that names no payment would have to pay; nil where that cannot be told.
  private func mayPay(
    for order: Order, at time: Instant, in transaction: any ReadTransaction
  ) throws -> MinorUnits? {
    guard order.payment.isMissing else { return nil }
    do {
      return try amount(of: order.decide(transaction, time))
    } catch is SellerPackageRefusal {
      return nil
    }
  }

  private func amount(of terms: PaymentIntentRecord.Terms) throws -> MinorUnits {
    guard
      let price = MinorUnits(terms.price), let credit = MinorUnits(terms.credit),
      (0...price.count).contains(credit.count)
    else { throw Pricing.Unpayable() }
    return MinorUnits(currencyCode: price.currencyCode, count: price.count - credit.count)
  }

  /// Charges, and settles what comes of it; returns the response.
  private func pay(_ charge: Charge, _ intent: PaymentIntentRecord) async throws -> [UInt8] {
    let outcome: ChargeOutcome
    do {
      outcome = try await asking { [gateway] in try await gateway.charge(charge) }
    } catch let error as PaymentGatewayError where error.isSurelyNotDone {
      log(Self.level(of: error), "payment not made", intent.id, error)
      await close(intent.id, as: .notCharged)
      throw PaymentRefusal.gatewayUnavailable
    } catch {
      log(.warning, "payment unresolved", intent.id, error)
      note(.unresolved)
      await noteUnknown(intent.id)
      throw intent.unresolved
    }
    let settled: Settled
    do {
      settled = try await uncancelled { [self] in
        try await settlePatiently(intent.id, outcome)
      }
    } catch {
      // The money may have been taken: the reconciler goes on from here.
      log(.error, "payment not settled", intent.id, error)
      throw intent.unresolved
    }
    switch settled {
    case .granted(let response): return response
    case .turnedDown(let refusal): throw refusal
    case .toGiveBack(let intent):
      await giveBack(intent)
      throw PaymentRefusal.returned
    case .closed:
      throw intent.unresolved
    }
  }

  /// Tries again what a store does not take that has too much to do.
  private func settlePatiently(_ id: ULID, _ outcome: ChargeOutcome) async throws -> Settled {
    var attempt: Int64 = 1
    while true {
      do {
        return try await settle(id, outcome)
      } catch let error as StorageError {
        guard
          error == .conflict || error == .overloaded, attempt < Limits.maxSettlementAttempts
        else { throw error }
      }
      try await Task.sleep(for: .milliseconds(Limits.settlementPauseMilliseconds << attempt))
      attempt += 1
    }
  }

  /// Has the reconciler ask soon. Where this fails, the intent's own time comes later.
  private func noteUnknown(_ id: ULID) async {
    do {
      try await uncancelled { [self] in
        try await store.write { [self] transaction in
          guard var intent = try transaction.paymentIntent(id), intent.state == .pending else {
            return
          }
          intent.state = .unknown
          intent.nextCheckTime = nextCheckTime(after: 0)
          try transaction.update(intent)
        }
      }
    } catch {
      log(.error, "payment not noted as unresolved", id, error)
    }
  }
}

extension PaymentIntentRecord {
  /// What its caller is told whose answer was lost.
  fileprivate var unresolved: PaymentRefusal {
    .unresolved(intentID: id.text, mayRetry: !isUnnamedRenewal)
  }
}
