/// Bytes between a writer and nghttp2: appended whole, read in pieces, its memory kept for the
/// next response.
struct OutputBuffer: ~Copyable {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var head = 0
  private var tail = 0

  deinit { memory.deallocate() }

  var isEmpty: Bool { head == tail }
  var count: Int { tail - head }

  mutating func append(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    if memory.count - tail < size { makeRoom(size) }
    fill(UnsafeMutableRawBufferPointer(rebasing: memory[tail..<tail + size]))
    tail += size
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, tail - head)
    if count > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[head..<head + count]))
      head += count
    }
    if head == tail { (head, tail) = (0, 0) }
    return count
  }

  /// Drops what is left, and the memory too when it is larger than `limit`.
  mutating func reset(keeping limit: Int) {
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
