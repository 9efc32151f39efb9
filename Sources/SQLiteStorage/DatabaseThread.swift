internal import Glibc
internal import Storage

/// A thread of its own: SQLite blocks on the disk, which a pool shared with others must not.
struct DatabaseThread: Sendable {
  private let thread: pthread_t

  private final class Start {
    let body: () -> Void

    init(_ body: @escaping () -> Void) {
      self.body = body
    }
  }

  /// Starts a thread that runs `body` on `state`, which is its own from now on.
  ///
  /// - Throws: ``StorageError/unavailable(reason:)`` when the system has no thread to give.
  init<State>(
    _ state: sending State, _ body: @escaping @Sendable (State) -> Void
  ) throws(StorageError) {
    let start = Unmanaged.passRetained(Start { body(state) })
    // A thread inherits what is blocked: signals are for the threads that expect them.
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
      throw .unavailable(reason: "no thread: \(String(cString: strerror(code)))")
    }
    self.thread = thread
  }

  /// Waits for the end of the thread. Either this or ``detach()`` must be called, once.
  func join() {
    pthread_join(thread, nil)
  }

  /// Lets the thread end by itself.
  func detach() {
    pthread_detach(thread)
  }
}
