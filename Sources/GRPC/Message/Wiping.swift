internal import Glibc

/// Nothing of a call is to be found once it is over, and memory that is given back keeps what was
/// in it.
extension [UInt8] {
  /// Overwrites the bytes where they are: for who holds them last, since another holder would see
  /// it.
  func wipe() {
    withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      // A memset before memory is given back may be left out by the compiler.
      explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// Appends as an array does, and where it has to grow wipes what it leaves behind.
  mutating func appendWiping(_ bytes: UnsafeRawBufferPointer) {
    if capacity - count < bytes.count {
      let old = self
      self = []
      reserveCapacity(Swift.max(old.count + bytes.count, old.capacity * 2))
      append(contentsOf: old)
      old.wipe()
    }
    append(contentsOf: bytes)
  }
}
