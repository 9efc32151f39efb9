/// Open connections, in all and by where they come from, so that one client cannot take the
/// room of all others.
struct ConnectionCounts {
  private var maxConnections: Int
  private var maxConnectionsPerNetwork: Int
  private(set) var count = 0
  private var byNetwork: [ClientNetwork: Int] = [:]

  init(maxConnections: Int, maxConnectionsPerNetwork: Int) {
    self.maxConnections = maxConnections
    self.maxConnectionsPerNetwork = maxConnectionsPerNetwork
  }

  init(_ limits: Limits) {
    self.init(
      maxConnections: limits.maxConnections,
      maxConnectionsPerNetwork: limits.maxConnectionsPerAddress)
  }

  /// Connections that are there stay, even beyond the new limits.
  mutating func install(_ limits: Limits) {
    maxConnections = limits.maxConnections
    maxConnectionsPerNetwork = limits.maxConnectionsPerAddress
  }

  /// Counts one more, or tells which limit is reached.
  mutating func admit(_ network: ClientNetwork) -> LimitHit? {
    guard count < maxConnections else { return .connections }
    if isBounded(network) {
      guard byNetwork[network, default: 0] < maxConnectionsPerNetwork else {
        return .connectionsPerAddress
      }
      byNetwork[network, default: 0] += 1
    }
    count += 1
    return nil
  }

  /// One that was admitted is gone.
  mutating func release(_ network: ClientNetwork) {
    count -= 1
    guard let open = byNetwork[network] else { return }
    byNetwork[network] = open > 1 ? open - 1 : nil
  }

  private func isBounded(_ network: ClientNetwork) -> Bool {
    switch network {
    case .ipv4, .ipv6: true
    case .local, .unknown: false
    }
  }
}
