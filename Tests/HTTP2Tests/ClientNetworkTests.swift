internal import NIOCore
internal import Testing

@testable internal import HTTP2

@Suite("Networks of clients")
struct ClientNetworkTests {
  private func network(_ address: String, port: Int = 1) throws -> ClientNetwork {
    ClientNetwork(try SocketAddress(ipAddress: address, port: port))
  }

  @Test("an IPv4 client is its address, from whatever port")
  func ipv4() throws {
    #expect(try network("192.0.2.1", port: 1) == network("192.0.2.1", port: 2))
    #expect(try network("192.0.2.1") != network("192.0.2.2"))
  }

  @Test("an IPv6 subscriber is one, whatever the lower half of its address")
  func ipv6() throws {
    #expect(try network("2001:db8:1:2::3") == network("2001:db8:1:2:ffff::4"))
    #expect(try network("2001:db8:1:2::3") != network("2001:db8:1:3::3"))
  }

  @Test("an IPv4 client is the same on a socket for both")
  func mapped() throws {
    #expect(try network("::ffff:192.0.2.1") == network("192.0.2.1"))
    #expect(try network("::ffff:192.0.2.1") != network("::ffff:192.0.2.2"))
    // What only looks like one: a prefix of zeros, and no 0xffff behind it.
    #expect(try network("::192.0.2.1") != network("192.0.2.1"))
  }

  @Test("a Unix socket has none, and neither has who has gone")
  func none() throws {
    #expect(ClientNetwork(try SocketAddress(unixDomainSocketPath: "/run/packd.sock")) == .local)
    #expect(ClientNetwork(nil) == .unknown)
  }

  @Test(
    "it is written in one way",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("255.255.255.255", "255.255.255.255"), ("0.0.0.0", "0.0.0.0"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
      ("2001:db8::1", "2001:db8:0:0::/64"), ("::1", "0:0:0:0::/64"),
      ("FE80::ABCD:1", "fe80:0:0:0::/64"),
    ])
  func description(address: String, text: String) throws {
    #expect(try network(address).description == text)
  }
}
