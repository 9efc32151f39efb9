internal import GRPC
internal import Logging
internal import Storage

extension Payments {
  enum Settled: Sendable {
    /// With the response.
    case granted([UInt8])
    /// Nothing was charged, and nothing will be.
    case turnedDown(PaymentRefusal)
    /// What was paid for cannot be given any more.
    case toGiveBack(PaymentIntentRecord)
    /// Somebody else has brought it to its end.
    case closed

    /// For the log.
    var name: String {
      switch self {
      case .granted: "succeeded"
      case .turnedDown(.declined): "declined"
      case .turnedDown: "refused"
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
    case .turnedDown(.declined): note(.declined)
    case .turnedDown(.refused(let code)):
      note(.refused)
      // Neither the buyer nor time changes that: somebody has to look at price and account.
      logger.error(
        "payment refused for good", metadata: ["intent": "\(id.text)", "code": "\(code)"])
    case .turnedDown, .toGiveBack, .closed: break
    }
    return settled
  }

  private func settle(
    _ id: ULID, _ outcome: ChargeOutcome, in transaction: any WriteTransaction
  ) throws -> Settled {
    guard var intent = try transaction.paymentIntent(id) else {
      throw StorageError.paymentIntentMissing
    }
    if intent.state == .void {
      return try settleGivenUp(intent, outcome, in: transaction)
    }
    guard intent.state.isOpen, intent.transactionID.isEmpty else {
      return try alreadyEnded(intent, in: transaction)
    }
    let time = now()
    switch outcome {
    case .succeeded(let transactionID):
      intent.transactionID = transactionID
      let grant = Grant(intent, transactionID: transactionID)
      guard try grant.isApplicable(at: time, in: transaction) else {
        return .toGiveBack(try noteRefundOwed(intent, in: transaction))
      }
      let response = try grant.write(at: time, settings, ids, in: transaction)
      intent.state = .succeeded
      intent.nextCheckTime = nil
      try markUnheard(&intent, at: time, in: transaction)
      try transaction.update(intent)
      return .granted(response)
    case .declined(let code):
      return try turnDown(&intent, as: .declined, code: code, at: time, in: transaction)
    case .refused(let code):
      return try turnDown(&intent, as: .refused, code: code, at: time, in: transaction)
    }
  }

  private func turnDown(
    _ intent: inout PaymentIntentRecord, as state: PaymentIntentRecord.State, code: String,
    at time: Instant, in transaction: any WriteTransaction
  ) throws -> Settled {
    let before = intent.state
    intent.state = state
    intent.declineCode = code
    intent.nextCheckTime = nil
    try transaction.update(intent)
    try intent.audit(after: before, at: time, in: transaction)
    let refusal = intent.refusal
    let status = StatusMapping(logger: logger, random: random).status(for: refusal)
    try intent.origin.keep(
      code: status.code.rawValue, message: status.message, details: status.details, at: time,
      in: transaction)
    return .turnedDown(refusal)
  }

  /// What the intent has come to, by another daemon on the same store.
  private func alreadyEnded(
    _ intent: PaymentIntentRecord, in transaction: any ReadTransaction
  ) throws -> Settled {
    switch intent.state {
    case .succeeded:
      let grant = Grant(intent, transactionID: intent.transactionID)
      return try grant.response(at: now(), in: transaction).map(Settled.granted) ?? .closed
    case .declined, .refused: return .turnedDown(intent.refusal)
    case .pending, .unknown, .void, .refundOwed: return .closed
    }
  }

  /// What was charged after it was given up is given back; else it is looked for no more.
  private func settleGivenUp(
    _ intent: PaymentIntentRecord, _ outcome: ChargeOutcome, in transaction: any WriteTransaction
  ) throws -> Settled {
    var intent = intent
    if case .succeeded(let transactionID) = outcome, intent.transactionID.isEmpty {
      intent.transactionID = transactionID
      return .toGiveBack(try noteRefundOwed(intent, in: transaction))
    }
    intent.nextCheckTime = nil
    try transaction.update(intent)
    return .closed
  }

  /// Its user can begin another payment: what is owed is between the gateway and the reconciler.
  private func noteRefundOwed(
    _ intent: PaymentIntentRecord, in transaction: any WriteTransaction
  ) throws -> PaymentIntentRecord {
    var intent = intent
    let before = intent.state
    intent.state = .refundOwed
    intent.nextCheckTime = nextCheckTime(after: 0)
    try transaction.update(intent)
    try intent.audit(after: before, at: now(), in: transaction)
    return intent
  }

  /// Refunds a charge that nothing was given for; where that fails, the reconciler goes on.
  func giveBack(_ intent: PaymentIntentRecord) async {
    do {
      let outcome = try await asking { [gateway] in
        try await gateway.refund(intent, transactionID: intent.transactionID)
      }
      switch outcome {
      case .done:
        logger.warning("payment given back", metadata: ["intent": "\(intent.id.text)"])
        await close(intent.id, as: .givenBack)
      case .failed(let reason):
        let error = PaymentGatewayError.notDone(reason: reason)
        log(.error, "payment not given back", intent.id, error)
        await noteRefundFailure(intent.id)
      }
    } catch {
      log(.error, "payment not given back", intent.id, error)
    }
  }

  /// Where this fails, the gateway is asked again as it was before, and says the same for a while.
  private func noteRefundFailure(_ id: ULID) async {
    do {
      try await uncancelled { [store] in
        try await store.write { transaction in
          guard var intent = try transaction.paymentIntent(id), intent.state.isUnresolved else {
            return
          }
          intent.refundFailures = intent.refundFailures == .max ? .max : intent.refundFailures + 1
          try transaction.update(intent)
        }
      }
    } catch {
      log(.error, "failure of a refund not noted", id, error)
    }
  }

  /// How an intent ends that nothing was given for.
  enum Ending {
    /// The gateway was not reached, or said that it did not charge.
    case notCharged
    /// The gateway never had it, as far as anybody knows: it is looked for now and then.
    case givenUp
    case givenBack

    fileprivate var event: PaymentEvent {
      switch self {
      case .notCharged: .unavailable
      case .givenUp: .void
      case .givenBack: .refunded
      }
    }
  }

  /// Ends an intent that nothing was given for. Where this fails, it stays as it is, and the
  /// reconciler comes to the same end.
  ///
  /// - Returns: whether it ended now.
  @discardableResult
  func close(_ id: ULID, as ending: Ending) async -> Bool {
    do {
      let isClosed = try await uncancelled { [store, now] in
        try await store.write { transaction in
          guard
            var intent = try transaction.paymentIntent(id),
            intent.state.isUnresolved,
            // What was found to be charged, by another daemon, is not to be forgotten.
            ending == .givenBack || intent.transactionID.isEmpty
          else { return false }
          let (time, before) = (now(), intent.state)
          intent.state = .void
          intent.nextCheckTime = ending == .givenUp ? Self.lateLook(for: intent, at: time) : nil
          try transaction.update(intent)
          try intent.audit(after: before, at: time, in: transaction)
          return true
        }
      }
      if isClosed { note(ending.event) }
      return isClosed
    } catch {
      log(.error, "payment not closed", id, error)
      return false
    }
  }
}

extension PaymentIntentRecord {
  /// What its user is told who was turned down.
  fileprivate var refusal: PaymentRefusal {
    state == .refused ? .refused(code: declineCode) : .declined(code: declineCode)
  }

  /// Tells of a payment that nothing was given for. One that something was given for is told of by
  /// its purchase.
  fileprivate func audit(
    after before: State, at time: Instant, in transaction: any WriteTransaction
  ) throws {
    try AuditChain.append(
      AuditChain.Entry(
        partition: .user(userID), actor: origin.actor, method: origin.method,
        resource: "payments/\(id.text)", beforeETag: Self.etag(of: id, before),
        afterETag: Self.etag(of: id, state), requestID: origin.requestID),
      at: time, in: transaction)
  }

  private static func etag(of id: ULID, _ state: State) -> String {
    ETag.text(ETag.mixed(id) ^ UInt64(state.rawValue))
  }
}
