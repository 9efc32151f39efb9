internal import API
internal import Curl
internal import FoundationEssentials
internal import Storage

/// Charges with Stripe's PaymentIntents, or with what speaks as they do.
///
/// A card becomes a payment method first, by a request of its own: until that has an answer
/// nothing was charged, whatever became of it, and the card's data stands in no request that
/// charges. Stripe takes raw card data from those accounts only that it allowed to send them. A
/// PayPal approval token is the id of a payment method.
///
/// A call to it waits until it may begin, so many being under way, and does not begin when too much
/// of its time is over by then: what waits has sent nothing.
///
/// Every request that changes something has an idempotency key made of the intent's id, which
/// Stripe keeps for a day at least; none is sent twice by itself.
struct StripeGateway: PaymentGateway {
  private static let apiVersion = "2024-06-20"
  /// How a PaymentIntent names ours.
  static let intentField = "packd_intent"

  private let url: String
  private let key: StripeKey
  private let charges: TaskGate
  private let lookups: TaskGate
  let timeoutMilliseconds: Int
  /// The part of it that a lookup keeps for its search, whatever its list takes.
  let searchMilliseconds: Int
  /// The part of it in which a call must get its turn; a lookup, whose list ends when its search
  /// begins, in half of that.
  private let turnMilliseconds: Int
  /// The part of it that a request which charges must have.
  private let chargeMilliseconds: Int
  let now: Now

  var settlingSeconds: Int64 { Limits.stripeArrivalSeconds }

  /// `searchMilliseconds` and `turnMilliseconds` are half of the time unless said, and
  /// `chargeMilliseconds` a quarter.
  init(
    url: String, key: StripeKey, timeoutSeconds: Int64, searchMilliseconds: Int? = nil,
    turnMilliseconds: Int? = nil, chargeMilliseconds: Int? = nil,
    maxCharges: Int = Limits.maxCharges,
    maxLookups: Int = Limits.maxLookups,
    now: @escaping Now = Instant.now
  ) {
    self.url = url
    self.key = key
    charges = TaskGate(limit: maxCharges)
    lookups = TaskGate(limit: maxLookups)
    self.now = now
    timeoutMilliseconds = Int(clamping: max(1, timeoutSeconds)) * 1000
    self.searchMilliseconds = searchMilliseconds ?? timeoutMilliseconds / 2
    self.turnMilliseconds = turnMilliseconds ?? timeoutMilliseconds / 2
    self.chargeMilliseconds = chargeMilliseconds ?? timeoutMilliseconds / 4
  }

  func charge(_ charge: Charge) async throws -> ChargeOutcome {
    try await asking(among: charges, for: turnMilliseconds) { try await pay(charge, by: $0) }
  }

  func lookup(_ intent: PaymentIntentRecord) async throws -> ChargeLookup {
    try await asking(among: lookups, for: turnMilliseconds / 2) { deadline in
      guard let found = try await find(intent, by: deadline) else { return .notFound }
      return try await outcome(of: found, by: deadline).map { .found($0) } ?? .pending
    }
  }

  func refund(
    _ intent: PaymentIntentRecord, transactionID: String
  ) async throws -> RefundOutcome {
    guard let id = StripePaymentIntent.id(ofTransaction: transactionID) else {
      throw PaymentGatewayError.notDone(reason: "not a transaction of Stripe's")
    }
    return try await asking(among: lookups, for: turnMilliseconds) {
      try await giveBack(intent, id, by: $0)
    }
  }

  /// Runs `body` with the time that it has to its end, once there is room among the calls of its
  /// kind. Its time begins before that. Whose turn comes later than `turnMilliseconds`, or who is
  /// cancelled before, is told that nothing was done: what begins with little time left would be
  /// cut off while it charges.
  private func asking<Result>(
    among calls: TaskGate, for turnMilliseconds: Int,
    _ body: (ContinuousClock.Instant) async throws -> Result
  ) async throws -> Result {
    let start = ContinuousClock.now
    let deadline = start + .milliseconds(timeoutMilliseconds)
    var isBegun = false
    do {
      return try await calls.run {
        guard ContinuousClock.now < start + .milliseconds(turnMilliseconds) else {
          throw CancellationError()
        }
        isBegun = true
        return try await body(deadline)
      }
    } catch is CancellationError where !isBegun {
      throw PaymentGatewayError.notDone(reason: "too many payments were under way")
    }
  }

  // MARK: Charges and refunds

  private func pay(
    _ charge: Charge, by deadline: ContinuousClock.Instant
  ) async throws -> ChargeOutcome {
    guard let amount = charge.amount.stripeCount else {
      return .refused(code: "amount_not_chargeable")
    }
    let method: Secret
    let type: String
    switch charge.instrument {
    case .payPal(let token): (method, type) = (token, "paypal")
    case .card(let card):
      switch try await paymentMethod(of: card, for: charge.intentID, by: deadline) {
      case .id(let id): (method, type) = (Secret(id), "card")
      case .ended(let outcome): return outcome
      }
    }
    guard ContinuousClock.now + .milliseconds(chargeMilliseconds) <= deadline else {
      throw PaymentGatewayError.notDone(reason: "too little time was left to charge")
    }
    let form = Form()
    form.add("amount", "\(amount)")
    form.add("currency", charge.amount.currencyCode.lowercased())
    form.add("payment_method", method)
    form.add("payment_method_types[]", type)
    form.add("confirm", "true")
    // Nobody is there to answer a bank's questions.
    form.add("error_on_requires_action", "true")
    form.add("description", charge.description)
    form.add("metadata[\(Self.intentField)]", charge.intentID.text)
    let answer = try await post("/v1/payment_intents", form, key: charge.intentID.text, deadline)
    if answer.isSuccess {
      let intent = try answer.decoded(StripePaymentIntent.self)
      guard let outcome = try await outcome(of: intent, by: deadline) else {
        throw PaymentGatewayError.unknown(reason: "the payment is being processed")
      }
      return outcome
    }
    return try answer.ending(of: charge.instrument)
  }

  private func giveBack(
    _ intent: PaymentIntentRecord, _ id: String, by deadline: ContinuousClock.Instant
  ) async throws -> RefundOutcome {
    // Stripe answers a key as it did before, a failure as well, so that the next try needs another;
    // while nobody knows what came of one, it needs the same.
    let attempt = intent.refundFailures > 0 ? "-\(intent.refundFailures)" : ""
    let answer = try await post(
      "/v1/refunds", Form([FormField("payment_intent", id)]),
      key: "\(intent.id.text)-refund\(attempt)", deadline)
    if answer.error?.code == "charge_already_refunded" { return .done }
    guard answer.isSuccess else {
      let failure = answer.failure
      // What was said before it was tried is not kept, and tells nothing of an earlier try.
      guard case .notDone(let reason) = failure, answer.error != nil, answer.status != 429 else {
        throw failure
      }
      return .failed(reason: reason)
    }
    switch try answer.decoded(StripeRefund.self).status {
    // One that is under way is Stripe's to bring to its end.
    case "succeeded", "pending", "requires_action": return .done
    case "failed", "canceled": return .failed(reason: "the refund failed")
    default: throw PaymentGatewayError.unknown(reason: "a refund in a state of its own")
    }
  }

  // MARK: Payment methods

  private enum CardMethod {
    case id(String)
    case ended(ChargeOutcome)
  }

  private func paymentMethod(
    of card: PaymentInstrument.Card, for id: ULID, by deadline: ContinuousClock.Instant
  ) async throws -> CardMethod {
    let form = Form()
    form.add("type", "card")
    form.add("card[number]", card.number)
    form.add("card[exp_month]", "\(card.expiryMonth)")
    form.add("card[exp_year]", "\(card.expiryYear)")
    form.add("card[cvc]", card.cvv)
    if !card.holderName.isEmpty { form.add("billing_details[name]", card.holderName) }
    do {
      let answer = try await post("/v1/payment_methods", form, key: "\(id.text)-method", deadline)
      if answer.isSuccess {
        return .id(try answer.decoded(StripePaymentMethod.self).id)
      }
      return .ended(try answer.ending(of: .card(card)))
    } catch PaymentGatewayError.unknown(let reason) {
      // A payment method that nobody charges costs nobody anything.
      throw PaymentGatewayError.notDone(reason: reason)
    }
  }

  // MARK: Outcomes

  /// nil while it has none.
  private func outcome(
    of intent: StripePaymentIntent, by deadline: ContinuousClock.Instant
  ) async throws -> ChargeOutcome? {
    switch intent.status {
    case "succeeded":
      guard let id = intent.transactionID else {
        throw PaymentGatewayError.unknown(reason: "an id that is not Stripe's")
      }
      return .succeeded(transactionID: id)
    case "canceled": return .declined(code: intent.declineCode ?? "canceled")
    case "requires_payment_method" where intent.hasFailed:
      return .declined(code: intent.declineCode ?? "card_declined")
    case "requires_payment_method", "requires_action", "requires_confirmation", "requires_capture":
      // It waits for somebody who is not there. As long as it does, it could still be paid.
      return try await cancel(intent, by: deadline)
    default: return nil
    }
  }

  private func cancel(
    _ intent: StripePaymentIntent, by deadline: ContinuousClock.Instant
  ) async throws -> ChargeOutcome? {
    guard let id = intent.checkedID else {
      throw PaymentGatewayError.unknown(reason: "an id that is not Stripe's")
    }
    do {
      let answer = try await post(
        "/v1/payment_intents/\(id)/cancel", Form(), key: "\(id)-cancel", deadline)
      guard answer.isSuccess else { throw answer.failure }
      return .declined(code: intent.declineCode ?? "authentication_required")
    } catch let error as PaymentGatewayError {
      // The payment is there, and may come to its end yet.
      throw PaymentGatewayError.unknown(reason: error.reason)
    }
  }

  // MARK: Requests

  private func post(
    _ path: String, _ form: Form, key: String, _ deadline: ContinuousClock.Instant
  ) async throws -> StripeAnswer {
    try await send(path, .post(form), [HTTPHeader("Idempotency-Key", key)], deadline)
  }

  func send(
    _ path: String, _ method: HTTPRequest.Method, _ headers: [HTTPHeader],
    _ deadline: ContinuousClock.Instant
  ) async throws -> StripeAnswer {
    // Rounded up, so that who is out of time finds that the deadline has passed. 0 would be no
    // timeout at all.
    let left = (ContinuousClock.now.duration(to: deadline) / .milliseconds(1)).rounded(.up)
    guard left >= 1 else { throw PaymentGatewayError.notDone(reason: "no time was left") }
    let request = HTTPRequest(
      url: url + path, method: method,
      headers: headers + [HTTPHeader("Stripe-Version", Self.apiVersion)],
      authorization: .bearer(token: key.text),
      timeouts: Timeouts(connectMilliseconds: Int(left), totalMilliseconds: Int(left)),
      maxResponseBytes: Limits.maxStripeAnswerBytes)
    do throws(TransferError) {
      return StripeAnswer(try await Transfers.send(request))
    } catch {
      switch error.progress {
      case .notSent: throw PaymentGatewayError.notDone(reason: error.reason)
      case .maybeSent: throw PaymentGatewayError.unknown(reason: error.reason)
      }
    }
  }
}

extension Form {
  fileprivate func add(_ name: String, _ value: Secret) {
    value.withBytes { add(name, $0) }
  }
}
