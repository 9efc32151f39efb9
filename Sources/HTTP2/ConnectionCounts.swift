internal import NIOCore

/// Open connections, in all and by where they come from, so that one client cannot take the
/// room of all others.
struct ConnectionCounts {
  /// Where a connection comes from: an IPv4 address, or an IPv6 network of 64 bits, which is
  /// what one subscriber has.
  enum Source: Hashable {
    case v4(UInt32)
    case v6(UInt64)

    /// Nil for a Unix socket: whoever can open it was let in by the file system.
    init?(_ address: SocketAddress) {
      switch address {
      case .v4(let address):
        // ip(7): family and port come before the address.
        let bytes = withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
        self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
      case .v6(let address):
        // ipv6(7): family, port and flow information come before the address.
        let bytes = withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
        // RFC 4291 section 2.5.5.2: an IPv4 client of a socket that serves both.
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
          self = .v4(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
        } else {
          self = .v6(bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) })
        }
      case .unixDomainSocket: return nil
      }
    }
  }

  private var maxConnections: Int
  private var maxConnectionsPerSource: Int
  private(set) var count = 0
  private var bySource: [Source: Int] = [:]

  init(maxConnections: Int, maxConnectionsPerSource: Int) {
    self.maxConnections = maxConnections
    self.maxConnectionsPerSource = maxConnectionsPerSource
  }

  init(_ limits: Limits) {
    self.init(
      maxConnections: limits.maxConnections,
      maxConnectionsPerSource: limits.maxConnectionsPerAddress)
  }

  /// Connections that are there stay, even beyond the new limits.
  mutating func install(_ limits: Limits) {
    maxConnections = limits.maxConnections
    maxConnectionsPerSource = limits.maxConnectionsPerAddress
  }

  /// Counts one more, or tells which limit is reached.
  mutating func admit(_ source: Source?) -> LimitHit? {
    guard count < maxConnections else { return .connections }
    if let source {
      guard bySource[source, default: 0] < maxConnectionsPerSource else {
        return .connectionsPerAddress
      }
      bySource[source, default: 0] += 1
    }
    count += 1
    return nil
  }

  /// One that was admitted is gone.
  mutating func release(_ source: Source?) {
    count -= 1
    guard let source, let open = bySource[source] else { return }
    bySource[source] = open > 1 ? open - 1 : nil
  }
}
