internal import Testing

@testable internal import packctl

@Suite struct ServerAddressTests {
  @Test(
    "an address is a host and a port, or a path",
    arguments: [
      "127.0.0.1:50051", "packd.example:443", "[::1]:50051", "localhost:1", "unix:/run/packd.sock",
    ])
  func taken(_ text: String) throws {
    #expect(try #require(ServerAddress(text)).text == text)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", ":1", "host", "host:", "host:0", "host:65536", "host:-1", "::1:50051", "unix:", "unix:a",
      "ho st:1", "http://host:1", "host/x:1", "[]:1",
    ])
  func refused(_ text: String) {
    #expect(ServerAddress(text) == nil)
  }

  @Test(
    "a number is told from a name",
    arguments: [
      ("127.0.0.1:1", true), ("[::1]:1", true), ("localhost:1", false), ("unix:/x", false),
      ("1.example:1", false),
    ])
  func numeric(_ text: String, _ isNumeric: Bool) {
    #expect(ServerAddress(text)?.isNumeric == isNumeric)
  }

  @Test(
    "only what stays on this machine is local",
    arguments: [
      ("127.0.0.1:1", true), ("[::1]:1", true), ("localhost:1", true), ("unix:/x", true),
      ("packd.example:1", false), ("192.0.2.7:1", false), ("localhost.example:1", false),
    ])
  func local(_ text: String, _ isLocal: Bool) {
    #expect(ServerAddress(text)?.isLocal == isLocal)
  }
}
