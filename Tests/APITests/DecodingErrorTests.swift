import API
import Testing

@Suite struct DecodingErrorTests {
  @Test("an error names the innermost message and its field")
  func errorPlace() throws {
    let bytes = hex("0a 08 52 06 0a 01 61 12 01 ff 0a 02 12 01")
    let error = #expect(throws: DecodingError.self) { try CreatePlanRequest(decoding: bytes) }
    #expect(error == DecodingError(message: "packd.v1.Plan", field: 2, reason: .truncated))
    #expect(error?.description == "packd.v1.Plan field 2: truncated")
  }

  @Test("an error in a tag names the message alone")
  func errorInTag() {
    let error = #expect(throws: DecodingError.self) { try Plan(decoding: [0x80]) }
    #expect(error?.description == "packd.v1.Plan: truncated")
  }
}
