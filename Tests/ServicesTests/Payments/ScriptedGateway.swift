internal import Storage
internal import Synchronization

@testable internal import Services

/// Does what a test says, one step for each charge, and keeps what it did: a gateway elsewhere,
/// which goes on when the process that asks it ends.
final class ScriptedGateway: PaymentGateway {
  enum Step: Sendable {
    case succeed
    case decline(String)
    /// As what it never charges.
    case refuse(String)
    case unreachable
    case notAllowed
    /// Charges, and the answer is lost.
    case lose
    /// Charges nothing, and gives no answer.
    case timeOut
    /// An error that no gateway should throw, with what must not be logged.
    case fail
  }

  struct Foreign: Error { let secret: String }

  private struct State {
    var steps: [Step]
    var outcomes: [ULID: ChargeOutcome] = [:]
    var refunds: Set<ULID> = []
    var calls = 0
    var lookups = 0
    var running = 0
    var mostRunning = 0
    var isDown = false
    var isPending = false
    var isBlind = false
    var refundsFail = false
    var refundFailuresSeen: [Int32] = []
  }

  let settlingSeconds: Int64 = 120
  private let state: Mutex<State>
  private let lookupsAtOnce: Int
  /// Runs before each charge.
  let hook: @Sendable () async -> Void
  /// Runs before each lookup.
  let lookupHook: @Sendable () async -> Void

  /// - Parameter lookupsAtOnce: lookups wait until so many were under way at a time.
  init(
    _ steps: [Step] = [], lookupsAtOnce: Int = 1, hook: @escaping @Sendable () async -> Void = {},
    lookupHook: @escaping @Sendable () async -> Void = {}
  ) {
    state = Mutex(State(steps: steps))
    self.lookupsAtOnce = lookupsAtOnce
    self.hook = hook
    self.lookupHook = lookupHook
  }

  var calls: Int { state.withLock { $0.calls } }
  var lookups: Int { state.withLock { $0.lookups } }
  var mostRunning: Int { state.withLock { $0.mostRunning } }
  var refunds: Int { state.withLock { $0.refunds.count } }

  /// `refundFailures` of each refund that was asked for.
  var refundFailuresSeen: [Int32] { state.withLock { $0.refundFailuresSeen } }

  /// What was taken and not given back.
  var charges: [ULID: String] {
    state.withLock { state in
      state.outcomes.compactMapValues { outcome in
        guard case .succeeded(let transactionID) = outcome else { return nil }
        return transactionID
      }.filter { !state.refunds.contains($0.key) }
    }
  }

  /// Whether lookups and refunds fail.
  func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }
  func setPending(_ isPending: Bool) { state.withLock { $0.isPending = isPending } }
  /// Whether lookups find nothing, whatever there is.
  func setBlind(_ isBlind: Bool) { state.withLock { $0.isBlind = isBlind } }
  /// Whether a refund is answered, with a no.
  func setRefundsFail(_ fail: Bool) { state.withLock { $0.refundsFail = fail } }
  func then(_ steps: Step...) { state.withLock { $0.steps += steps } }

  func charge(_ charge: Charge) async throws -> ChargeOutcome {
    await hook()
    return try state.withLock { state in
      state.calls += 1
      if let outcome = state.outcomes[charge.intentID] { return outcome }
      let step = state.steps.isEmpty ? .succeed : state.steps.removeFirst()
      let success = ChargeOutcome.succeeded(transactionID: "tr_\(state.calls)")
      switch step {
      case .succeed:
        state.outcomes[charge.intentID] = success
        return success
      case .decline(let code):
        state.outcomes[charge.intentID] = .declined(code: code)
        return .declined(code: code)
      case .refuse(let code): return .refused(code: code)
      case .unreachable: throw PaymentGatewayError.notDone(reason: "down")
      case .notAllowed: throw PaymentGatewayError.notAllowed(reason: "HTTP 401")
      case .lose:
        state.outcomes[charge.intentID] = success
        throw PaymentGatewayError.unknown(reason: "lost")
      case .timeOut: throw PaymentGatewayError.unknown(reason: "late")
      case .fail:
        throw Foreign(secret: "4242424242424242")
      }
    }
  }

  func lookup(_ intent: PaymentIntentRecord) async throws -> ChargeLookup {
    await lookupHook()
    state.withLock { state in
      state.running += 1
      state.mostRunning = max(state.mostRunning, state.running)
    }
    defer { state.withLock { $0.running -= 1 } }
    if lookupsAtOnce > 1 {
      // They linger, so that one too many would be seen.
      repeat { try await Task.sleep(for: .milliseconds(5)) } while mostRunning < lookupsAtOnce
    }
    return try state.withLock { state in
      state.lookups += 1
      if state.isDown { throw PaymentGatewayError.unknown(reason: "down") }
      if state.isPending { return .pending }
      guard let outcome = state.outcomes[intent.id], !state.isBlind else { return .notFound }
      return .found(outcome)
    }
  }

  func refund(
    _ intent: PaymentIntentRecord, transactionID: String
  ) async throws -> RefundOutcome {
    try state.withLock { state in
      state.refundFailuresSeen.append(intent.refundFailures)
      if state.isDown { throw PaymentGatewayError.unknown(reason: "down") }
      if state.refundsFail { return .failed(reason: "no money") }
      guard state.outcomes[intent.id] == .succeeded(transactionID: transactionID) else {
        throw PaymentGatewayError.unknown(reason: "no such charge")
      }
      state.refunds.insert(intent.id)
      return .done
    }
  }
}

/// A store that stops working at one of its writes, as when its process is killed: before the
/// commit, or after it.
final class DyingStore: Store {
  enum Moment: CaseIterable, Sendable { case beforeCommit, afterCommit }

  let base: any Store
  private let left: Mutex<Int>
  private let moment: Moment

  /// - Parameter write: the one that it dies at, from 1.
  init(_ base: any Store, atWrite write: Int, _ moment: Moment) {
    self.base = base
    left = Mutex(write)
    self.moment = moment
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    if left.withLock({ $0 <= 0 }) { throw StorageError.unavailable(reason: "dead") }
    return try await base.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    let left = left.withLock { left in
      left -= 1
      return left
    }
    if left > 0 { return try await base.write(body) }
    if left == 0, moment == .afterCommit { _ = try await base.write(body) }
    throw StorageError.unavailable(reason: "dead")
  }

  func cachedPlan(_ key: PlanKey) -> PlanSnapshot? { base.cachedPlan(key) }
  func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? { base.cachedHostingPackage(id) }
  func cachedEntitlement(of userID: String) -> EntitlementSnapshot? {
    base.cachedEntitlement(of: userID)
  }
  var isAvailable: Bool { base.isAvailable }
  func close() async {}
}

/// All that tells of money.
struct Books: Sendable {
  var purchases: [PurchaseRecord] = []
  var receipts: [ReceiptRecord] = []
  var open: [PaymentIntentRecord] = []

  init(_ store: any Store, series: String = "A") async throws {
    (purchases, receipts, open) = try await store.read { transaction in
      let last = try transaction.lastReceiptSequence(series: series)
      let receipts = try (0..<last).compactMap {
        try transaction.receipt(series: series, sequence: $0 + 1)
      }
      return (
        try transaction.purchases(PurchaseQuery(limit: 10_000)), receipts,
        try transaction.unresolvedPaymentIntents(of: nil, after: nil, limit: 10_000)
      )
    }
  }
}

extension SellerFixture {
  func books() async throws -> Books { try await Books(store) }

  func intent(_ id: String) async throws -> PaymentIntentRecord? {
    guard let id = ULID(id) else { return nil }
    return try await store.read { try $0.paymentIntent(id) }
  }
}
