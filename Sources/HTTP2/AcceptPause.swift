internal import Glibc
package import NIOCore

/// Stops accepting for a moment when file descriptors or memory run out. A connection that
/// cannot be accepted waits in the kernel's queue, so trying again at once would only spin.
package final class AcceptPause: ChannelInboundHandler {
  package typealias InboundIn = any Channel

  private static let duration = TimeAmount.milliseconds(200)
  private static let shortages = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

  private let report: (String) -> Void

  /// - Parameter report: told what is short at each pause.
  package init(report: @escaping (String) -> Void) {
    self.report = report
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, Self.shortages.contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    report(String(cString: strerror(error.errnoCode)))
    // Keeping reads back would not do: the channel stays registered for one that has failed.
    let channel = context.channel
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.scheduleTask(in: Self.duration) {
      try? channel.syncOptions?.setOption(.autoRead, value: true)
    }
  }
}
