@testable internal import packd_interop
internal import API
internal import Command
internal import Foundation
internal import Testing

/// The codecs beside protoc, which reads and writes the messages of Debian's grpc-proto as text.
@Suite(.enabled(if: Protoc.isInstalled, "protoc or grpc-proto is not installed"))
struct CodecTests {
  @Test("a request that protoc writes is read")
  func simpleRequest() throws {
    let bytes = try Protoc.encode(
      "SimpleRequest",
      """
      response_type: COMPRESSABLE response_size: 314159 payload { body: "\\001\\000\\377" }
      fill_username: true fill_oauth_scope: true response_compressed { value: true }
      response_status { code: 2 message: "test status message" } expect_compressed { }
      fill_server_id: true orca_per_query_report { cpu_utilization: 0.5 }
      """)
    var expected = SimpleRequest()
    expected.responseSize = 314_159
    expected.payload = Payload(body: [1, 0, 255])
    expected.responseCompressed = BoolValue(value: true)
    expected.responseStatus = EchoStatus(code: 2, message: "test status message")
    expected.expectCompressed = BoolValue(value: false)
    #expect(try SimpleRequest(decoding: bytes) == expected)
    #expect(
      try Protoc.decode("SimpleRequest", expected.encoded()) == """
        response_size: 314159
        payload { body: "\\001\\000\\377" }
        response_compressed { value: true }
        response_status { code: 2 message: "test status message" }
        expect_compressed { }
        """)
  }

  @Test("parameters of many responses are read in order")
  func streamingOutputCallRequest() throws {
    let bytes = try Protoc.encode(
      "StreamingOutputCallRequest",
      """
      response_parameters { size: 31415 compressed { value: true } }
      response_parameters { size: 9 interval_us: 1000000 compressed { } }
      response_parameters { }
      payload { body: "four" } response_status { code: -1 }
      """)
    var expected = StreamingOutputCallRequest()
    expected.responseParameters = [
      ResponseParameters(size: 31_415, compressed: BoolValue(value: true)),
      ResponseParameters(size: 9, intervalMicroseconds: 1_000_000, compressed: BoolValue()),
      ResponseParameters(),
    ]
    expected.payload = Payload(body: Array("four".utf8))
    expected.responseStatus = EchoStatus(code: -1)
    #expect(try StreamingOutputCallRequest(decoding: bytes) == expected)
    #expect(expected.encoded() == bytes)
  }

  @Test("a streamed request is read")
  func streamingInputCallRequest() throws {
    let bytes = try Protoc.encode(
      "StreamingInputCallRequest",
      "payload { body: \"payload\" } expect_compressed { value: true }")
    let expected = StreamingInputCallRequest(
      payload: Payload(body: Array("payload".utf8)), expectCompressed: BoolValue(value: true))
    #expect(try StreamingInputCallRequest(decoding: bytes) == expected)
    #expect(expected.encoded() == bytes)
  }

  @Test("responses are what protoc makes of them")
  func responses() throws {
    let payload = Payload(body: [0, 0])
    let text = "payload { body: \"\\000\\000\" }"
    #expect(
      try Protoc.decode("SimpleResponse", SimpleResponse(payload: payload).encoded()) == text)
    #expect(
      try Protoc.decode(
        "StreamingOutputCallResponse", StreamingOutputCallResponse(payload: payload).encoded())
        == text)
    #expect(
      try Protoc.decode(
        "StreamingInputCallResponse",
        StreamingInputCallResponse(aggregatedPayloadSize: 74_922).encoded())
        == "aggregated_payload_size: 74922")
    #expect(Empty().encoded() == [])
  }

  @Test(
    "a streamed response is what its message says, for a body of any size",
    arguments: [0, 1, 9, 123, 124, 125, 126, 127, 128, 16_380, 16_384, 2_097_152])
  func bodySizes(size: Int) throws {
    let response = StreamingOutputCallResponse(
      payload: Payload(body: [UInt8](repeating: 7, count: size)))
    let bytes = response.encoded()
    #expect(try StreamingOutputCallResponse(decoding: bytes) == response)
    let body = String(repeating: "\\007", count: size)
    #expect(
      try Protoc.encode("StreamingOutputCallResponse", "payload { body: \"\(body)\" }") == bytes)
  }
}

/// protoc as installed, with Debian's grpc-proto.
private enum Protoc {
  static let path = "/usr/bin/protoc"
  static let root = "/usr/share/grpc-proto"

  static let isInstalled =
    FileManager.default.isExecutableFile(atPath: path)
    && FileManager.default.fileExists(atPath: "\(root)/grpc/testing/messages.proto")

  /// The bytes of a message that is given as text.
  static func encode(_ name: String, _ text: String) throws -> [UInt8] {
    [UInt8](try run("--encode=grpc.testing.\(name)", Data(text.utf8)))
  }

  /// The text of a message, with single spaces and, between outermost fields, line ends.
  static func decode(_ name: String, _ bytes: [UInt8]) throws -> String {
    let text = try run("--decode=grpc.testing.\(name)", Data(bytes))
    return String(decoding: text, as: UTF8.self)
      .replacing(/\s*\n +/, with: " ").replacing(/\n}/, with: " }")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func run(_ option: String, _ input: Data) throws -> Data {
    let protoc = Command(path, ["-I\(root)", option, "grpc/testing/messages.proto"])
    return Data(try protoc.run(input: Array(input)))
  }
}
