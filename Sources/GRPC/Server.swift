package import HTTP2
package import NIOCore

/// Makes the calls of a server: what they share, kept once per event loop.
package final class Server: Sendable {
  private let loops: [ObjectIdentifier: NIOLoopBound<LoopState>]

  /// - Parameters:
  ///   - interceptors: made once per event loop, around every call there; the first is outermost.
  package init(
    group: any EventLoopGroup, router: Router, limits: CallLimits,
    interceptors: @escaping @Sendable (any EventLoop) -> [any LoopInterceptor]
  ) async throws {
    var loops: [ObjectIdentifier: NIOLoopBound<LoopState>] = [:]
    for eventLoop in group.makeIterator() {
      let state = try await eventLoop.submit {
        NIOLoopBound(
          LoopState(
            router: router, limits: limits, eventLoop: eventLoop,
            interceptors: interceptors(eventLoop)),
          eventLoop: eventLoop)
      }.get()
      loops[ObjectIdentifier(eventLoop)] = state
    }
    self.loops = loops
  }

  /// The handler of a pooled stream; call it on `eventLoop`, one of the group's.
  package func makeHandler(on eventLoop: any EventLoop) -> any StreamHandler {
    guard let state = loops[ObjectIdentifier(eventLoop)] else {
      preconditionFailure("an event loop that is not of the server's group")
    }
    return Call(state.value)
  }

  /// Holds the calls of new connections to these limits.
  package func install(_ limits: CallLimits) async {
    for state in loops.values {
      try? await state.eventLoop.submit { state.value.limits = limits }.get()
    }
  }

  /// Tells the interceptors that no more calls come.
  package func finish() async {
    for state in loops.values {
      try? await state.eventLoop.submit {
        for interceptor in state.value.interceptors { interceptor.finish() }
      }.get()
    }
  }
}

/// What the calls of one event loop share.
final class LoopState {
  let router: Router
  var limits: CallLimits
  let executor: LoopExecutor
  let interceptors: [any LoopInterceptor]
  /// Messages that are being inflated on other threads.
  var inflations = 0
  /// Starts anywhere, so that ids of two runs of the program do not meet in a log.
  private var lastCallID = UInt64.random(in: 0...UInt64.max)

  init(
    router: Router, limits: CallLimits, eventLoop: any EventLoop,
    interceptors: [any LoopInterceptor]
  ) {
    self.router = router
    self.limits = limits
    self.executor = LoopExecutor(eventLoop)
    self.interceptors = interceptors
  }

  func nextCallID() -> UInt64 {
    lastCallID &+= 1
    return lastCallID
  }
}
