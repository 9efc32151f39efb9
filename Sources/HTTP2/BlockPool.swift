internal import NIOCore

/// Memory of long messages, which go to the socket from where they are written, for the next ones:
/// new memory of that size costs page faults, which show at a megabyte a message.
struct BlockPool {
  /// One message is written while the socket has not taken the last of the one before.
  private var blocks = [ByteBuffer(), ByteBuffer()]
  private var last = 0
  private let pooledBytes: Int

  /// - Parameter pooledBytes: of a message up to which its memory is kept.
  init(pooledBytes: Int) {
    self.pooledBytes = pooledBytes
  }

  /// A message of `size` bytes, which `fill` writes.
  mutating func make(
    size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) -> ByteBuffer {
    var block = ByteBuffer()
    let isPooled = size <= pooledBytes
    if isPooled {
      last = (last + 1) % blocks.count
      // It is not to be held twice while it is written. Where something of its last message still
      // is to go out, `clear` leaves it alone and takes new memory.
      swap(&block, &blocks[last])
    }
    block.clear(minimumCapacity: size)
    block.writeWithUnsafeMutableBytes(minimumWritableBytes: size) {
      fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<size]))
      return size
    }
    if isPooled { blocks[last] = block }
    return block
  }
}
