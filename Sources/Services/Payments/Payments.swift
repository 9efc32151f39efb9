internal import Logging
internal import Storage
internal import Synchronization

/// Sees every charge through to its end: a durable intent, the charge, and one transaction for all
/// that was paid for. docs/payments.md has the picture.
final class Payments: Sendable {
  let store: any Store
  let gateway: any PaymentGateway
  let settings: SellerSettings
  let ids: ULIDSource
  let now: Now
  /// Woken when there may be a receipt to send.
  let outbox: Outbox?
  let logger: Logger
  /// Spreads the looks at the gateway.
  let random: Random
  let quotes = QuoteSigner()
  let work = OpenWork()
  let inHand = IntentsInHand()
  /// Until when renewals are unheard of, where the store does not know it yet.
  let hearings = Mutex<[ULID: Instant]>([:])
  /// When each intent was first not found that should have been by then.
  let missing = Mutex<[ULID: Instant]>([:])
  /// When payments were looked for last.
  let lastRoundTime = Mutex(Instant(nanosecondsSinceEpoch: .min))

  private let counts = Mutex<[PaymentEvent: Int]>([:])

  init(
    store: any Store, gateway: any PaymentGateway, settings: SellerSettings, ids: ULIDSource,
    outbox: Outbox? = nil, now: @escaping Now, logger: Logger,
    random: @escaping Random = { UInt64.random(in: .min ... .max) }
  ) {
    self.store = store
    self.gateway = gateway
    self.settings = settings
    self.ids = ids
    self.outbox = outbox
    self.now = now
    self.logger = logger
    self.random = random
  }

  /// What has come of payments since the process began.
  var events: [PaymentEvent: Int] { counts.withLock { $0 } }

  func note(_ event: PaymentEvent) {
    counts.withLock { $0[event, default: 0] += 1 }
  }

  /// Returns once every charge that was begun here has come to its end, or to one that the
  /// reconciler takes up. To be awaited before the store is closed, when no more calls come in.
  func finish() async {
    await work.finish()
  }

  /// Has nobody wait for the gateway any longer: what has no answer by now is unresolved, and the
  /// reconciler of the next process asks for it. To be called when a drain's grace is over.
  func cutShort() {
    work.cutShort()
  }

  /// Runs `body` although the work may have been cut short: what is known is written down.
  func uncancelled<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await Task { try await body() }.value
  }

  /// Has `body` ask the gateway, and cancels it once it took too long. What it comes to stands
  /// even then: it alone knows whether anything was sent.
  func asking<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    // A gateway knows best why it is late: it has a second more to say so.
    let timeout = Duration.seconds(settings.gatewayTimeoutSeconds + 1)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try? await Task.sleep(for: timeout)
        return nil
      }
      for try await result in group {
        group.cancelAll()
        if let result { return result }
      }
      throw CancellationError()
    }
  }

  /// What may be told of an error that a gateway or a store has thrown: of one that is foreign, no
  /// more than its type, lest it hold what pays.
  static func reason(_ error: any Error) -> String {
    switch error {
    case PaymentGatewayError.notDone(let reason): "not done: \(reason)"
    case PaymentGatewayError.notAllowed(let reason): "not allowed: \(reason)"
    case PaymentGatewayError.unknown(let reason): "unknown: \(reason)"
    case let error as StorageError: String(reflecting: error)
    default: String(reflecting: type(of: error))
    }
  }

  /// How loudly to tell of a failure that may pass by itself: what only an operator mends is an
  /// error.
  static func level(of error: any Error) -> Logger.Level {
    if case PaymentGatewayError.notAllowed = error { .error } else { .warning }
  }

  func log(_ level: Logger.Level, _ message: Logger.Message, _ id: ULID, _ error: any Error) {
    logger.log(
      level: level, message,
      metadata: ["intent": "\(id.text)", "error": "\(Self.reason(error))"])
  }
}
