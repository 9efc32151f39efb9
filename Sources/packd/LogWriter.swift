internal import Foundation
internal import Glibc
internal import Synchronization

/// Writes log lines to a file descriptor on a thread of its own, so that a slow reader of the
/// log never holds up an event loop. What does not fit into its bounded buffer is dropped and
/// counted in a line of its own.
final class LogWriter: Sendable {
  private static let maxPendingBytes = 8 * 1024 * 1024

  private struct State {
    var pending: [UInt8] = []
    var dropped = 0
    var isClosed = false
  }

  private let descriptor: Int32
  private let state = Mutex(State())
  private let ready = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  init(descriptor: Int32) {
    self.descriptor = descriptor
    let thread = Thread { [self] in run() }
    thread.name = "log"
    thread.start()
  }

  /// Takes whole lines, each with its line feed.
  func append(_ lines: some Collection<UInt8>) {
    let wakes = state.withLock { state in
      guard !state.isClosed else { return false }
      guard state.pending.count + lines.count <= Self.maxPendingBytes else {
        state.dropped += 1
        return false
      }
      defer { state.pending += lines }
      return state.pending.isEmpty
    }
    if wakes { ready.signal() }
  }

  /// Writes what is pending, then ends the thread.
  func close() {
    let wasOpen = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    guard wasOpen else { return }
    ready.signal()
    done.wait()
  }

  private func run() {
    while true {
      ready.wait()
      let (bytes, dropped, isClosed) = state.withLock { state in
        defer {
          state.pending = []
          state.dropped = 0
        }
        return (state.pending, state.dropped, state.isClosed)
      }
      write(bytes)
      if dropped > 0 { write(Array("packd: dropped \(dropped) pieces of the log\n".utf8)) }
      if isClosed { break }
    }
    done.signal()
  }

  /// Gives up on what the descriptor refuses: a log that cannot be written has nowhere to say so.
  private func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = writeSome(UnsafeRawBufferPointer(rebasing: rest))
        if count < 0, errno != EINTR { return }
        rest = rest.dropFirst(max(count, 0))
      }
    }
  }

  private func writeSome(_ bytes: UnsafeRawBufferPointer) -> Int {
    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
  }
}
