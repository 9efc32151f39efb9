internal import Glibc

/// The bytes of a log's file from its start, inflated if it is gzipped.
final class LogBytes {
  private let descriptor: Int32
  private let path: String
  private var gzip: GzipStream?
  /// Whether what comes next could not be inflated; bytes before it were good.
  private(set) var isDamaged = false

  init(_ path: String) throws(Failure) {
    self.path = path
    // Not to wait for a writer, should it be a FIFO.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure("open", path) }
    var magic: (UInt8, UInt8) = (0, 0)
    if pread(descriptor, &magic, 2, 0) == 2, magic == (0x1f, 0x8b) {
      gzip = GzipStream()
      guard gzip != nil else { throw .unavailable("no memory to inflate \(path)") }
    }
  }

  deinit { close(descriptor) }

  var isGzipped: Bool { gzip != nil }

  /// 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    guard gzip != nil else { return try readFile(into: buffer) }
    guard !isDamaged else { return 0 }
    let piece = try gzip?.next(into: buffer) { input throws(Failure) in
      try self.readFile(into: input)
    }
    switch piece {
    case .bytes(let count): return count
    case .damaged: isDamaged = true
    case .end, nil: break
    }
    return 0
  }

  /// Goes on from there; false when there is less. Only forward, and before anything else.
  func skip(to offset: Int64) throws(Failure) -> Bool {
    guard gzip != nil else {
      var status = stat()
      guard fstat(descriptor, &status) == 0, Int64(status.st_size) >= offset else { return false }
      return lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset)
    }
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: MeasuringLimits.readBytes, alignment: 16)
    defer { piece.deallocate() }
    var left = offset
    while left > 0 {
      let count = Int(min(left, Int64(piece.count)))
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: piece[..<count]))
      guard got > 0 else { return false }
      left -= Int64(got)
    }
    return true
  }

  private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw Self.failure("read", path) }
    }
  }

  static func failure(_ verb: String, _ path: String) -> Failure {
    .noInput("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
