internal import Foundation
internal import Glibc

/// The signals that steer the process, as a sequence.
enum Signals {
  enum Signal: Sendable {
    /// SIGTERM or SIGINT.
    case stop
    /// SIGHUP.
    case reload
  }

  /// Makes a file at its size limit (`RLIMIT_FSIZE`) an error of the write that meets it, which
  /// is a full store, and not the end of the process.
  static func ignoreFileSizeLimit() {
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Listens from now on; to be called once. A handler passes each signal through a pipe, so
  /// that none is lost between its arrival and whoever waits for it.
  static func sequence() throws -> AsyncStream<Signal> {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      let reason = String(cString: strerror(errno))
      throw StartupError.unavailable("cannot listen for signals: \(reason)")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let input = ends[0]
    handlerOutput = ends[1]
    for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, passOn) }
    return AsyncStream { continuation in
      let thread = Thread { forward(from: input, to: continuation) }
      thread.name = "signals"
      thread.start()
    }
  }

  private static func forward(
    from input: Int32, to continuation: AsyncStream<Signal>.Continuation
  ) {
    var number: UInt8 = 0
    while true {
      let count = read(input, &number, 1)
      if count == 1 {
        continuation.yield(Int32(number) == SIGHUP ? .reload : .stop)
      } else if count == 0 || errno != EINTR {
        return continuation.finish()
      }
    }
  }
}

// Written once, before the handler that reads it is installed.
nonisolated(unsafe) private var handlerOutput: Int32 = -1

/// Only what signal-safety(7) allows. A pipe that is full has signals enough to be read.
private let passOn: @convention(c) (Int32) -> Void = { number in
  let before = errno
  var byte = UInt8(truncatingIfNeeded: number)
  _ = write(handlerOutput, &byte, 1)
  errno = before
}
