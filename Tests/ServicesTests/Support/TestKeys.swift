internal import Crypto
internal import CryptoExtras
internal import Foundation

@testable internal import Services

/// A key pair of each kind, and their JWK set.
struct TestKeys {
  struct Signer {
    let algorithm: String
    let kid: String
    let sign: ([UInt8]) throws -> [UInt8]
  }

  /// RS256, ES256, EdDSA.
  let signers: [Signer]
  let json: String
  /// The P-256 public key.
  let publicBytes: [UInt8]

  init() throws {
    let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let p256 = P256.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()
    signers = [
      Signer(algorithm: "RS256", kid: "r") { signed in
        let digest = SHA256.hash(data: signed)
        return Array(
          try rsa.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
      },
      Signer(algorithm: "ES256", kid: "e") { signed in
        Array(try p256.signature(for: signed).rawRepresentation)
      },
      Signer(algorithm: "EdDSA", kid: "d") { signed in
        Array(try ed25519.signature(for: signed))
      },
    ]
    let primitives = try rsa.publicKey.getKeyPrimitives()
    let (n, e) = (primitives.modulus, primitives.publicExponent)
    let point = [UInt8](p256.publicKey.rawRepresentation)
    publicBytes = point
    let text = { (bytes: any Sequence<UInt8>) in Base64URL.encode(Array(bytes)) }
    json = """
      {"keys":[{"kty":"RSA","kid":"r","use":"sig","alg":"RS256","n":"\(text(n))","e":"\(text(e))"},
      {"kty":"EC","kid":"e","crv":"P-256","x":"\(text(point[..<32]))","y":"\(text(point[32...]))"},
      {"kty":"OKP","kid":"d","crv":"Ed25519","x":"\(text(ed25519.publicKey.rawRepresentation))"}]}
      """
  }
}
