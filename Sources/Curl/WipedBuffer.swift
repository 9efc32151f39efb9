internal import Glibc

/// Bytes that leave no copy behind: they are wiped when nobody holds them any more, and where they
/// outgrow their memory. A description of them tells nothing.
///
/// Unchecked: filled by whoever made it, before it is handed out.
package final class WipedBuffer: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
  package private(set) var count = 0

  init() {}

  deinit {
    Self.free(memory)
  }

  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
  }

  func append(_ byte: UInt8) {
    reserve(1)
    memory[count] = byte
    count += 1
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
    count += bytes.count
  }

  private func reserve(_ more: Int) {
    guard memory.count - count < more else { return }
    let grown = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(count + more, memory.count * 2), alignment: 1)
    grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
    Self.free(memory)
    memory = grown
  }

  private static func free(_ memory: UnsafeMutableRawBufferPointer) {
    // A memset before memory is given back may be left out by the compiler.
    if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
    memory.deallocate()
  }

  package var description: String { "WipedBuffer" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
