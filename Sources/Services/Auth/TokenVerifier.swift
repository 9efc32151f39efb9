internal import API
internal import FoundationEssentials
internal import Storage

/// Turns a JSON Web Token (RFC 7519) into a principal, or refuses it without saying why.
struct TokenVerifier: Sendable {
  let keys: VerificationKeys
  /// What `iss` must be; nil does not ask.
  let issuer: String?
  /// What `aud` must be or contain; nil does not ask.
  let audience: String?

  /// - Parameter token: three base64url parts, at most ``Limits/maxTokenBytes``.
  /// - Throws: ``Refusal/unauthenticated``.
  func verify(_ token: [UInt8], at time: Instant) throws -> Principal {
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard
      token.count <= Limits.maxTokenBytes, parts.count == 3,
      let headerJSON = Base64URL.decode(parts[0]),
      let claimsJSON = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2]),
      let header = try? JSONDecoder().decode(Header.self, from: Data(headerJSON)),
      let algorithm = VerificationKeys.Algorithm(rawValue: header.alg),
      // No extension is understood here (RFC 7515 section 4.1.11).
      header.crit == nil,
      keys.verify(
        signature, signs: token[..<parts[1].endIndex], algorithm: algorithm, keyID: header.kid),
      let claims = try? JSONDecoder().decode(Claims.self, from: Data(claimsJSON)),
      issuer == nil || claims.issuer == issuer,
      audience.map(claims.audience.contains) ?? true
    else { throw Refusal.unauthenticated }
    let principal = claims.principal
    guard principal.isValid(at: time) else { throw Refusal.unauthenticated }
    return principal
  }

  private struct Header: Decodable {
    let alg: String
    let kid: String?
    let crit: [String]?
  }
}

/// The claims that packd reads.
private struct Claims: Decodable {
  let sub: String
  let account: String
  let roles: RoleSet
  let email: String
  let notBefore: Instant
  let expireTime: Instant
  let issuer: String?
  let audience: [String]

  var principal: Principal {
    Principal(
      sub: sub, account: account, roles: roles, email: email, notBefore: notBefore,
      expireTime: expireTime)
  }

  private enum Name: String, CodingKey {
    case sub, account, role, roles, email, exp, nbf, iss, aud
  }

  init(from decoder: any Decoder) throws {
    let claims = try decoder.container(keyedBy: Name.self)
    sub = try Claims.subject(claims)
    account = try claims.decodeIfPresent(String.self, forKey: .account) ?? Principal.defaultAccount
    // Names of other systems' roles may stand beside ours, and give nothing here.
    let named = try Claims.texts(claims, .role) + Claims.texts(claims, .roles)
    roles = named.compactMap { Role(rawValue: $0).map(RoleSet.init) }
      .reduce(into: []) { $0.formUnion($1) }
    // What is no address is no reason to keep anyone out.
    let address = try? claims.decodeIfPresent(String.self, forKey: .email)
    email = address.flatMap { MailAddress.isValid($0) ? $0 : nil } ?? ""
    expireTime = Claims.instant(try claims.decode(Double.self, forKey: .exp))
    notBefore = Claims.instant(try claims.decodeIfPresent(Double.self, forKey: .nbf) ?? -.infinity)
    issuer = try claims.decodeIfPresent(String.self, forKey: .iss)
    audience = try Claims.texts(claims, .aud)
    guard Authenticator.isIdentity(sub), Authenticator.isIdentity(account) else {
      throw Refusal.unauthenticated
    }
  }

  /// A string, or a whole number as its decimal text.
  private static func subject(_ claims: KeyedDecodingContainer<Name>) throws -> String {
    if let text = try? claims.decode(String.self, forKey: .sub) { return text }
    if let number = try? claims.decode(Int64.self, forKey: .sub) { return String(number) }
    return String(try claims.decode(UInt64.self, forKey: .sub))
  }

  /// A string or an array of strings; absent is empty.
  private static func texts(
    _ claims: KeyedDecodingContainer<Name>, _ name: Name
  ) throws -> [String] {
    guard claims.contains(name) else { return [] }
    if let text = try? claims.decode(String.self, forKey: name) { return [text] }
    return try claims.decode([String].self, forKey: name)
  }

  /// Seconds since 1970, perhaps a fraction; out of range is the nearest time in it.
  private static func instant(_ seconds: Double) -> Instant {
    Instant(
      nanosecondsSinceEpoch: Int64(exactly: (seconds * 1e9).rounded(.down))
        ?? (seconds < 0 ? .min : .max))
  }
}
