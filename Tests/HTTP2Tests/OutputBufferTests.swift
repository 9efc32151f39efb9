@testable internal import HTTP2
internal import Testing

@Suite struct OutputBufferTests {
  private func append(_ buffer: inout OutputBuffer, _ bytes: [UInt8]) {
    buffer.append(size: bytes.count) { $0.copyBytes(from: bytes) }
  }

  private func read(_ buffer: inout OutputBuffer, _ count: Int) -> [UInt8] {
    var piece = [UInt8](repeating: 0, count: count)
    let taken = piece.withUnsafeMutableBytes { buffer.read(into: $0) }
    return Array(piece.prefix(taken))
  }

  @Test("what goes in comes out in order, however it is cut", arguments: [1, 7, 255, 256, 1000])
  func order(_ size: Int) {
    var buffer = OutputBuffer()
    var written: [UInt8] = []
    var out: [UInt8] = []
    for round in 0..<40 {
      let bytes = (0..<(round * 13 % 90)).map { UInt8(truncatingIfNeeded: $0 &+ round) }
      append(&buffer, bytes)
      written += bytes
      if round % 3 == 0 { out += read(&buffer, size) }
    }
    while !buffer.isEmpty { out += read(&buffer, size) }
    #expect(out == written)
  }

  @Test("a reset drops what is left, and keeps working")
  func reset() {
    var buffer = OutputBuffer()
    append(&buffer, [UInt8](repeating: 1, count: 10_000))
    buffer.reset(keeping: 100)
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
    append(&buffer, [5])
    #expect(read(&buffer, 10) == [5])
  }
}
