@testable internal import GRPC
internal import Testing

@Suite struct ResponseHeadersTests {
  private func names(_ status: Status, maxBytes: Int) -> [String] {
    ResponseHeaders.fields(status, maxBytes: maxBytes).map(\.name)
  }

  private var status: Status {
    var status = Status(.notFound, String(repeating: "é", count: 1_000))
    status.details = [UInt8](repeating: 7, count: 3_000)
    status.trailingMetadata.append("x-small", "1")
    return status
  }

  private func size(_ fields: [ResponseHeaders.Field]) -> Int {
    fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.count + 32 }
  }

  @Test("what fits is sent, whole")
  func fits() {
    #expect(
      names(status, maxBytes: 64 * 1024) == [
        "grpc-status", "grpc-message", "grpc-status-details-bin", "x-small",
      ])
  }

  @Test("beyond what the peer takes, details go, the message is cut, and the code stays")
  func doesNotFit() {
    #expect(names(status, maxBytes: 7_000) == ["grpc-status", "grpc-message", "x-small"])
    #expect(names(status, maxBytes: 0) == ["grpc-status"])
  }

  @Test("never more than the peer takes", arguments: Array(stride(from: 44, to: 12_000, by: 97)))
  func bound(_ maxBytes: Int) {
    let fields = ResponseHeaders.fields(status, maxBytes: maxBytes)
    #expect(size(fields) <= maxBytes)
    #expect(fields.first?.value == Array("5".utf8))
  }
}
