internal import API
internal import GRPC
internal import Synchronization
internal import Testing

@testable internal import Services

@Suite struct HealthTests {
  private typealias ServingStatus = HealthCheckResponse.ServingStatus

  private static let catalogue = "packd.v1.CatalogueService"
  private static let reflection = "grpc.reflection.v1.ServerReflection"

  private let store = Switch()
  private let health: HealthStatus
  private let service: HealthService

  init() {
    health = HealthStatus(
      ofStore: [Self.catalogue], others: [Self.reflection],
      isStoreAvailable: { [store] in store.isOn })
    service = HealthService(health: health)
  }

  private func check(_ name: String) throws -> ServingStatus {
    try service.check(HealthCheckRequest(service: name)).status
  }

  /// Watches in a task; what is sent can be waited for.
  private func watch(_ name: String) -> Watcher {
    Watcher(service, name)
  }

  @Test("the server and each of its services are serving, and no other is known")
  func check() throws {
    #expect(try check("") == .serving)
    #expect(try check(Self.catalogue) == .serving)
    #expect(try check(Self.reflection) == .serving)
    for name in ["packd.v1.Catalogue", "packd.v1", ".", "\(Self.catalogue)/GetPlan"] {
      let status = #expect(throws: Status.self) { try check(name) }
      #expect(status?.code == .notFound)
    }
  }

  @Test("without the store, only what can do without it is serving")
  func storeIsAway() throws {
    store.isOn = false
    #expect(try check("") == .notServing)
    #expect(try check(Self.catalogue) == .notServing)
    #expect(try check(Self.reflection) == .serving)
    store.isOn = true
    #expect(try check("") == .serving)
  }

  @Test("in a drain nothing is serving, whatever the store does")
  func drain() throws {
    health.drain()
    store.isOn = false
    store.isOn = true
    health.refresh()
    for name in ["", Self.catalogue, Self.reflection] {
      #expect(try check(name) == .notServing)
    }
  }

  @Test("a watch tells the status at once, and again when it has changed")
  func watch() async throws {
    let server = watch("")
    let other = watch(Self.reflection)
    #expect(await server.next() == .serving)
    #expect(await other.next() == .serving)
    store.isOn = false
    health.refresh()
    #expect(await server.next() == .notServing)
    health.refresh()
    store.isOn = true
    health.refresh()
    #expect(await server.next() == .serving)
    health.drain()
    #expect(await server.next() == .notServing)
    // Nothing of the store reached this one.
    #expect(await other.next() == .notServing)
    #expect(health.watchCount == 2)
    health.release()
    #expect(await server.end() == .unavailable)
    #expect(await other.end() == .unavailable)
    #expect(health.watchCount == 0)
  }

  @Test("a watch of an unknown service says so, and stays")
  func watchUnknown() async throws {
    let watcher = watch("no.such.Service")
    #expect(await watcher.next() == .serviceUnknown)
    store.isOn = false
    health.refresh()
    health.drain()
    #expect(health.watchCount == 1)
    health.release()
    #expect(await watcher.next() == nil)
    #expect(await watcher.end() == .unavailable)
  }

  @Test("a watch that begins in a drain is told so, and let go with the others")
  func watchInDrain() async throws {
    health.drain()
    let early = watch("")
    #expect(await early.next() == .notServing)
    health.release()
    #expect(await early.end() == .unavailable)
    let late = watch(Self.catalogue)
    #expect(await late.next() == .notServing)
    #expect(await late.end() == .unavailable)
    #expect(health.watchCount == 0)
  }

  @Test("who drains is seen draining before the watch ends, also by the slowest")
  func drainAndReleaseAtOnce() async throws {
    let watchers = (0..<100).map { _ in watch("") }
    for watcher in watchers { #expect(await watcher.next() == .serving) }
    health.drain()
    health.release()
    for watcher in watchers {
      #expect(await watcher.next() == .notServing)
      #expect(await watcher.end() == .unavailable)
    }
  }

  @Test("a cancelled watch is forgotten")
  func cancel() async throws {
    let watcher = watch("")
    #expect(await watcher.next() == .serving)
    watcher.task.cancel()
    #expect(await watcher.end() == .cancelled)
    #expect(health.watchCount == 0)
  }

  @Test("a watch whose client is gone is forgotten at the next message")
  func sendFails() async throws {
    struct Gone: Error {}
    await #expect(throws: Gone.self) {
      try await service.watch(HealthCheckRequest()) { _ in throw Gone() }
    }
    #expect(health.watchCount == 0)
  }

  @Test("who reads slowly gets the last status, not every one")
  func slowReader() async throws {
    let gate = AsyncStream.makeStream(of: Void.self)
    let sent = Mutex<[ServingStatus]>([])
    let started = AsyncStream.makeStream(of: Void.self)
    let task = Task { [service] in
      try await service.watch(HealthCheckRequest()) { response in
        sent.withLock { $0.append(response.status) }
        started.continuation.yield()
        for await _ in gate.stream { break }
      }
    }
    for await _ in started.stream { break }
    for _ in 0..<1000 {
      store.isOn.toggle()
      health.refresh()
    }
    store.isOn = false
    health.refresh()
    gate.continuation.finish()
    for await _ in started.stream { break }
    health.release()
    _ = await task.result
    #expect(sent.withLock { $0 } == [.serving, .notServing])
  }
}

/// One who watches.
private struct Watcher: Sendable {
  let task: Task<Status.Code, Never>
  private let statuses: AsyncStream<HealthCheckResponse.ServingStatus>

  init(_ service: HealthService, _ name: String) {
    let (statuses, continuation) = AsyncStream.makeStream(
      of: HealthCheckResponse.ServingStatus.self)
    self.statuses = statuses
    task = Task {
      defer { continuation.finish() }
      do {
        try await service.watch(HealthCheckRequest(service: name)) {
          continuation.yield($0.status)
        }
        return .ok
      } catch let status as Status {
        return status.code
      } catch {
        return error is CancellationError ? .cancelled : .unknown
      }
    }
  }

  /// What is sent next, or nil when the watch has ended.
  func next() async -> HealthCheckResponse.ServingStatus? {
    for await status in statuses { return status }
    return nil
  }

  func end() async -> Status.Code { await task.value }
}

/// A store that is there or not.
private final class Switch: Sendable {
  private let value = Mutex(true)

  var isOn: Bool {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
