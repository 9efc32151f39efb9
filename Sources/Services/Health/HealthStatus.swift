internal import API
internal import Synchronization

/// Whether each service takes calls, for those who ask once and those who watch.
///
///     serving ──drain()──> draining: NOT_SERVING for good ──release()──> watches end
///
/// While it serves, the services that need the store are NOT_SERVING when the store is away.
package final class HealthStatus: Sendable {
  private typealias Changes = AsyncStream<Void>

  /// Those that need the store; "" is the server as a whole.
  private let ofStore: Set<String>
  private let others: Set<String>
  private let isStoreAvailable: @Sendable () -> Bool
  private let isDraining = Atomic(false)
  private let state = Mutex(State())

  private struct State {
    var watches: [UInt64: Changes.Continuation] = [:]
    var lastWatch: UInt64 = 0
    var wasStoreAvailable: Bool?
    var isReleased = false
  }

  /// - Parameters:
  ///   - ofStore: full names of the services that cannot do without the store.
  ///   - others: and of those that can.
  init(
    ofStore: Set<String>, others: Set<String>, isStoreAvailable: @escaping @Sendable () -> Bool
  ) {
    self.ofStore = ofStore.union([""])
    self.others = others
    self.isStoreAvailable = isStoreAvailable
  }

  /// The state of this moment; nil for a service that the server does not have.
  func status(of service: String) -> HealthCheckResponse.ServingStatus? {
    let isOfStore = ofStore.contains(service)
    guard isOfStore || others.contains(service) else { return nil }
    if isDraining.load(ordering: .acquiring) { return .notServing }
    return !isOfStore || isStoreAvailable() ? .serving : .notServing
  }

  /// Tells those who watch when the store has gone or come back; to be called often.
  package func refresh() {
    let isAvailable = isStoreAvailable()
    let hasChanged = state.withLock { state in
      defer { state.wasStoreAvailable = isAvailable }
      return state.wasStoreAvailable != isAvailable
    }
    if hasChanged { tellAll() }
  }

  /// Everything is NOT_SERVING from now on.
  package func drain() {
    isDraining.store(true, ordering: .releasing)
    tellAll()
  }

  /// Ends all watches, which would hold up a drain for as long as their clients like.
  package func release() {
    let watches = state.withLock { state in
      state.isReleased = true
      defer { state.watches = [:] }
      return Array(state.watches.values)
    }
    for watch in watches { watch.finish() }
  }

  /// How many watch.
  package var watchCount: Int { state.withLock { $0.watches.count } }

  /// An element at once, and one whenever a status may have changed, until ``release()``. Who
  /// is slow to take them gets one for many.
  func changes() -> AsyncStream<Void> {
    let (changes, continuation) = Changes.makeStream(bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    let id: UInt64? = state.withLock { state in
      guard !state.isReleased else { return nil }
      state.lastWatch += 1
      state.watches[state.lastWatch] = continuation
      return state.lastWatch
    }
    guard let id else {
      continuation.finish()
      return changes
    }
    continuation.onTermination = { [self] _ in state.withLock { $0.watches[id] = nil } }
    return changes
  }

  /// Outside the lock, so that nobody waits for it while thousands are told. The order of two
  /// tellings does not matter, since who is told looks for itself.
  private func tellAll() {
    for watch in state.withLock({ Array($0.watches.values) }) { watch.yield() }
  }
}
