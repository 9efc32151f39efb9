internal import GRPC
internal import Logging
internal import Storage

extension Payments {
  enum Settled: Sendable {
    /// With the response.
    case granted([UInt8])
    case declined(code: String)
    /// What was paid for cannot be given any more.
    case toGiveBack(PaymentIntentRecord)
    /// Somebody else has brought it to its end.
    case closed

    /// For the log.
    var name: String {
      switch self {
      case .granted: "succeeded"
      case .declined: "declined"
      case .toGiveBack: "to be given back"
      case .closed: "closed before"
      }
    }
  }

  /// The second transaction, of a live call and of the reconciler alike: what the gateway said,
  /// and all that follows from it.
  func settle(_ id: ULID, _ outcome: ChargeOutcome) async throws -> Settled {
    let settled = try await store.write { [self] in try settle(id, outcome, in: $0) }
    switch settled {
    case .granted:
      note(.succeeded)
      outbox?.wake()
    case .declined: note(.declined)
    case .toGiveBack, .closed: break
    }
    return settled
  }

  private func settle(
    _ id: ULID, _ outcome: ChargeOutcome, in transaction: any WriteTransaction
  ) throws -> Settled {
    guard var intent = try transaction.paymentIntent(id) else {
      throw StorageError.paymentIntentMissing
    }
    guard intent.state.isOpen, intent.transactionID.isEmpty else {
      return try closed(intent, outcome, in: transaction)
    }
    let time = now()
    switch outcome {
    case .succeeded(let transactionID):
      intent.transactionID = transactionID
      let grant = Grant(intent, transactionID: transactionID)
      guard try grant.isApplicable(at: time, in: transaction) else {
        try noteUngranted(&intent, in: transaction)
        return .toGiveBack(intent)
      }
      let response = try grant.write(at: time, settings, ids, in: transaction)
      intent.state = .succeeded
      intent.nextCheckTime = nil
      try transaction.update(intent)
      return .granted(response)
    case .declined(let code):
      intent.state = .declined
      intent.declineCode = code
      intent.nextCheckTime = nil
      try transaction.update(intent)
      try intent.audit(at: time, in: transaction)
      let status = StatusMapping(logger: logger, random: random)
        .status(for: SellerPackageRefusal.declined(code: code))
      try intent.origin.keep(
        code: status.code.rawValue, message: status.message, details: status.details, at: time,
        in: transaction)
      return .declined(code: code)
    }
  }

  /// What another daemon on the same store has come to meanwhile.
  private func closed(
    _ intent: PaymentIntentRecord, _ outcome: ChargeOutcome, in transaction: any WriteTransaction
  ) throws -> Settled {
    switch (intent.state, outcome) {
    case (.succeeded, _):
      let grant = Grant(intent, transactionID: intent.transactionID)
      return try grant.response(at: now(), in: transaction).map(Settled.granted) ?? .closed
    case (.declined, _): return .declined(code: intent.declineCode)
    case (.void, .succeeded(let transactionID)) where intent.transactionID.isEmpty:
      // Given up too early, by a clock that was wrong.
      var intent = intent
      intent.transactionID = transactionID
      if try transaction.openPaymentIntent(of: intent.userID) == nil {
        try noteUngranted(&intent, in: transaction)
      }
      return .toGiveBack(intent)
    case (.void, _), (.pending, _), (.unknown, _): return .closed
    }
  }

  /// An open intent that has a transaction is one to give back.
  private func noteUngranted(
    _ intent: inout PaymentIntentRecord, in transaction: any WriteTransaction
  ) throws {
    intent.state = .unknown
    intent.nextCheckTime = nextCheckTime(after: 0)
    try transaction.update(intent)
  }

  /// Refunds a charge that nothing was given for; where that fails, the reconciler goes on.
  func giveBack(_ intent: PaymentIntentRecord) async {
    do {
      try await asking { [gateway] in
        try await gateway.refund(intent, transactionID: intent.transactionID)
      }
      logger.warning("payment given back", metadata: ["intent": "\(intent.id.text)"])
    } catch {
      log(.error, "payment not given back", intent.id, error)
      return
    }
    await close(intent.id, as: .void, because: .refunded)
  }

  /// Ends an intent that nothing was given for. Where this fails, it stays open, and the reconciler
  /// comes to the same end.
  func close(
    _ id: ULID, as state: PaymentIntentRecord.State, because event: PaymentEvent
  ) async {
    do {
      try await store.write { [now] transaction in
        guard var intent = try transaction.paymentIntent(id), intent.state.isOpen else { return }
        intent.state = state
        intent.nextCheckTime = nil
        try transaction.update(intent)
        try intent.audit(at: now(), in: transaction)
      }
      note(event)
    } catch {
      log(.error, "payment not closed", id, error)
    }
  }
}

extension PaymentIntentRecord {
  /// Tells of a payment that nothing was given for. One that something was given for is told of by
  /// its purchase.
  fileprivate func audit(at time: Instant, in transaction: any WriteTransaction) throws {
    try AuditChain.append(
      AuditChain.Entry(
        partition: .user(userID), actor: origin.actor, method: origin.method,
        resource: "payments/\(id.text)", beforeETag: Self.etag(of: id, .pending),
        afterETag: Self.etag(of: id, state), requestID: origin.requestID),
      at: time, in: transaction)
  }

  private static func etag(of id: ULID, _ state: State) -> String {
    ETag.text(ETag.mixed(id) ^ UInt64(state.rawValue))
  }
}
