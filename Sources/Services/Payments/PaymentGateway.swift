internal import API
internal import Storage

/// Who charges: the built-in sandbox, or a service elsewhere. It answers, or gives up, within the
/// settings' `gatewayTimeoutSeconds`, and soon after its task is cancelled: then it still says
/// whether what it was asked for may have been done.
protocol PaymentGateway: Sendable {
  /// How long after its time to answer a charge may still arrive, or be found that was not found
  /// before.
  var settlingSeconds: Int64 { get }

  /// Charges once, however often it is called with the same intent.
  ///
  /// - Throws: ``PaymentGatewayError``.
  func charge(_ charge: Charge) async throws -> ChargeOutcome
  /// What came of a charge, by its intent.
  ///
  /// - Throws: ``PaymentGatewayError``.
  func lookup(_ intent: PaymentIntentRecord) async throws -> ChargeLookup
  /// Gives back what was charged, once, however often it is called. What fails for sure is tried
  /// anew when the intent's `refundFailures` have grown; until then the gateway may say the same
  /// again.
  ///
  /// - Throws: ``PaymentGatewayError``.
  func refund(
    _ intent: PaymentIntentRecord, transactionID: String
  ) async throws -> RefundOutcome
}

/// What a gateway is asked to charge. Not for the log: it holds what pays.
struct Charge: Sendable {
  /// The idempotency key.
  let intentID: ULID
  let amount: MinorUnits
  let instrument: PaymentInstrument
  /// For the buyer's statement: the package's name.
  let description: String
}

/// What pays, checked. Held for the call only; a description of it tells nothing.
enum PaymentInstrument: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  case card(Card)
  case payPal(approvalToken: Secret)

  struct Card: Sendable, CustomStringConvertible, CustomReflectable {
    /// Digits alone.
    let number: Secret
    let lastFour: String
    let expiryMonth: Int
    let expiryYear: Int
    let cvv: Secret
    let holderName: Secret
    /// "visa"
    let brand: String
    var description: String { "Card" }
    var customMirror: Mirror { Mirror(self, children: []) }
  }

  var description: String { "PaymentInstrument" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}

enum ChargeOutcome: Equatable, Sendable {
  /// `transactionID` begins with "tr_".
  case succeeded(transactionID: String)
  /// By the buyer's means of payment, or by who stands behind it.
  case declined(code: String)
  /// The gateway charges nothing like it, whoever pays and however often it is asked.
  case refused(code: String)
}

enum ChargeLookup: Equatable, Sendable {
  case found(ChargeOutcome)
  /// The gateway has it, and has not come to an end with it.
  case pending
  /// The gateway never had it. A charge may still be on its way to it.
  case notFound
}

enum RefundOutcome: Equatable, Sendable {
  case done
  /// The gateway says that it did not give the money back.
  case failed(reason: String)
}

/// Why a gateway could not be asked. Texts are for the log; none of them holds what pays.
enum PaymentGatewayError: Error, Equatable {
  /// What was asked for was not done, and will not be: the gateway was not reached, or said so.
  case notDone(reason: String)
  /// The same, because the gateway does not take us for whom it works for: a key that is wrong or
  /// may too little, an account that is closed. An operator has to mend it.
  case notAllowed(reason: String)
  /// It may have been done.
  case unknown(reason: String)

  var isSurelyNotDone: Bool {
    switch self {
    case .notDone, .notAllowed: true
    case .unknown: false
    }
  }

  var reason: String {
    switch self {
    case .notDone(let reason), .notAllowed(let reason), .unknown(let reason): reason
    }
  }
}
