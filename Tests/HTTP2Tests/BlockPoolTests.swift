@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct BlockPoolTests {
  private func make(_ pool: inout BlockPool, _ size: Int, _ byte: UInt8) -> ByteBuffer {
    pool.make(size: size) { $0.initializeMemory(as: UInt8.self, repeating: byte) }
  }

  private func address(_ block: ByteBuffer) -> UnsafeRawPointer? {
    block.withUnsafeReadableBytes(\.baseAddress)
  }

  @Test("a message has its size and its bytes, whatever was where it is")
  func contents() {
    var pool = BlockPool(pooledBytes: 1_000)
    for (index, size) in [900, 10, 0, 999, 5_000, 1_000, 3].enumerated() {
      let block = make(&pool, size, UInt8(index))
      #expect(Array(block.readableBytesView) == [UInt8](repeating: UInt8(index), count: size))
    }
  }

  @Test("memory that nobody reads any more is used again")
  func reuse() {
    var pool = BlockPool(pooledBytes: 1_000)
    let addresses = (0..<6).map { _ in address(make(&pool, 1_000, 1)) }
    #expect(Set(addresses).count == 2)
  }

  @Test("what still is to go out stays as it is")
  func noReuse() {
    var pool = BlockPool(pooledBytes: 1_000)
    let blocks = (0..<6).map { make(&pool, 1_000, UInt8($0)) }
    for (index, block) in blocks.enumerated() {
      #expect(Array(block.readableBytesView) == [UInt8](repeating: UInt8(index), count: 1_000))
    }
  }

  @Test("what is too long is not kept")
  func longMessages() {
    var pool = BlockPool(pooledBytes: 1_000)
    let long = make(&pool, 100_000, 1)
    for _ in 0..<4 {
      let kept = make(&pool, 1_000, 2)
      #expect(kept.capacity < 100_000)
    }
    #expect(long.readableBytes == 100_000)
  }
}
