internal import API
internal import Crypto
internal import CryptoExtras
internal import Foundation
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Authenticator")
struct AuthenticatorTests {
  let clock = TestClock()

  private func authenticator(
    secret: [UInt8]? = TestToken.secret, jwks: String? = nil, issuer: String? = nil,
    audience: String? = nil
  ) async throws -> Authenticator {
    try await Authenticator(
      secret: secret, jwks: jwks.map { Array($0.utf8) }, issuer: issuer, audience: audience,
      now: { [clock] in clock.time })
  }

  private func principal(
    _ token: String, by authenticator: Authenticator, scheme: String = "Bearer "
  ) throws -> Principal {
    var metadata = Metadata()
    metadata.append("authorization", scheme + token)
    return try #require(try authenticator.principal(for: metadata))
  }

  private var exp: Int64 { TestToken.seconds(clock.time) + 60 }

  private func claims(_ more: String = "") -> String {
    #"{"sub":"10","exp":\#(exp)\#(more)}"#
  }

  @Test("reads sub, account and roles; account is default when it is absent")
  func readsClaims() async throws {
    let authenticator = try await authenticator()
    let full = try principal(
      TestToken.hs256(claims: claims(#","role":"Admin","roles":["Sales","Root"],"account":"a/b""#)),
      by: authenticator)
    #expect(full.sub == "10")
    #expect(full.account == "a/b")
    #expect(full.roles == [.admin, .sales])
    #expect(full.identity == "a%2Fb/10")
    let bare = try principal(TestToken.hs256(claims: claims()), by: authenticator)
    #expect(bare.identity == "default/10")
    #expect(bare.roles == [])
  }

  @Test(
    "keeps a numeric sub as its decimal text",
    arguments: [("10", "10"), ("-3", "-3"), ("18446744073709551615", "18446744073709551615")])
  func numericSub(number: String, text: String) async throws {
    let token = TestToken.hs256(claims: #"{"sub":\#(number),"exp":\#(exp)}"#)
    #expect(try principal(token, by: try await authenticator()).sub == text)
  }

  @Test("takes the scheme in any case", arguments: ["Bearer ", "bearer ", "BEARER ", "BeArEr  "])
  func schemeCase(scheme: String) async throws {
    let token = TestToken.hs256(claims: claims())
    let found = try principal(token, by: try await authenticator(), scheme: scheme)
    #expect(found.sub == "10")
  }

  @Test("says nothing about calls without a token")
  func noToken() async throws {
    #expect(try await authenticator().principal(for: Metadata()) == nil)
  }

  @Test("refuses malformed values")
  func malformed() async throws {
    let authenticator = try await authenticator()
    let good = TestToken.hs256(claims: claims())
    let parts = good.split(separator: ".").map(String.init)
    let values = [
      "", "Bearer", "Bearer ", "Basic \(good)", good, "Bearer.\(good)", "Bearer x", "Bearer ..",
      "Bearer \(parts[0]).\(parts[1])", "Bearer \(good).", "Bearer \(good)=",
      "Bearer \(parts[0]).\(parts[1]).", "Bearer \(parts[1]).\(parts[0]).\(parts[2])",
      "Bearer \(good) ", "Bearer !!!.\(parts[1]).\(parts[2])",
    ]
    for value in values {
      var metadata = Metadata()
      metadata.append("authorization", value)
      #expect(throws: Refusal.unauthenticated, "\(value)") {
        try authenticator.principal(for: metadata)
      }
    }
  }

  @Test("refuses claims that are missing, of the wrong type, or not printable")
  func badClaims() async throws {
    let authenticator = try await authenticator()
    let long = String(repeating: "x", count: 257)
    let bodies = [
      "{}", "[]", "null", "not json", #"{"sub":"10"}"#, #"{"exp":\#(exp)}"#,
      #"{"sub":"10","exp":"\#(exp)"}"#, #"{"sub":1.5,"exp":\#(exp)}"#,
      #"{"sub":true,"exp":\#(exp)}"#, #"{"sub":"","exp":\#(exp)}"#,
      #"{"sub":"\#(long)","exp":\#(exp)}"#, #"{"sub":"a\u0000b","exp":\#(exp)}"#,
      #"{"sub":"a\nb","exp":\#(exp)}"#, claims(#","account":7"#), claims(#","account":"""#),
      claims(#","role":5"#), claims(#","roles":[1]"#), claims(#","nbf":"soon""#),
    ]
    for body in bodies {
      let token = TestToken.hs256(claims: body)
      #expect(throws: Refusal.unauthenticated, "\(body)") {
        try principal(token, by: authenticator)
      }
    }
  }

  @Test("takes times of any size without a trap")
  func extremeTimes() async throws {
    let authenticator = try await authenticator()
    let far = TestToken.hs256(claims: #"{"sub":"1","exp":1e300,"nbf":-1e300}"#)
    #expect(try principal(far, by: authenticator).expireTime.nanosecondsSinceEpoch == .max)
    let past = TestToken.hs256(claims: #"{"sub":"1","exp":-1e300}"#)
    #expect(throws: Refusal.unauthenticated) { try principal(past, by: authenticator) }
  }

  @Test("refuses tokens larger than 8 KiB, valid or not")
  func hugeToken() async throws {
    let pad = String(repeating: "x", count: 8 * 1024)
    let token = TestToken.hs256(claims: claims(#","pad":"\#(pad)""#))
    let authenticator = try await authenticator()
    #expect(throws: Refusal.unauthenticated) { try principal(token, by: authenticator) }
  }

  @Test("refuses alg none, algorithms without a key, and critical extensions")
  func wrongAlgorithm() async throws {
    let authenticator = try await authenticator()
    let headers = [
      #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"hs256"}"#, #"{"alg":"HS512"}"#,
      #"{"alg":"RS256"}"#, #"{"alg":"ES256"}"#, #"{"alg":"EdDSA"}"#, #"{}"#,
      #"{"alg":"HS256","crit":["b64"],"b64":false}"#,
    ]
    for header in headers {
      let signed = TestToken.hs256(header: header, claims: claims())
      #expect(throws: Refusal.unauthenticated, "\(header)") {
        try principal(signed, by: authenticator)
      }
      let unsigned = TestToken.make(header: header, claims: claims()) { _ in [] }
      #expect(throws: Refusal.unauthenticated, "\(header)") {
        try principal(unsigned, by: authenticator)
      }
    }
  }

  @Test("refuses another secret's signature, and any change of one bit")
  func wrongSignature() async throws {
    let authenticator = try await authenticator()
    let other = TestToken.hs256(claims: claims(), secret: [UInt8](repeating: 1, count: 32))
    #expect(throws: Refusal.unauthenticated) { try principal(other, by: authenticator) }
    let good = TestToken.hs256(claims: claims())
    // Remembered, so that a changed one must miss the cache too.
    _ = try principal(good, by: authenticator)
    for index in good.utf8.indices where good.utf8[index] != UInt8(ascii: ".") {
      var bytes = Array(good.utf8)
      let offset = good.utf8.distance(from: good.utf8.startIndex, to: index)
      bytes[offset] = bytes[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      let changed = String(decoding: bytes, as: UTF8.self)
      #expect(throws: Refusal.unauthenticated) { try principal(changed, by: authenticator) }
    }
  }

  @Test("checks iss and aud when they are configured, aud also as an array")
  func issuerAndAudience() async throws {
    let authenticator = try await authenticator(issuer: "https://id", audience: "packd")
    for more in [
      #","iss":"https://id","aud":"packd""#, #","iss":"https://id","aud":["x","packd"]"#,
    ] {
      let token = TestToken.hs256(claims: claims(more))
      #expect(try principal(token, by: authenticator).sub == "10")
    }
    for more in [
      "", #","iss":"https://id""#, #","aud":"packd""#, #","iss":"https://id","aud":"x""#,
      #","iss":"https://id","aud":[]"#, #","iss":"other","aud":"packd""#,
      #","iss":"https://id","aud":["pack"]"#,
    ] {
      let token = TestToken.hs256(claims: claims(more))
      #expect(throws: Refusal.unauthenticated, "\(more)") {
        try principal(token, by: authenticator)
      }
    }
  }

  @Test("a token expires at exp, be it remembered or not")
  func expiry() async throws {
    let authenticator = try await authenticator()
    let token = TestToken.hs256(claims: claims())
    let first = try principal(token, by: authenticator)
    clock.advance(seconds: 59)
    #expect(try principal(token, by: authenticator) === first)
    clock.advance(seconds: 1)
    #expect(throws: Refusal.unauthenticated) { try principal(token, by: authenticator) }
    // Gone from the cache, it is refused all the same.
    #expect(throws: Refusal.unauthenticated) { try principal(token, by: authenticator) }
  }

  @Test("a token is not valid before nbf, nor is a remembered one when the clock goes back")
  func notBefore() async throws {
    let authenticator = try await authenticator()
    let start = TestToken.seconds(clock.time)
    let token = TestToken.hs256(claims: claims(#","nbf":\#(start + 10)"#))
    #expect(throws: Refusal.unauthenticated) { try principal(token, by: authenticator) }
    clock.advance(seconds: 10)
    #expect(try principal(token, by: authenticator).sub == "10")
    clock.advance(seconds: -1)
    #expect(throws: Refusal.unauthenticated) { try principal(token, by: authenticator) }
  }

  @Test("RS256, ES256 and EdDSA keys of a JWK set verify their own tokens and no others")
  func keySet() async throws {
    let keys = try TestKeys()
    let authenticator = try await authenticator(secret: nil, jwks: keys.json)
    for signer in keys.signers {
      let named = try TestToken.make(
        header: #"{"alg":"\#(signer.algorithm)","kid":"\#(signer.kid)"}"#, claims: claims(),
        signedBy: signer.sign)
      #expect(try principal(named, by: authenticator).sub == "10", "\(signer.algorithm)")
      let unnamed = try TestToken.make(
        header: #"{"alg":"\#(signer.algorithm)"}"#, claims: claims(), signedBy: signer.sign)
      #expect(try principal(unnamed, by: authenticator).sub == "10", "\(signer.algorithm)")
      let otherKey = try TestToken.make(
        header: #"{"alg":"\#(signer.algorithm)","kid":"nobody"}"#, claims: claims(),
        signedBy: signer.sign)
      #expect(throws: Refusal.unauthenticated) { try principal(otherKey, by: authenticator) }
      for algorithm in ["RS256", "ES256", "EdDSA", "HS256", "none", "PS256"]
      where algorithm != signer.algorithm {
        let crossed = try TestToken.make(
          header: #"{"alg":"\#(algorithm)","kid":"\#(signer.kid)"}"#, claims: claims(),
          signedBy: signer.sign)
        #expect(throws: Refusal.unauthenticated, "\(signer.algorithm) as \(algorithm)") {
          try principal(crossed, by: authenticator)
        }
      }
    }
    // The old confusion: a public key used as an HMAC secret.
    let confused = TestToken.hs256(claims: claims(), secret: keys.publicBytes)
    #expect(throws: Refusal.unauthenticated) { try principal(confused, by: authenticator) }
  }

  @Test("a JWK set and a secret stand side by side")
  func both() async throws {
    let keys = try TestKeys()
    let authenticator = try await authenticator(jwks: keys.json)
    #expect(try principal(TestToken.hs256(claims: claims()), by: authenticator).sub == "10")
    let signer = keys.signers[2]
    let token = try TestToken.make(
      header: #"{"alg":"EdDSA"}"#, claims: claims(), signedBy: signer.sign)
    #expect(try principal(token, by: authenticator).sub == "10")
  }

  @Test("reloading keys forgets the tokens of the old ones; a bad set changes nothing")
  func reload() async throws {
    let old = try TestKeys()
    let new = try TestKeys()
    let authenticator = try await authenticator(jwks: old.json)
    let token = try TestToken.make(
      header: #"{"alg":"ES256"}"#, claims: claims(), signedBy: old.signers[1].sign)
    _ = try principal(token, by: authenticator)
    await #expect(throws: KeyError.self) { try await authenticator.reload(jwks: Array("{}".utf8)) }
    #expect(try principal(token, by: authenticator).sub == "10")
    try await authenticator.reload(jwks: Array(new.json.utf8))
    #expect(throws: Refusal.unauthenticated) { try principal(token, by: authenticator) }
    let next = try TestToken.make(
      header: #"{"alg":"ES256"}"#, claims: claims(), signedBy: new.signers[1].sign)
    let principal1 = try principal(next, by: authenticator)
    #expect(try principal(next, by: authenticator) === principal1)
    #expect(try principal(TestToken.hs256(claims: claims()), by: authenticator).sub == "10")
  }

  @Test("keys that cannot be used are told clearly")
  func keyErrors() async throws {
    let cases: [([UInt8]?, String?, String)] = [
      (nil, nil, "neither"), ([UInt8](repeating: 1, count: 31), nil, "31 bytes"),
      (nil, "not json", "not JSON"), (nil, #"{"keys":[]}"#, "no key"),
      (nil, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, "no key"),
      (nil, #"{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"AA","y":"AA"}]}"#, "k1"),
      (nil, #"{"keys":[{"kty":"RSA","kid":"k2"}]}"#, "k2"),
    ]
    for (secret, jwks, word) in cases {
      do {
        _ = try await authenticator(secret: secret, jwks: jwks)
        Issue.record("accepted \(word)")
      } catch let error as KeyError {
        #expect(error.description.contains(word))
      }
    }
    let keys = try TestKeys()
    let member = keys.json.dropFirst(#"{"keys":["#.count).dropLast(2)
    let many = Array(repeating: String(member), count: 6).joined(separator: ",")
    await #expect(throws: KeyError.self) {
      try await authenticator(secret: nil, jwks: #"{"keys":[\#(many)]}"#)
    }
  }

  @Test("keys for encryption and of unknown kinds are passed over")
  func unknownKeys() async throws {
    let keys = try TestKeys()
    let json = keys.json.replacing(
      #"{"keys":["#,
      with:
        #"{"keys":[{"kty":"oct","k":"AA"},{"kty":"RSA","use":"enc"},{"kty":"OKP","crv":"X25519"},"#
    )
    let authenticator = try await authenticator(secret: nil, jwks: json)
    let token = try TestToken.make(
      header: #"{"alg":"RS256"}"#, claims: claims(), signedBy: keys.signers[0].sign)
    #expect(try principal(token, by: authenticator).sub == "10")
  }

  @Test("keys that cannot be read are passed over and named, the others are used")
  func malformedKeys() async throws {
    let keys = try TestKeys()
    let json = keys.json.replacing(
      #"{"keys":["#,
      with: #"""
        {"keys":[{"kty":"EC","crv":"P-256","kid":"point","x":"AA","y":"AA"},{"kty":"RSA"},7,
        {"kty":"EC","crv":"P-256","kid":5,"x":1},{"kid":"other"},
        """#)
    let log = TestLog()
    let authenticator = try await Authenticator(
      secret: nil, jwks: Array(json.utf8), now: { [clock] in clock.time }, logger: log.logger)
    #expect(log.lines.count == 1 && log.lines.first?.contains("point #2 #3 #4]") == true)
    let token = try TestToken.make(
      header: #"{"alg":"RS256"}"#, claims: claims(), signedBy: keys.signers[0].sign)
    #expect(try principal(token, by: authenticator).sub == "10")
    try await authenticator.reload(jwks: Array(json.utf8))
    #expect(log.lines.count == 2)
    #expect(try principal(token, by: authenticator).sub == "10")
  }

  @Test("of two reloads at once, the one that was asked for last counts")
  func racingReloads() async throws {
    let old = try TestKeys()
    let new = try TestKeys()
    let authenticator = try await authenticator(jwks: old.json)
    let first = authenticator.nextReload()
    let second = authenticator.nextReload()
    let newKeys = try await VerificationKeys(secret: nil, jwks: Array(new.json.utf8))
    let oldKeys = try await VerificationKeys(secret: nil, jwks: Array(old.json.utf8))
    authenticator.install(newKeys, of: second)
    authenticator.install(oldKeys, of: first)
    let good = try TestToken.make(
      header: #"{"alg":"EdDSA"}"#, claims: claims(), signedBy: new.signers[2].sign)
    let stale = try TestToken.make(
      header: #"{"alg":"EdDSA"}"#, claims: claims(), signedBy: old.signers[2].sign)
    #expect(try principal(good, by: authenticator).sub == "10")
    #expect(throws: Refusal.unauthenticated) { try principal(stale, by: authenticator) }
    try await authenticator.reload(jwks: Array(old.json.utf8))
    #expect(try principal(stale, by: authenticator).sub == "10")
  }

  @Test("a text secret loses its line end, a binary one loses nothing")
  func secretFile() {
    #expect(Authenticator.secret(fromFile: Array("abc\n".utf8)) == Array("abc".utf8))
    #expect(Authenticator.secret(fromFile: Array("abc\r\n".utf8)) == Array("abc".utf8))
    #expect(Authenticator.secret(fromFile: Array("abc".utf8)) == Array("abc".utf8))
    #expect(Authenticator.secret(fromFile: Array("a\nb\n".utf8)) == Array("a\nb\n".utf8))
    #expect(Authenticator.secret(fromFile: [0x80, 0x0a]) == [0x80, 0x0a])
  }
}
