internal import Crypto
internal import Storage

/// What a purchase costs and gives, as it was told to a user.
struct Quote: Hashable, Sendable {
  var packageID: Int64
  /// Of the package, which sets the price.
  var packageRevision: Int64
  /// The user's current purchase, which is replaced; 0 without one.
  var currentPurchaseID: Int64
  var currentRevision: Int64
  /// Of both the package's currency.
  var price: Int64
  var credit: Int64
  var startTime: Instant
  var endTime: Instant
  /// From then on it cannot be used.
  var expireTime: Instant
}

/// Writes quotes into tokens, and reads no others than those that it wrote for the same user.
///
/// On the wire: base64url of a format byte, the signer's number, the quote's numbers, eight bytes
/// each and big-endian, and HMAC-SHA256 over all that and the user. Key and number live as long as
/// the process: quotes, which last for minutes, do not outlive it.
struct QuoteSigner: Sendable {
  /// What a token holds.
  enum Reading: Hashable, Sendable {
    case quote(Quote)
    /// It has the form of one that another process signed, and nobody can tell whether it did.
    case ofAnotherSigner
  }

  private let key = SymmetricKey(size: .bits256)
  private let number = Int64.random(in: .min ... .max)
  private static let format: UInt8 = 2
  private static let numbers = 10
  private static let payloadBytes = 1 + numbers * 8

  func token(for quote: Quote, of userID: String) -> String {
    let payload = [Self.format] + ([number] + quote.numbers).flatMap(Self.bytes)
    let code = HMAC<SHA256>.authenticationCode(for: payload + userID.utf8, using: key)
    return Base64URL.encode(payload + Array(code))
  }

  /// - Returns: nil when nobody gave this user such a token.
  func read(_ token: String, of userID: String) -> Reading? {
    let size = Self.payloadBytes + SHA256.byteCount
    guard
      token.utf8.count == (size * 8 + 5) / 6, let bytes = Base64URL.decode(token.utf8),
      bytes.count == size, bytes.first == Self.format
    else { return nil }
    let payload = bytes.prefix(Self.payloadBytes)
    let numbers = (0..<Self.numbers).map { index in
      payload.dropFirst(1 + index * 8).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
    guard numbers[0] == number else { return .ofAnotherSigner }
    let isOurs = HMAC<SHA256>.isValidAuthenticationCode(
      bytes.suffix(SHA256.byteCount), authenticating: payload + userID.utf8, using: key)
    return isOurs ? .quote(Quote(numbers: numbers.dropFirst())) : nil
  }

  private static func bytes(_ number: Int64) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}

extension Quote {
  fileprivate var numbers: [Int64] {
    [
      packageID, packageRevision, currentPurchaseID, currentRevision, price, credit,
      startTime.nanosecondsSinceEpoch, endTime.nanosecondsSinceEpoch,
      expireTime.nanosecondsSinceEpoch,
    ]
  }

  /// As ``numbers``, of which there are as many.
  fileprivate init(numbers: some Sequence<Int64>) {
    let numbers = Array(numbers)
    self.init(
      packageID: numbers[0], packageRevision: numbers[1], currentPurchaseID: numbers[2],
      currentRevision: numbers[3], price: numbers[4], credit: numbers[5],
      startTime: Instant(nanosecondsSinceEpoch: numbers[6]),
      endTime: Instant(nanosecondsSinceEpoch: numbers[7]),
      expireTime: Instant(nanosecondsSinceEpoch: numbers[8]))
  }
}
