internal import NIOCore

/// Bytes between a writer and nghttp2: appended whole, read in pieces, its memory kept for the
/// next response.
///
///     memory [head..<tail] ── then ── block
///
/// A long message is a block of its own, whose pieces go to the socket from where they are.
struct OutputBuffer: ~Copyable {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var head = 0
  private var tail = 0
  private var block = ByteBuffer()

  deinit { memory.deallocate() }

  var isEmpty: Bool { head == tail && block.readableBytes == 0 }
  var count: Int { tail - head + block.readableBytes }

  /// Appends `size` bytes, which `fill` writes.
  mutating func append(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    if block.readableBytes > 0 { copyBlock() }
    if memory.count - tail < size { makeRoom(size) }
    fill(UnsafeMutableRawBufferPointer(rebasing: memory[tail..<tail + size]))
    tail += size
  }

  /// Appends `size` bytes, which `fill` writes, as a block.
  ///
  /// - Parameter spare: what the block is written into when pieces of the last one are still on
  ///   their way to the socket; that one is then the spare. Memory fresh from the system would cost
  ///   a page fault every 4 KiB.
  mutating func appendBlock(
    size: Int, spare: inout ByteBuffer, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    if block.readableBytes > 0 { copyBlock() }
    if block.modifyIfUniquelyOwned({ _ in true }) == nil { swap(&block, &spare) }
    block.clear(minimumCapacity: size)
    block.writeWithUnsafeMutableBytes(minimumWritableBytes: size) {
      fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<size]))
      return size
    }
  }

  /// The next `count` bytes, shared, if they all are in a block.
  mutating func takeShared(_ count: Int) -> ByteBuffer? {
    head == tail ? block.readSlice(length: count) : nil
  }

  /// Copies the next bytes out; returns how many.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, tail - head)
    if count > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[head..<head + count]))
      head += count
    }
    if head == tail { (head, tail) = (0, 0) }
    return count + readBlock(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
  }

  private mutating func readBlock(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    block.readWithUnsafeReadableBytes { bytes in
      let count = min(buffer.count, bytes.count)
      if count > 0 { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
      return count
    }
  }

  /// What is left of the block, little as a rule, makes way for what comes behind it.
  private mutating func copyBlock() {
    let left = block
    block = ByteBuffer()
    left.withUnsafeReadableBytes { bytes in
      append(size: bytes.count) { $0.copyMemory(from: bytes) }
    }
  }

  /// Drops what is left, and the memory too when it is larger than `limit`.
  mutating func reset(keeping limit: Int) {
    if block.capacity > 0 { block = ByteBuffer() }
    (head, tail) = (0, 0)
    if memory.count > limit {
      memory.deallocate()
      memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
  }

  private mutating func makeRoom(_ size: Int) {
    let waiting = tail - head
    // Moving little is cheaper than new memory; moving much, again and again, is not.
    if waiting + size <= memory.count, waiting <= head {
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[head..<tail]))
      (head, tail) = (0, waiting)
      return
    }
    let bigger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(256, (waiting + size).nextPowerOf2), alignment: 16)
    bigger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[head..<tail]))
    memory.deallocate()
    memory = bigger
    (head, tail) = (0, waiting)
  }
}

extension Int {
  fileprivate var nextPowerOf2: Int {
    self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
  }
}
