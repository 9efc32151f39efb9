internal import Curl
internal import FoundationEssentials

/// What Stripe said. Of its texts only codes are taken: its messages may quote what was sent.
struct StripeAnswer: Sendable {
  let status: Int
  /// nil for a success, or where the body is not Stripe's.
  let error: StripeError?
  private let body: WipedBuffer

  init(_ response: HTTPResponse) {
    status = response.status
    body = response.body
    error =
      (200...299).contains(response.status)
      ? nil
      : (try? Self.decode(StripeErrorBody.self, response.body))?.error
  }

  var isSuccess: Bool { (200...299).contains(status) }

  /// - Throws: ``PaymentGatewayError/unknown(reason:)``: what was asked for was done.
  func decoded<Value: Decodable>(_ type: Value.Type) throws(PaymentGatewayError) -> Value {
    do { return try Self.decode(type, body) } catch {
      throw .unknown(reason: "an answer that is not Stripe's")
    }
  }

  /// Where the bytes are: a copy would not be wiped, and Stripe repeats the holder's name.
  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ body: WipedBuffer
  ) throws -> Value {
    try body.withBytes { bytes in
      guard let start = bytes.baseAddress, bytes.count > 0 else {
        return try JSONDecoder().decode(type, from: Data())
      }
      let data = Data(
        bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count,
        deallocator: .none)
      return try JSONDecoder().decode(type, from: data)
    }
  }

  /// Why the buyer's means of payment was turned down; nil when it is about something else.
  func declineCode(ofMethod instrument: PaymentInstrument) -> String? {
    guard let error else { return nil }
    switch status {
    // Without a code it is no card's error, whatever its number says.
    case 402 where error.type != StripeError.invalidRequest || error.checkedCode != nil:
      return error.checkedDeclineCode ?? "card_declined"
    case 400, 404:
      if error.type == "card_error" || error.isAboutCard {
        return error.checkedDeclineCode ?? "card_declined"
      }
      // A payment method that is named in the request and is not there: the token is wrong.
      if case .payPal = instrument, status == 404 || error.code == "resource_missing" {
        return "resource_missing"
      }
      return nil
    default: return nil
    }
  }

  /// Why Stripe will not do what was asked for, however often: an amount that is too small, a
  /// currency or a method that the account has not. nil when it is about something else.
  var refusalCode: String? {
    guard let error, status == 400 || status == 402, error.type == StripeError.invalidRequest,
      !error.isAboutAccount, error.code != "lock_timeout"
    else { return nil }
    return error.checkedCode ?? StripeError.invalidRequest
  }

  /// What a request has come to that was to charge `instrument`, and has not.
  ///
  /// - Throws: ``failure``, unless it is final.
  func ending(of instrument: PaymentInstrument) throws(PaymentGatewayError) -> ChargeOutcome {
    if let code = declineCode(ofMethod: instrument) { return .declined(code: code) }
    if let code = refusalCode { return .refused(code: code) }
    throw failure
  }

  /// What an answer means that is neither a success nor a decline nor a refusal.
  var failure: PaymentGatewayError {
    let named = [error?.checkedType, error?.checkedCode].compactMap { $0 }.joined(separator: " ")
    let reason = "HTTP \(status)" + (named.isEmpty ? "" : ", \(named)")
    // The same key with other parameters: there was another request, and it may have been done.
    if error?.type == "idempotency_error" { return .unknown(reason: reason) }
    switch status {
    case 401, 403: return .notAllowed(reason: reason)
    case _ where error?.isAboutAccount == true: return .notAllowed(reason: reason)
    // 429 is said before anything is done, and so are those about the request itself.
    case 400, 402, 404, 405, 410, 413, 422, 429: return .notDone(reason: reason)
    // Among them 409: a request with this key is being worked on.
    default: return .unknown(reason: reason)
    }
  }
}

struct StripeError: Decodable, Sendable {
  static let invalidRequest = "invalid_request_error"

  let type: String?
  let code: String?
  let declineCode: String?

  private enum CodingKeys: String, CodingKey {
    case type
    case code
    case declineCode = "decline_code"
  }

  var checkedType: String? { type.flatMap(Self.checked) }
  var checkedCode: String? { code.flatMap(Self.checked) }

  /// As precise as there is one.
  var checkedDeclineCode: String? { declineCode.flatMap(Self.checked) ?? checkedCode }

  /// Codes of card data that are not even tried.
  var isAboutCard: Bool {
    guard let code else { return false }
    return ["incorrect_", "invalid_number", "invalid_cvc", "invalid_expiry"]
      .contains { code.hasPrefix($0) }
  }

  /// Codes of what is wrong with the key or the account, whatever is charged.
  var isAboutAccount: Bool {
    guard let code else { return false }
    return ["account_", "api_key_", "platform_", "secret_key_", "livemode_", "testmode_"]
      .contains { code.hasPrefix($0) }
  }

  /// nil for what does not look like a code: it goes into errors and records.
  private static func checked(_ code: String) -> String? {
    let isCode =
      (1...Limits.maxDeclineCodeBytes).contains(code.utf8.count)
      && code.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
        default: false
        }
      }
    return isCode ? code : nil
  }
}

private struct StripeErrorBody: Decodable {
  let error: StripeError
}

struct StripePaymentMethod: Decodable, Sendable {
  let id: String
}

struct StripePaymentIntent: Decodable, Sendable {
  let id: String
  let status: String
  private let lastPaymentError: StripeError?

  private enum CodingKeys: String, CodingKey {
    case id
    case status
    case lastPaymentError = "last_payment_error"
  }

  /// Whether a try to pay was turned down.
  var hasFailed: Bool { lastPaymentError != nil }

  var declineCode: String? { lastPaymentError?.checkedDeclineCode }

  /// nil for what is no id of a PaymentIntent: it goes into URLs and records.
  var checkedID: String? { Self.isID(id) ? id : nil }

  var transactionID: String? { checkedID.map { Self.transactionPrefix + $0 } }

  /// What ``transactionID`` was made of.
  static func id(ofTransaction text: String) -> String? {
    guard text.hasPrefix(transactionPrefix) else { return nil }
    let id = String(text.dropFirst(transactionPrefix.count))
    return isID(id) ? id : nil
  }

  private static let transactionPrefix = "tr_"

  fileprivate static func isID(_ text: String) -> Bool {
    text.hasPrefix("pi_") && text.utf8.count <= Limits.maxStripeIDBytes
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

struct StripeRefund: Decodable, Sendable {
  let status: String?
}

struct StripePage: Decodable, Sendable {
  let data: [StripeListedPayment]
  let hasMore: Bool

  private enum CodingKeys: String, CodingKey {
    case data
    case hasMore = "has_more"
  }
}

/// One of an account's payments, whoever asked for it. What is read of it is what is there:
/// another's payment that looks like none must not hide ours.
struct StripeListedPayment: Decodable, Sendable {
  /// nil for what is no id of a PaymentIntent.
  let id: String?
  /// Whose payment it is; nil where packd did not ask for it.
  let packdIntent: String?
  /// nil for another's, and for what cannot be read.
  let payment: StripePaymentIntent?

  private enum CodingKeys: String, CodingKey {
    case id
    case metadata
  }

  private enum MetadataKeys: String, CodingKey {
    // StripeGateway.intentField
    case packdIntent = "packd_intent"
  }

  init(from decoder: any Decoder) {
    let fields = try? decoder.container(keyedBy: CodingKeys.self)
    let metadata = try? fields?.nestedContainer(keyedBy: MetadataKeys.self, forKey: .metadata)
    let id = try? fields?.decode(String.self, forKey: .id)
    self.id = id.flatMap { StripePaymentIntent.isID($0) ? $0 : nil }
    packdIntent = try? metadata?.decode(String.self, forKey: .packdIntent)
    payment = packdIntent == nil ? nil : try? StripePaymentIntent(from: decoder)
  }
}
