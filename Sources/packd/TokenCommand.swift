internal import API
internal import ArgumentParser
internal import Foundation
internal import JWTKit
internal import Services

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Print a bearer token, signed with an HS256 secret.",
    discussion: "For trying out and for services of your own: packd verifies what it signs here.")

  @Option(help: "File with the secret, as `packd serve --jwt-secret-file` has it.")
  var jwtSecretFile: String?
  @Option(help: "Who the token is for.")
  var sub: String
  @Option(help: "Admin, Support, Sales, StackUser, Seller or Service; repeatable.")
  var role: [String] = []
  @Option(help: "The reseller account. (default: default)")
  var account: String?
  @Option(help: "The address that the user's receipts go to.")
  var email: String?
  @Option(help: "How long it is valid: a number and s, m, h or d.")
  var ttl = "1h"
  @Option(help: "The issuer to name. (default: what --jwt-issuer of `packd serve` is set to)")
  var issuer: String?
  @Option(help: "The audience to name. (default: what --jwt-audience of `packd serve` is set to)")
  var audience: String?
  @Option(help: "YAML file with settings of `packd serve`.")
  var config: String?

  func run() async throws {
    for role in role where Role(rawValue: role) == nil {
      let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw StartupError.usage("--role: expected one of \(known), got \"\(role)\"")
    }
    guard let seconds = Self.seconds(ttl) else {
      throw StartupError.usage("--ttl: expected a number and s, m, h or d, got \"\(ttl)\"")
    }
    try Self.checkIdentity(sub, "sub")
    if let account { try Self.checkIdentity(account, "account") }
    if let email, !SellerSettings.isMailAddress(email) {
      throw StartupError.usage("--email: expected an address, got \"\(email)\"")
    }
    var source = try SettingSource(
      path: config, environment: ProcessInfo.processInfo.environment)
    guard let path = try source.string("jwt-secret-file", jwtSecretFile) else {
      throw StartupError.usage("expected --jwt-secret-file to sign the token with")
    }
    let secret = Authenticator.secret(fromFile: try Keys.read(path, "jwt-secret-file"))
    try await Keys.check(secret, path)
    let claims = TokenClaims(
      sub: sub, roles: role, account: account, email: email,
      issuer: try issuer ?? source.string("jwt-issuer", nil),
      audience: try audience ?? source.string("jwt-audience", nil),
      expiry: Date().addingTimeInterval(TimeInterval(seconds)))
    print(try await claims.signed(with: secret))
  }

  /// What a user or an account is called, as the daemon takes it.
  private static func checkIdentity(_ text: String, _ option: String) throws {
    guard Authenticator.isIdentity(text) else {
      throw StartupError.usage(
        "--\(option): expected 1 to \(Authenticator.maxIdentityBytes) bytes of printable text")
    }
  }

  /// Up to ten years.
  static func seconds(_ text: String) -> Int? {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0,
      count <= 10 * 366 * 86_400 / unit
    else { return nil }
    return count * unit
  }
}

/// The claims of a token that packd makes.
struct TokenClaims: JWTPayload {
  let sub: String
  let roles: [String]
  let account: String?
  let email: String?
  let iss: String?
  let aud: String?
  let exp: ExpirationClaim

  init(
    sub: String, roles: [String], account: String? = nil, email: String? = nil,
    issuer: String? = nil, audience: String? = nil, expiry: Date
  ) {
    self.sub = sub
    self.roles = roles
    self.account = account
    self.email = email
    self.iss = issuer
    self.aud = audience
    self.exp = ExpirationClaim(value: expiry)
  }

  func verify(using algorithm: some JWTAlgorithm) throws {
    try exp.verifyNotExpired()
  }

  /// The token, signed with HS256.
  func signed(with secret: [UInt8]) async throws -> String {
    let keys = JWTKeyCollection()
    await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    return try await keys.sign(self)
  }
}
