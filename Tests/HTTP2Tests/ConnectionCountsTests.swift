@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct ConnectionCountsTests {
  private typealias Source = ConnectionCounts.Source

  private func source(_ address: String) throws -> Source? {
    Source(try SocketAddress(ipAddress: address, port: 1))
  }

  @Test("one address is admitted up to its bound, and again when one has gone")
  func perAddress() throws {
    var counts = ConnectionCounts(maxConnections: 100, maxConnectionsPerSource: 2)
    let (one, other) = (try source("192.0.2.1"), try source("192.0.2.2"))
    #expect(counts.admit(one) == nil)
    #expect(counts.admit(one) == nil)
    #expect(counts.admit(one) == .connectionsPerAddress)
    #expect(counts.admit(other) == nil)
    counts.release(one)
    #expect(counts.admit(one) == nil)
    #expect(counts.count == 3)
  }

  @Test("all together are admitted up to theirs, Unix sockets too")
  func inAll() throws {
    var counts = ConnectionCounts(maxConnections: 2, maxConnectionsPerSource: 1)
    let unix = Source(try SocketAddress(unixDomainSocketPath: "/run/packd.sock"))
    #expect(unix == nil)
    #expect(counts.admit(unix) == nil)
    #expect(counts.admit(unix) == nil)
    #expect(counts.admit(unix) == .connections)
    #expect(counts.admit(try source("192.0.2.1")) == .connections)
    counts.release(unix)
    #expect(counts.admit(try source("192.0.2.1")) == nil)
  }

  @Test("an IPv6 subscriber is one, whatever the lower half of its address")
  func networks() throws {
    #expect(try source("2001:db8:1:2::3") == source("2001:db8:1:2:ffff::4"))
    #expect(try source("2001:db8:1:2::3") != source("2001:db8:1:3::3"))
  }

  @Test("an IPv4 client is the same on a socket for both")
  func mapped() throws {
    #expect(try source("::ffff:192.0.2.1") == source("192.0.2.1"))
    #expect(try source("::ffff:192.0.2.1") != source("192.0.2.2"))
  }
}
