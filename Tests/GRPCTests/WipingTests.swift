@testable internal import GRPC
internal import Testing

@Suite struct WipingTests {
  @Test("bytes are overwritten where they are")
  func wipe() {
    for count in [0, 1, 100_000] {
      let bytes = [UInt8](repeating: 7, count: count)
      bytes.withUnsafeBytes { seen in
        bytes.wipe()
        #expect(seen.count == count && seen.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("appending gives what an array's own would", arguments: [1, 7, 1000])
  func append(piece: Int) {
    var (expected, found): ([UInt8], [UInt8]) = ([], [])
    for number in 0..<300 {
      let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: piece)
      expected += bytes
      bytes.withUnsafeBytes { found.appendWiping($0) }
    }
    #expect(found == expected)
  }
}
