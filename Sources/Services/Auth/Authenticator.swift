package import GRPC
internal import Glibc
package import Logging
internal import Storage
internal import Synchronization

/// Tells who calls, from a call's `authorization` metadata, `Bearer` and a JSON Web Token, or from
/// its connection's certificate.
/// A token is verified once (10 to 50 microseconds) and remembered until it expires.
package final class Authenticator: Sendable {
  private struct State {
    var verifier: TokenVerifier
    /// The reload that `verifier` came by.
    var generation: UInt64 = 0
    var lastReload: UInt64 = 0
  }

  private let state: Mutex<State>
  private let cache: PrincipalCache
  private let secret: [UInt8]?
  private let now: Now
  private let logger: Logger

  /// - Parameters:
  ///   - secret: HS256, at least 32 bytes; see ``secret(fromFile:)``.
  ///   - jwks: a JWK set as JSON, for RS256, ES256 and EdDSA.
  ///   - issuer: what `iss` must be, nil not to ask.
  ///   - audience: what `aud` must be or contain, nil not to ask.
  ///   - logger: told which keys of a JWK set, now or at a reload, cannot be used.
  /// - Throws: ``KeyError``.
  package convenience init(
    secret: [UInt8]?, jwks: [UInt8]?, issuer: String? = nil, audience: String? = nil,
    now: @escaping Now = Instant.now,
    random: Random = { UInt64.random(in: .min ... .max) },
    logger: Logger = Logger(label: "packd")
  ) async throws {
    try await self.init(
      secret: secret, jwks: jwks, issuer: issuer, audience: audience, now: now,
      cache: PrincipalCache(seed: random()), logger: logger)
  }

  init(
    secret: [UInt8]?, jwks: [UInt8]?, issuer: String?, audience: String?, now: @escaping Now,
    cache: PrincipalCache, logger: Logger = Logger(label: "packd")
  ) async throws {
    let keys = try await VerificationKeys(secret: secret, jwks: jwks)
    state = Mutex(
      State(verifier: TokenVerifier(keys: keys, issuer: issuer, audience: audience)))
    self.cache = cache
    self.secret = secret
    self.now = now
    self.logger = logger
    warn(of: keys.skipped)
  }

  /// The secret in a file's bytes. A text loses the one line end that editors put behind it;
  /// anything else is the secret as it is.
  package static func secret(fromFile bytes: [UInt8]) -> [UInt8] {
    var text = bytes[...]
    if text.last == UInt8(ascii: "\n") { text.removeLast() }
    if text.last == UInt8(ascii: "\r") { text.removeLast() }
    return text.allSatisfy { (0x20...0x7e).contains($0) } ? Array(text) : bytes
  }

  /// What `sub` and `account` may be.
  package static func isIdentity(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= maxIdentityBytes
      && text.unicodeScalars.allSatisfy(\.isPrintable)
  }

  package static var maxIdentityBytes: Int { Limits.maxIdentityBytes }

  /// Replaces the JWK set. Tokens that were verified before must pass the new one. Of several
  /// reloads at once the one that was called last counts, whichever is ready first.
  /// - Throws: ``KeyError``; the keys are then as they were.
  package func reload(jwks: [UInt8]) async throws {
    let reload = nextReload()
    let keys = try await VerificationKeys(secret: secret, jwks: jwks)
    warn(of: keys.skipped)
    install(keys, of: reload)
  }

  private func warn(of skipped: [String]) {
    guard !skipped.isEmpty else { return }
    logger.warning(
      "malformed keys of the JSON Web Key Set are passed over",
      metadata: ["keys": "\(skipped.joined(separator: " "))"])
  }

  /// A place in the order of reloads.
  func nextReload() -> UInt64 {
    state.withLock { state in
      state.lastReload += 1
      return state.lastReload
    }
  }

  /// Puts the keys to use, unless those of a later reload are.
  func install(_ keys: VerificationKeys, of reload: UInt64) {
    let isLatest = state.withLock { state in
      guard reload > state.generation else { return false }
      state.verifier = TokenVerifier(
        keys: keys, issuer: state.verifier.issuer, audience: state.verifier.audience)
      state.generation = reload
      return true
    }
    if isLatest { cache.removeAll(generation: reload) }
  }

  /// Who calls; nil without `authorization`.
  /// - Throws: ``Refusal/unauthenticated`` for anything but a valid token.
  package func principal(for metadata: Metadata) throws -> Principal? {
    var first: Principal?
    try metadata.forEach { name, value in
      guard first == nil, isAuthorization(name) else { return }
      let time = now()
      first = try cache.find(value, at: time) ?? verify(value, at: time)
    }
    return first
  }

  /// Whom a connection's certificate stands for, as long as it is valid.
  func principal(ofPeer identity: (any AnyObject & Sendable)?) -> Principal? {
    guard let principal = identity as? Principal, principal.isValid(at: now()) else { return nil }
    return principal
  }

  private func isAuthorization(_ name: UnsafeRawBufferPointer) -> Bool {
    let wanted: StaticString = "authorization"
    guard let start = name.baseAddress, name.count == wanted.utf8CodeUnitCount else {
      return false
    }
    return memcmp(start, wanted.utf8Start, name.count) == 0
  }

  private func verify(_ value: UnsafeRawBufferPointer, at time: Instant) throws -> Principal {
    guard value.count <= Limits.maxTokenBytes, let token = bearerToken(value) else {
      throw Refusal.unauthenticated
    }
    let (verifier, generation) = state.withLock { ($0.verifier, $0.generation) }
    let principal = try verifier.verify(token, at: time)
    cache.insert(principal, for: [UInt8](value), generation: generation)
    return principal
  }

  /// What stands behind the scheme, whose case does not matter (RFC 9110 section 11.1).
  private func bearerToken(_ value: UnsafeRawBufferPointer) -> [UInt8]? {
    let scheme: StaticString = "bearer"
    let count = scheme.utf8CodeUnitCount
    guard value.count > count, value[count] == UInt8(ascii: " ") else { return nil }
    for index in 0..<count where value[index] | 0x20 != scheme.utf8Start[index] {
      return nil
    }
    return [UInt8](value[count...].drop { $0 == UInt8(ascii: " ") })
  }
}
