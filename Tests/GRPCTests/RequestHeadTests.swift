@testable internal import GRPC
internal import NIOCore
internal import Testing

@Suite struct RequestHeadTests {
  private func head(_ fields: KeyValuePairs<String, String>) -> RequestHead {
    var head = RequestHead()
    for (name, value) in fields {
      Array(name.utf8).withUnsafeBytes { name in
        Array(value.utf8).withUnsafeBytes { value in head.add(name, value) }
      }
    }
    return head
  }

  @Test("POST and application/grpc, with or without a subtype or a parameter, is a gRPC request")
  func isGRPC() {
    for type in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
      let head = head([":method": "POST", "content-type": type])
      #expect(head.isPost && head.isGRPC)
    }
  }

  @Test(
    "anything else is not",
    arguments: ["application/grpcx", "application/grp", "text/plain", "", "Application/grpc"])
  func isNotGRPC(_ type: String) {
    #expect(!head(["content-type": type]).isGRPC)
    #expect(!head([":method": "GET"]).isPost)
  }

  @Test(
    "a timeout is up to eight digits and a unit",
    arguments: [
      ("1n", TimeAmount.nanoseconds(1)), ("20u", .microseconds(20)), ("300m", .milliseconds(300)),
      ("99999999S", .seconds(99_999_999)), ("2M", .minutes(2)), ("1H", .hours(1)),
      ("99999999H", .hours(1_000_000)),
    ])
  func timeout(_ text: String, _ amount: TimeAmount) {
    #expect(head(["grpc-timeout": text]).timeout == .after(amount))
  }

  @Test(
    "what is not that is malformed",
    arguments: ["", "1", "S", "123456789S", "-1S", "1.5S", "1s", "1 S", "+1S"])
  func malformedTimeout(_ text: String) {
    #expect(head(["grpc-timeout": text]).timeout == .malformed)
  }

  @Test("reserved names stay out of the metadata, everything else gets in, in order")
  func metadata() {
    let head = head([
      ":path": "/a/b", "te": "trailers", "content-type": "application/grpc", "grpc-timeout": "1S",
      "grpc-anything": "x", "authorization": "Bearer a", "x-id": "1", "x-id": "2",
    ])
    #expect(head.metadata.count == 3)
    #expect(head.metadata.first("authorization") == "Bearer a")
    #expect(head.metadata.first("x-id") == "1")
    #expect(head.metadata.first("grpc-anything") == nil)
    #expect(head.path == Array("/a/b".utf8))
  }

  @Test("identity is no encoding, another one is kept by name")
  func encoding() {
    #expect(head(["grpc-encoding": "identity"]).encoding == .identity)
    #expect(head(["grpc-encoding": "br"]).encoding == .unknown("br"))
  }

  @Test("nothing of one request is left in the next")
  func removeAll() {
    var head = head([
      ":method": "POST", ":path": "/a/b", "content-type": "application/grpc",
      "grpc-timeout": "1S", "grpc-encoding": "br", "x": "y",
    ])
    head.removeAll()
    #expect(!head.isPost && !head.isGRPC && head.metadata.isEmpty && head.path.isEmpty)
    #expect(head.timeout == .none && head.encoding == .identity)
  }
}
