@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct ConnectionCountsTests {
  private func network(_ address: String) throws -> ClientNetwork {
    ClientNetwork(try SocketAddress(ipAddress: address, port: 1))
  }

  @Test("one address is admitted up to its bound, and again when one has gone")
  func perAddress() throws {
    var counts = ConnectionCounts(maxConnections: 100, maxConnectionsPerNetwork: 2)
    let (one, other) = (try network("192.0.2.1"), try network("192.0.2.2"))
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
    var counts = ConnectionCounts(maxConnections: 2, maxConnectionsPerNetwork: 1)
    let unix = ClientNetwork.local
    #expect(counts.admit(unix) == nil)
    #expect(counts.admit(unix) == nil)
    #expect(counts.admit(unix) == .connections)
    #expect(counts.admit(try network("192.0.2.1")) == .connections)
    counts.release(unix)
    #expect(counts.admit(try network("192.0.2.1")) == nil)
  }
}
