@testable internal import GRPC
internal import Foundation
internal import Testing

@Suite struct ValueEncodingTests {
  private func percent(_ text: String, maxBytes: Int = 1000) -> String {
    String(decoding: PercentEncoding.encode(text, maxBytes: maxBytes), as: UTF8.self)
  }

  @Test("printable ASCII stays; percent, controls and all else become %XX of their UTF-8")
  func percentEncoding() {
    #expect(percent("Plan not found") == "Plan not found")
    #expect(percent("100%\n") == "100%25%0A")
    #expect(
      percent("\t\ntest with whitespace\r\n☺ 😈\t\n")
        == "%09%0Atest with whitespace%0D%0A%E2%98%BA %F0%9F%98%88%09%0A")
  }

  @Test("a message is cut between characters, never within one", arguments: 0...13)
  func cut(_ size: Int) throws {
    let cut = percent("ab☺c", maxBytes: size)
    #expect(cut.utf8.count <= size)
    let decoded = try #require(cut.removingPercentEncoding)
    #expect("ab☺c".hasPrefix(decoded))
  }

  @Test("base64 has no padding and agrees with Foundation's", arguments: 0...67)
  func base64(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let expected = Data(bytes).base64EncodedString().replacing("=", with: "")
    #expect(String(decoding: Base64.encode(bytes), as: UTF8.self) == expected)
  }
}
