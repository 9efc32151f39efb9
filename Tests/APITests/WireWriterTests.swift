import API
import Testing

@Suite struct WireWriterTests {
  @Test("a message that writes more than it measured stops the process, not other memory")
  func tooMuch() async {
    await #expect(processExitsWith: .failure) {
      _ = MismeasuredMessage(wireSize: 2).encoded()
    }
  }

  @Test("a message that writes less than it measured stops the process, not a peer's parser")
  func tooLittle() async {
    await #expect(processExitsWith: .failure) {
      _ = MismeasuredMessage(wireSize: 4).encoded()
    }
  }

  @Test("a message of the size that it measured is written")
  func exact() {
    #expect(MismeasuredMessage(wireSize: 3).encoded() == [0x0a, 0x01, 0x61])
  }
}

/// Takes three bytes, whatever it says.
private struct MismeasuredMessage: Message {
  static var name: String { "packd.test.MismeasuredMessage" }

  let wireSize: Int

  init() {
    self.init(wireSize: 3)
  }

  init(wireSize: Int) {
    self.wireSize = wireSize
  }

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {}

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, "a")
  }
}
