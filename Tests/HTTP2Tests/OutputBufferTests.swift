@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct OutputBufferTests {
  private func append(_ buffer: inout OutputBuffer, _ bytes: [UInt8]) {
    buffer.append(size: bytes.count) { $0.copyBytes(from: bytes) }
  }

  private func appendBlock(
    _ buffer: inout OutputBuffer, _ bytes: [UInt8], spare: inout ByteBuffer
  ) {
    buffer.appendBlock(size: bytes.count, spare: &spare) { $0.copyBytes(from: bytes) }
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

  @Test(
    "blocks and short messages come out in order, shared or copied", arguments: [1, 7, 60, 1000])
  func blocks(_ size: Int) {
    var buffer = OutputBuffer()
    var spare = ByteBuffer()
    var written: [UInt8] = []
    var out: [UInt8] = []
    var sharedCount = 0
    for round in 0..<60 {
      let bytes = (0..<(round * 29 % 190)).map { UInt8(truncatingIfNeeded: $0 &+ round) }
      if bytes.count < 100 {
        append(&buffer, bytes)
      } else {
        appendBlock(&buffer, bytes, spare: &spare)
      }
      written += bytes
      #expect(buffer.count == written.count - out.count)
      while buffer.count > round % 120 {
        let count = min(size, buffer.count)
        if let shared = buffer.takeShared(count) {
          out += Array(shared.readableBytesView)
          sharedCount += 1
        } else {
          out += read(&buffer, count)
        }
      }
    }
    while !buffer.isEmpty { out += read(&buffer, size) }
    #expect(out == written)
    #expect(sharedCount > 0)
  }

  @Test("what was shared stays as it is when the buffer is used again")
  func sharedBytesStay() {
    var buffer = OutputBuffer()
    var spare = ByteBuffer()
    appendBlock(&buffer, [UInt8](repeating: 1, count: 300), spare: &spare)
    let first = buffer.takeShared(200)
    appendBlock(&buffer, [UInt8](repeating: 2, count: 300), spare: &spare)
    #expect(read(&buffer, 100) == [UInt8](repeating: 1, count: 100))
    let second = buffer.takeShared(300)
    appendBlock(&buffer, [UInt8](repeating: 3, count: 300), spare: &spare)
    #expect(first.map { Array($0.readableBytesView) } == [UInt8](repeating: 1, count: 200))
    #expect(second.map { Array($0.readableBytesView) } == [UInt8](repeating: 2, count: 300))
    buffer.reset(keeping: 1000)
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
  }

  @Test("while one block is being sent, the memory of the one before is written to again")
  func spareMemory() throws {
    var buffer = OutputBuffer()
    var spare = ByteBuffer()
    var onItsWay: ByteBuffer?
    var places: Set<UnsafeRawPointer?> = []
    for round in UInt8(0)..<6 {
      appendBlock(&buffer, [UInt8](repeating: round, count: 300), spare: &spare)
      let before = onItsWay.map { Array($0.readableBytesView) }
      #expect(before == nil || before == [UInt8](repeating: round - 1, count: 300))
      let taken = buffer.takeShared(300)
      let block = try #require(taken)
      places.insert(block.withUnsafeReadableBytes { $0.baseAddress })
      onItsWay = block
    }
    #expect(places.count == 2)
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
