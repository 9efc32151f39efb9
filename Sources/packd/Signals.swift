internal import Dispatch
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

  static func sequence() -> AsyncStream<Signal> {
    AsyncStream { continuation in
      let sources = [(SIGTERM, Signal.stop), (SIGINT, .stop), (SIGHUP, .reload)].map {
        (number, meaning) in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { continuation.yield(meaning) }
        source.resume()
        return UncheckedSource(source)
      }
      continuation.onTermination = { _ in for source in sources { source.cancel() } }
    }
  }

  /// Unchecked: `cancel` may be called on any thread, as Dispatch documents; nothing else is.
  private struct UncheckedSource: @unchecked Sendable {
    private let source: any DispatchSourceSignal

    init(_ source: any DispatchSourceSignal) {
      self.source = source
    }

    func cancel() { source.cancel() }
  }
}
