internal import Crypto
internal import Foundation
internal import Storage

@testable internal import Services

/// Tokens made by hand, so that they may be wrong in any way.
enum TestToken {
  static let secret = [UInt8]("0123456789abcdef0123456789abcdef".utf8)

  /// Header, claims and whatever signs them.
  static func make(
    header: String, claims: String, signedBy sign: ([UInt8]) throws -> [UInt8]
  ) rethrows -> String {
    let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    return signed + "." + Base64URL.encode(try sign(Array(signed.utf8)))
  }

  static func hs256(
    header: String = #"{"alg":"HS256","typ":"JWT"}"#, claims: String,
    secret: [UInt8] = TestToken.secret
  ) -> String {
    make(header: header, claims: claims) { signed in
      Array(
        HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret)))
    }
  }

  /// Valid for an hour after the time.
  static func hs256(
    sub: String, roles: [String], account: String? = nil, expireTime time: Instant
  ) -> String {
    let roles = roles.map { "\"\($0)\"" }.joined(separator: ",")
    let account = account.map { ",\"account\":\"\($0)\"" } ?? ""
    return hs256(
      claims: """
        {"sub":"\(sub)","roles":[\(roles)]\(account),"exp":\(seconds(time) + 3600)}
        """)
  }

  static func seconds(_ time: Instant) -> Int64 {
    time.nanosecondsSinceEpoch / 1_000_000_000
  }
}
