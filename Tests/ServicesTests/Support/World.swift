internal import API
internal import GRPC
internal import Logging
internal import NIOCore
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

/// The services over a store, with a clock that a test moves and a log that it reads.
struct World: Sendable {
  let store: any Store
  let clock: TestClock
  let log: TestLog
  let authenticator: Authenticator
  let services: RPCServices
  private let methods: [String: Method]

  init(
    store: any Store = MemoryStore(), packages settings: PackageSettings = PackageSettings()
  ) async throws {
    var settings = settings
    // So that a test may make hundreds.
    settings.passwordCost = Argon2.Cost(memoryKiB: 8, passes: 1)
    let clock = TestClock()
    let log = TestLog()
    self.store = store
    self.clock = clock
    self.log = log
    authenticator = try await Authenticator(
      secret: TestToken.secret, jwks: nil, now: { clock.time }, random: { 7 })
    services = try RPCServices(
      store: store, authenticator: authenticator, packages: settings, logger: log.logger,
      now: { clock.time }, random: { 0 })
    methods = Dictionary(uniqueKeysWithValues: services.methods.map { ($0.path, $0) })
  }

  /// How a call ended, as its client sees it.
  struct Reply<Response: Message> {
    let result: Result<Response, Status>
    let trailingMetadata: Metadata
    /// The encoded response; empty for an error.
    let bytes: [UInt8]
    /// Whether it was answered without a task.
    let isImmediate: Bool
    let principal: String

    func get() throws -> Response { try result.get() }

    /// The error; a success fails the test.
    func status(_ location: SourceLocation = #_sourceLocation) -> Status {
      switch result {
      case .failure(let status): return status
      case .success(let response):
        Issue.record("succeeded with \(response)", sourceLocation: location)
        return .ok
      }
    }

    var isReplay: Bool { trailingMetadata.first("packd-replayed") == "true" }
  }

  func call<Response: Message>(
    _ method: CatalogueMethod, _ request: some Message, as role: Role = .admin,
    user: String = "10", account: String? = nil
  ) async throws -> Reply<Response> {
    try await call(
      path: method.path, bytes: request.encoded(),
      authorization: authorization(role, user: user, account: account))
  }

  func call<Response: Message>(
    _ method: PackageMethod, _ request: some Message, as role: Role = .admin,
    user: String = "10", account: String? = nil, network: String = "test",
    deadline: NIODeadline? = nil
  ) async throws -> Reply<Response> {
    try await call(
      path: method.path, bytes: request.encoded(),
      authorization: authorization(role, user: user, account: account), network: network,
      deadline: deadline)
  }

  func call<Response: Message>(
    _ method: CatalogueMethod, bytes: [UInt8], authorization: String?,
    deadline: NIODeadline? = nil
  ) async throws -> Reply<Response> {
    try await call(
      path: method.path, bytes: bytes, authorization: authorization, deadline: deadline)
  }

  func authorization(_ role: Role, user: String = "10", account: String? = nil) -> String {
    "Bearer "
      + TestToken.hs256(
        sub: user, roles: [role.rawValue], account: account, expireTime: clock.time)
  }

  func call<Response: Message>(
    path: String, bytes: [UInt8], authorization: String?, network: String = "test",
    deadline: NIODeadline? = nil
  ) async throws -> Reply<Response> {
    var metadata = Metadata()
    metadata.append("user-agent", "test")
    if let authorization { metadata.append("authorization", authorization) }
    let call = FakeCall(method: path, metadata: metadata, deadline: deadline, network: network)
    let registered = try #require(methods[path])
    guard case .unary(let serve) = registered.handler else { throw NoEnding() }
    // As a server does: interceptors first, then the message.
    let refusal = registered.interceptors.lazy.compactMap { $0.callStarted(call) }.first
    if let refusal { call.fail(refusal) } else { bytes.withUnsafeBytes { serve(call, $0) } }
    #expect(call.endings == 1)
    var outcome: UnaryOutcome
    var isImmediate = true
    switch call.ending {
    case .none: throw NoEnding()
    case .responded(let bytes): outcome = UnaryOutcome(result: .success(bytes))
    case .failed(let status): outcome = UnaryOutcome(result: .failure(status))
    case .running(let body):
      isImmediate = false
      outcome = await body(
        CallContext(
          metadata: metadata, deadline: deadline, callID: call.callID,
          credentials: call.credentials, network: network))
    }
    outcome.whenHandedOver?()
    switch outcome.result {
    case .success(let bytes):
      return Reply(
        result: .success(try Response(decoding: bytes)),
        trailingMetadata: outcome.trailingMetadata, bytes: bytes, isImmediate: isImmediate,
        principal: call.principal)
    case .failure(let status):
      return Reply(
        result: .failure(status), trailingMetadata: status.trailingMetadata, bytes: [],
        isImmediate: isImmediate, principal: call.principal)
    }
  }

  struct NoEnding: Error {}
}

/// Goes only as it is told; starts on 2026-01-01.
final class TestClock: Sendable {
  private let now = Mutex(Instant(nanosecondsSinceEpoch: 1_767_225_600_000_000_000))

  var time: Instant { now.withLock { $0 } }

  func advance(seconds: Int64) {
    now.withLock { $0.nanosecondsSinceEpoch += seconds * 1_000_000_000 }
  }
}

/// Keeps what is logged.
final class TestLog: Sendable {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: TestLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(log: TestLog) {
      self.log = log
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      log.kept.withLock {
        $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])")
      }
    }
  }
}
