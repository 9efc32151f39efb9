internal import Foundation
internal import Glibc

/// Standard input, output and error, which whoever starts the program may have closed, or may
/// close while it runs.
enum StandardStreams {
  /// Puts /dev/null where a standard descriptor is closed, or the next file to be opened would
  /// take its place and be written into; makes writing to a reader that has gone an error
  /// instead of the end.
  static func secure() {
    signal(SIGPIPE, SIG_IGN)
    var descriptor = open("/dev/null", O_RDWR)
    while (0...STDERR_FILENO).contains(descriptor) { descriptor = open("/dev/null", O_RDWR) }
    if descriptor > STDERR_FILENO { close(descriptor) }
  }

  /// Writes to a descriptor. What it refuses is lost: there is nowhere to say so.
  static func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  /// Writes to a descriptor, however slowly it takes the bytes; what it refuses is lost.
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = UnsafeRawBufferPointer(rebasing: rest)
        let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
        if count < 0 {
          guard waits(for: descriptor, after: errno) else { return }
        } else {
          rest = rest.dropFirst(count)
        }
      }
    }
  }

  /// Whether writing may be tried again. The descriptor may be non-blocking: it is shared with
  /// whoever started the program.
  private static func waits(for descriptor: Int32, after error: Int32) -> Bool {
    guard error == EAGAIN else { return error == EINTR }
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return Glibc.poll(&poll, 1, -1) >= 0 || errno == EINTR
  }
}
