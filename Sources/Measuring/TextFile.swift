internal import Glibc

/// A small file that an option names.
package enum TextFile {
  package static func read(
    _ path: String, option: String, maxBytes: Int
  ) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .noInput("\(option): cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: maxBytes + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw .noInput("\(option): cannot read \(path): \(String(cString: strerror(errno)))")
      }
      guard got > 0 else { return Array(bytes[..<count]) }
      count += got
    }
    throw .usage("\(option): \(path) has more than \(maxBytes) bytes")
  }
}
