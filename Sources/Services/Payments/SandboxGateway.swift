internal import API
internal import Storage

/// Charges nobody: for development and tests. What it did is durable, and what it does is told by
/// the card's number or the approval token alone: docs/payments.md has the table.
struct SandboxGateway: PaymentGateway {
  let store: any Store
  let now: Now

  /// No charge is on its way to it: it is in the process that charges.
  var settlingSeconds: Int64 { Limits.sandboxDelaySeconds }

  func charge(_ charge: Charge) async throws -> ChargeOutcome {
    let behavior = SandboxBehavior(of: charge.instrument)
    switch behavior {
    case .unreachable: throw PaymentGatewayError.notDone(reason: "sandbox: not reached")
    case .refuses(let code): return .refused(code: code)
    case .timeout: throw PaymentGatewayError.unknown(reason: "sandbox: no answer, not charged")
    case .succeeds, .declines, .losesAnswer, .isLate: break
    }
    let made = try await record(behavior, of: charge)
    switch behavior {
    case .losesAnswer: throw PaymentGatewayError.unknown(reason: "sandbox: answer lost")
    case .isLate: throw PaymentGatewayError.unknown(reason: "sandbox: no answer yet")
    case .succeeds, .declines, .refuses, .timeout, .unreachable: return made.result
    }
  }

  func lookup(_ intent: PaymentIntentRecord) async throws -> ChargeLookup {
    let id = intent.id
    let charge = try await asking { try await store.read { try $0.sandboxCharge(id) } }
    guard let charge, charge.visibleTime <= now() else { return .notFound }
    return .found(charge.result)
  }

  func refund(
    _ intent: PaymentIntentRecord, transactionID: String
  ) async throws -> RefundOutcome {
    let id = intent.id
    try await asking {
      try await store.write { transaction in
        guard var charge = try transaction.sandboxCharge(id), charge.outcome == .succeeded else {
          return
        }
        charge.outcome = .refunded
        try transaction.put(charge)
      }
    }
    return .done
  }

  /// What came of the intent, which is decided once.
  private func record(
    _ behavior: SandboxBehavior, of charge: Charge
  ) async throws -> SandboxChargeRecord {
    let time = now()
    let (id, amount) = (charge.intentID, charge.amount.money)
    return try await asking {
      try await store.write { transaction in
        if let made = try transaction.sandboxCharge(id) { return made }
        var record = SandboxChargeRecord(
          intentID: id, outcome: .succeeded, amount: amount, transactionID: "tr_\(id.text)",
          declineCode: "", visibleTime: time)
        switch behavior {
        case .declines(let code):
          record.outcome = .declined
          record.transactionID = ""
          record.declineCode = code
        case .isLate: record.visibleTime = time.adding(seconds: Limits.sandboxDelaySeconds)
        case .succeeds, .refuses, .losesAnswer, .timeout, .unreachable: break
        }
        try transaction.put(record)
        return record
      }
    }
  }

  /// A gateway knows nothing of our store's errors.
  private func asking<Result>(_ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let error as StorageError {
      throw PaymentGatewayError.unknown(reason: "sandbox: \(String(reflecting: error))")
    }
  }
}

extension SandboxChargeRecord {
  /// A charge that was given back has succeeded before.
  fileprivate var result: ChargeOutcome {
    switch outcome {
    case .succeeded, .refunded: .succeeded(transactionID: transactionID)
    case .declined: .declined(code: declineCode)
    }
  }
}

/// What the sandbox does with a charge.
enum SandboxBehavior: Equatable, Sendable {
  case succeeds
  case declines(code: String)
  /// As what it never charges.
  case refuses(code: String)
  /// Nothing is charged, and whoever asked does not get to know it.
  case timeout
  /// Charged, and the answer lost.
  case losesAnswer
  /// The same, and not found either for ``Limits/sandboxDelaySeconds``.
  case isLate
  /// Surely not charged.
  case unreachable

  init(of instrument: PaymentInstrument) {
    self =
      switch instrument {
      case .card(let card): Self.known(card.number, in: Self.cards)
      case .payPal(let token): Self.known(token, in: Self.tokens)
      }
  }

  /// Without a `String` of the secret.
  private static func known(
    _ secret: Secret, in table: [String: SandboxBehavior]
  ) -> SandboxBehavior {
    secret.withBytes { bytes in
      table.first { $0.key.utf8.elementsEqual(bytes) }?.value
    } ?? .succeeds
  }

  /// The numbers for declines are Stripe's (docs.stripe.com/testing); those of 4000 0099 are not.
  static let cards: [String: SandboxBehavior] = [
    "4000000000000002": .declines(code: "generic_decline"),
    "4000000000009995": .declines(code: "insufficient_funds"),
    "4000000000009987": .declines(code: "lost_card"),
    "4000000000009979": .declines(code: "stolen_card"),
    "4000000000000069": .declines(code: "expired_card"),
    "4000000000000127": .declines(code: "incorrect_cvc"),
    "4000000000000119": .declines(code: "processing_error"),
    "4000000000006975": .declines(code: "card_velocity_exceeded"),
    "4100000000000019": .declines(code: "fraudulent"),
    "4000009900000012": .timeout,
    "4000009900000020": .losesAnswer,
    "4000009900000038": .isLate,
    "4000009900000046": .unreachable,
    "4000009900000053": .refuses(code: "amount_too_small"),
  ]

  static let tokens: [String: SandboxBehavior] = [
    "sandbox-approved": .succeeds,
    "sandbox-declined": .declines(code: "generic_decline"),
    "sandbox-insufficient-funds": .declines(code: "insufficient_funds"),
    "sandbox-timeout": .timeout,
    "sandbox-lost": .losesAnswer,
    "sandbox-late": .isLate,
    "sandbox-unreachable": .unreachable,
    "sandbox-refused": .refuses(code: "amount_too_small"),
  ]
}
