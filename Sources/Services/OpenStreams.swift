internal import Synchronization

/// The streams of requests that are open, so that a drain can end them.
final class OpenStreams: Sendable {
  private struct State {
    var stops: [UInt64: @Sendable () -> Void] = [:]
    var last: UInt64 = 0
    var isReleased = false
  }

  private let state = Mutex(State())

  /// - Parameter stop: lets the stream end; called once, or never when it ends by itself.
  /// - Returns: its place, for ``remove(_:)``; nil when it was let go at once.
  func add(_ stop: @escaping @Sendable () -> Void) -> UInt64? {
    let place: UInt64? = state.withLock { state in
      guard !state.isReleased else { return nil }
      state.last += 1
      state.stops[state.last] = stop
      return state.last
    }
    if place == nil { stop() }
    return place
  }

  func remove(_ place: UInt64?) {
    guard let place else { return }
    state.withLock { $0.stops[place] = nil }
  }

  /// Lets all of them end, and those that are still to come.
  func release() {
    let stops = state.withLock { state in
      state.isReleased = true
      defer { state.stops = [:] }
      return Array(state.stops.values)
    }
    for stop in stops { stop() }
  }
}
