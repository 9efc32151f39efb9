internal import NIOCore

/// Where a client comes from, as far as limits tell clients apart: what one subscriber has.
package enum ClientNetwork: Hashable, Sendable {
  case ipv4(UInt32)
  /// The first 64 bits of an address: the rest is a subscriber's own to choose (RFC 6177), 2^64
  /// addresses of one host.
  case ipv6(UInt64)
  /// A Unix socket: whoever can open it was let in by the file system.
  case local
  /// The client has gone before it could be asked for.
  case unknown

  init(_ address: SocketAddress?) {
    switch address {
    case .v4(let address)?:
      // ip(7): family and port come before the address.
      let bytes = withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
      self = .ipv4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    case .v6(let address)?:
      // ipv6(7): family, port and flow information come before the address.
      let bytes = withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
      // RFC 4291 section 2.5.5.2: an IPv4 client of a socket that serves both.
      if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
        self = .ipv4(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
      } else {
        self = .ipv6(bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) })
      }
    case .unixDomainSocket?: self = .local
    case nil: self = .unknown
    }
  }
}

extension ClientNetwork: CustomStringConvertible {
  /// "192.0.2.1" or "2001:db8:0:1::/64", one text for each network.
  package var description: String {
    switch self {
    case .ipv4(let bits):
      return stride(from: 24, through: 0, by: -8).map { "\(bits >> $0 & 0xff)" }
        .joined(separator: ".")
    case .ipv6(let bits):
      let groups = stride(from: 48, through: 0, by: -16)
        .map { String(bits >> $0 & 0xffff, radix: 16) }
      return groups.joined(separator: ":") + "::/64"
    case .local: return "unix"
    case .unknown: return "unknown"
    }
  }
}
