/// What has happened on connections since the start: of one event loop, or of all. Plain numbers,
/// counted where they belong and summed up when somebody asks.
package struct ConnectionCounters: Sendable, Equatable {
  package var connectionsOpened = 0
  /// Those that were refused when they came are among them.
  package var connectionsClosed: [CloseReason: Int] = [:]
  package var streamsOpened = 0
  package var resetsReceived = 0
  package var resetsSent = 0
  /// Of HTTP/2, TLS taken off.
  package var bytesReceived = 0
  package var bytesSent = 0
  package var limitHits: [LimitHit: Int] = [:]

  package init() {}

  package var connectionsOpen: Int { connectionsOpened - connectionsClosed.values.reduce(0, +) }

  mutating func opened() { connectionsOpened += 1 }

  mutating func closed(_ reason: CloseReason) {
    connectionsClosed[reason, default: 0] += 1
    if case .exceeded(let limit) = reason { hit(limit) }
  }

  mutating func hit(_ limit: LimitHit) { limitHits[limit, default: 0] += 1 }

  package static func += (sum: inout Self, other: Self) {
    sum.connectionsOpened += other.connectionsOpened
    sum.connectionsClosed.merge(other.connectionsClosed, uniquingKeysWith: +)
    sum.streamsOpened += other.streamsOpened
    sum.resetsReceived += other.resetsReceived
    sum.resetsSent += other.resetsSent
    sum.bytesReceived += other.bytesReceived
    sum.bytesSent += other.bytesSent
    sum.limitHits.merge(other.limitHits, uniquingKeysWith: +)
  }
}
