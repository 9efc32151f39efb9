internal import Glibc

/// A thread of its own, for what blocks or computes for long, which neither an event loop nor
/// Swift's pool may do.
package struct OwnThread: Sendable {
  /// The system has no thread to give.
  package struct Unavailable: Error {
    package let reason: String
  }

  private let thread: pthread_t

  private final class Start {
    let body: () -> Void

    init(_ body: @escaping () -> Void) {
      self.body = body
    }
  }

  /// Starts a thread that runs `body` on `state`, which is its own from now on. Either ``join()``
  /// or ``detach()`` must be called, once.
  package init<State>(
    _ state: sending State, _ body: @escaping @Sendable (State) -> Void
  ) throws(Unavailable) {
    let start = Unmanaged.passRetained(Start { body(state) })
    // A thread inherits what is blocked: signals are for the threads that expect them, and the
    // SIGPIPE of a connection that was closed is for nobody.
    var all = sigset_t()
    var old = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &old)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    pthread_sigmask(SIG_SETMASK, &old, nil)
    guard code == 0 else {
      start.release()
      throw Unavailable(reason: "no thread: \(String(cString: strerror(code)))")
    }
    self.thread = thread
  }

  /// Runs `body` on a thread that lasts as long; false when the system has none to give.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let thread = try? OwnThread((), { body() }) else { return false }
    thread.detach()
    return true
  }

  /// Waits for the end of the thread.
  package func join() {
    pthread_join(thread, nil)
  }

  /// Lets the thread end by itself.
  package func detach() {
    pthread_detach(thread)
  }
}
