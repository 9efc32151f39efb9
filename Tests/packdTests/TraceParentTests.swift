@testable internal import packd
internal import Testing

@Suite struct TraceParentTests {
  private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

  private func traceID(_ value: String) -> String? {
    var value = value
    return value.withUTF8 { bytes in
      TraceParent.traceID(UnsafeRawBufferPointer(bytes)).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test(
    "a valid value gives its trace id",
    arguments: [
      "00-ID-00f067aa0ba902b7-01", "00-ID-00f067aa0ba902b7-00", "01-ID-00f067aa0ba902b7-ff-x",
    ])
  func valid(_ value: String) {
    #expect(traceID(value.replacing("ID", with: Self.traceID)) == Self.traceID)
  }

  @Test(
    "anything else gives none",
    arguments: [
      "", "00-ID-00f067aa0ba902b7-0", "00-ID-00f067aa0ba902b7-01-x", "00-ID-00f067aa0ba902b7-0g",
      "ff-ID-00f067aa0ba902b7-01", "0x-ID-00f067aa0ba902b7-01", "00-ID-0000000000000000-01",
      "00-ID-00F067AA0BA902B7-01", "00_ID-00f067aa0ba902b7-01", "01-ID-00f067aa0ba902b7-01x",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    ])
  func invalid(_ value: String) {
    #expect(traceID(value.replacing("ID", with: Self.traceID)) == nil)
  }
}
