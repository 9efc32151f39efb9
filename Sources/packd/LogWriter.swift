internal import Foundation
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
  private let format: LogFormat
  private let closeTimeout: DispatchTimeInterval
  private let state = Mutex(State())
  private let ready = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - descriptor: must stay open as long as the process: a slow reader may keep the thread
  ///     writing after ``close()``.
  ///   - closeTimeout: how long the end waits for a reader that takes its time.
  init(descriptor: Int32, format: LogFormat, closeTimeout: DispatchTimeInterval = .seconds(2)) {
    self.descriptor = descriptor
    self.format = format
    self.closeTimeout = closeTimeout
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

  /// Writes what is pending, as far as its reader takes it soon, then ends the thread.
  func close() {
    let wasOpen = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    guard wasOpen else { return }
    ready.signal()
    _ = done.wait(timeout: .now() + closeTimeout)
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
      StandardStreams.write(bytes, to: descriptor)
      if dropped > 0 { StandardStreams.write(notice(dropped), to: descriptor) }
      if isClosed { break }
    }
    done.signal()
  }

  private func notice(_ dropped: Int) -> [UInt8] {
    var line = LineBuffer(capacity: 128)
    format.open(&line, LogTime(), level: "warning", "the log is read too slowly")
    format.field(&line, "dropped_pieces", number: Int64(dropped))
    format.close(&line)
    return Array(line.bytes)
  }
}
