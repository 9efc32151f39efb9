internal import Crypto
internal import FoundationEssentials
internal import JWTKit

/// What tokens are verified with: each key is bound to one algorithm, so that a token cannot
/// choose how a key is used.
struct VerificationKeys: Sendable {
  enum Algorithm: String, Sendable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
  }

  private struct Key: Sendable {
    let algorithm: Algorithm
    /// From the JWKS; a secret has none, and so goes with any.
    let id: String?
    let verifier: any JWTAlgorithm
  }

  private let keys: [Key]
  /// The first keys of the set that should be of use and are malformed, by their `kid`, or "#2"
  /// for the second key of the set.
  let skipped: [String]

  /// - Parameters:
  ///   - secret: HS256; at least 32 bytes.
  ///   - jwks: a JWK set as JSON (RFC 7517). Keys for other uses, of other
  ///     types and malformed ones are left out (section 5).
  /// - Throws: ``KeyError``.
  init(secret: [UInt8]?, jwks: [UInt8]?) async throws {
    var keys: [Key] = []
    var skipped: [String] = []
    if let secret {
      guard secret.count >= Limits.minSecretBytes else {
        throw KeyError(
          "the JWT secret has \(secret.count) bytes; at least \(Limits.minSecretBytes) are needed")
      }
      let collection = JWTKeyCollection()
      await collection.add(
        hmac: HMACKey(key: SymmetricKey(data: secret)), digestAlgorithm: .sha256)
      keys.append(Key(algorithm: .hs256, id: nil, verifier: try await collection.getKey()))
    }
    if let jwks {
      let set = try await VerificationKeys.keys(ofSet: jwks)
      keys += set.keys
      skipped = set.skipped
    }
    guard !keys.isEmpty else {
      throw KeyError("neither a JWT secret nor a JWK set is configured")
    }
    self.keys = keys
    self.skipped = skipped
  }

  /// Whether one of the keys that `keyID` allows made the signature with `algorithm`.
  func verify(
    _ signature: [UInt8], signs signed: some DataProtocol, algorithm: Algorithm, keyID: String?
  ) -> Bool {
    keys.contains { key in
      guard key.algorithm == algorithm else { return false }
      if let keyID, let own = key.id, keyID != own { return false }
      // A malformed signature makes some algorithms throw; it is invalid like any other.
      return (try? key.verifier.verify(signature, signs: signed)) ?? false
    }
  }

  private static func keys(
    ofSet json: [UInt8]
  ) async throws -> (keys: [Key], skipped: [String]) {
    guard json.count <= Limits.maxJWKSBytes else {
      throw KeyError("the JWK set is larger than \(Limits.maxJWKSBytes) bytes")
    }
    guard let set = try? JSONDecoder().decode(KeySet.self, from: Data(json)) else {
      throw KeyError("the JWK set is not JSON of the form {\"keys\": [...]}")
    }
    var keys: [Key] = []
    var skipped: [String] = []
    for (index, member) in set.keys.enumerated() {
      do {
        guard let (algorithm, jwk) = try member.get().usable else { continue }
        let collection = try await JWTKeyCollection().add(jwk: jwk)
        let verifier = try await collection.getKey(for: jwk.keyIdentifier, alg: algorithm.rawValue)
        keys.append(Key(algorithm: algorithm, id: try member.get().kid, verifier: verifier))
      } catch {
        guard skipped.count < Limits.maxJWKSKeys else { continue }
        let id = try? member.get().kid?.unicodeScalars.prefix(Limits.maxQuotedCharacters)
        skipped.append(id.map { String($0) } ?? "#\(index + 1)")
      }
    }
    guard !keys.isEmpty else {
      let named = skipped.isEmpty ? "" : ", and these are malformed: "
      throw KeyError(
        "the JWK set has no key for RS256, ES256 or EdDSA" + named
          + skipped.joined(separator: ", "))
    }
    guard keys.count <= Limits.maxJWKSKeys else {
      throw KeyError("the JWK set has \(keys.count) keys; at most \(Limits.maxJWKSKeys) are read")
    }
    return (keys, skipped)
  }
}

/// Keys that cannot be used: a sentence for whoever configured them, with nothing secret in it.
package struct KeyError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// A JWK set, read leniently: RFC 7517 section 5 wants keys ignored that are of unknown kinds,
/// or that lack or misuse a parameter.
private struct KeySet: Decodable {
  let keys: [Result<Member, any Error>]

  private enum Name: CodingKey { case keys }

  init(from decoder: any Decoder) throws {
    keys = try decoder.container(keyedBy: Name.self).decode([Attempt].self, forKey: .keys)
      .map(\.result)
  }

  private struct Attempt: Decodable {
    let result: Result<Member, any Error>

    init(from decoder: any Decoder) throws {
      result = Result { try Member(from: decoder) }
    }
  }

  struct Member: Decodable {
    let kty: String?
    let use: String?
    let alg: String?
    let kid: String?
    let crv: String?
    let n: String?
    let e: String?
    let x: String?
    let y: String?

    /// The key with the one algorithm it may be used for; nil when it is not for us.
    var usable: (VerificationKeys.Algorithm, JWK)? {
      guard use == nil || use == "sig" else { return nil }
      // The identifier only leads back to the key within a collection of one.
      let identifier = JWKIdentifier(string: kid ?? "key")
      switch (kty, crv, alg) {
      case ("RSA", _, nil), ("RSA", _, "RS256"):
        return (.rs256, .rsa(.rs256, identifier: identifier, modulus: n, exponent: e))
      case ("EC", "P-256", nil), ("EC", "P-256", "ES256"):
        return (.es256, .ecdsa(.es256, identifier: identifier, x: x, y: y, curve: .p256))
      case ("OKP", "Ed25519", nil), ("OKP", "Ed25519", "EdDSA"), ("OKP", "Ed25519", "Ed25519"):
        return (
          .edDSA, .octetKeyPair(.eddsa, identifier: identifier, x: x, y: nil, curve: .ed25519)
        )
      default: return nil
      }
    }
  }
}
