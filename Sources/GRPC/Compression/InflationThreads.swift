internal import Glibc
internal import HTTP2
internal import NIOCore
internal import NIOPosix

/// Threads that inflate long messages. They give way to the event loops: a client can have them do
/// a thousand times the work that it sends.
enum InflationThreads {
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: System.coreCount)
    pool.start()
    return pool
  }()

  /// Runs `body` on one of them; the result comes on `eventLoop`. Now and then `body` is to give
  /// way to others.
  static func run<Result: Sendable>(
    on eventLoop: any EventLoop, _ body: @escaping @Sendable (inout ProcessorTurns) throws -> Result
  ) -> EventLoopFuture<Result> {
    pool.runIfActive(eventLoop: eventLoop) {
      // 0 is the calling thread, and on Linux no other (setpriority(2), "Bugs").
      setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness)
      var turns = ProcessorTurns()
      return try body(&turns)
    }
  }

  /// Like the threads that hash passwords: with the highest value, 19, messages of those who mean
  /// well would take seconds on a machine that is busy otherwise.
  private static let niceness: Int32 = 10
}
