internal import API
internal import GRPC
internal import Storage

/// A request that changes something.
protocol MutatingRequest: Message {
  /// Names the request among its caller's, so that a retry changes nothing twice; or empty.
  var requestID: String { get }
  /// Whether to answer as if done, and do nothing.
  var validateOnly: Bool { get }
  /// What a retry has to send again, where that is not the message's very bytes: see
  /// docs/decisions/0015-replay-records.md.
  var replayedContent: [UInt8]? { get }
}

extension MutatingRequest {
  var replayedContent: [UInt8]? { nil }
}

extension MutatingRequest {
  /// 1 to 128 printable characters, or none at all.
  func checkRequestID(_ violations: inout Violations) {
    let isValid =
      requestID.hasAtMost(Limits.maxRequestIDCharacters)
      && requestID.unicodeScalars.allSatisfy(\.isPrintable)
    if !isValid {
      violations.add(
        "request_id", "must be at most \(Limits.maxRequestIDCharacters) printable characters")
    }
  }
}

/// What a rule did, once it has.
struct Effect<Response: Message>: Sendable {
  let response: Response
  /// The audit chain that tells of it.
  let partition: AuditChain.Partition
  /// What was changed: "plans/7".
  let resource: String
  /// Empty for a creation.
  let beforeETag: String
  /// Empty for a deletion.
  let afterETag: String
  /// Whether anything was written: what was as it was asked to be needs no audit record.
  var isChange = true
}

/// The one way to change anything: effect, audit record and replay record in one transaction.
struct Mutations: Sendable {
  let store: any Store
  let now: Now
  private let inFlight = RequestsInFlight()

  init(store: any Store, now: @escaping Now) {
    self.store = store
    self.now = now
  }

  /// Answers as before when the caller's `request_id` was answered before; else runs `rule`.
  ///
  /// - Parameters:
  ///   - admit: throws for whom even an answer that was given before is not given any more.
  ///   - rule: decides, then writes. It may run more than once, and throws a
  ///     ``Refusal`` before it has written anything. Refusals are not kept for retries: only
  ///     what was done is (docs/decisions/0015-replay-records.md).
  func run<Request: MutatingRequest, Response: Message>(
    _ request: Request, by caller: Caller,
    admitting admit: @escaping Admission = { _ in },
    _ rule: @escaping @Sendable (any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    try await run(request, by: caller, admitting: admit, preparing: {}) {
      _, transaction, time in try rule(transaction, time)
    }
  }

  typealias Admission = @Sendable (any ReadTransaction) throws -> Void

  /// - Parameter prepare: makes what `rule` needs and no transaction can wait for.
  func run<Request: MutatingRequest, Response: Message, Prepared: Sendable>(
    _ request: Request, by caller: Caller, admitting admit: @escaping Admission = { _ in },
    preparing prepare: @Sendable () async throws -> Prepared,
    _ rule:
      @escaping @Sendable (Prepared, any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    try await alone(request, by: caller) {
      try await runAlone(request, by: caller, admitting: admit, preparing: prepare, rule)
    }
  }

  /// Runs `body` once no other call with the same request_id is at work.
  /// - Throws: as ``RequestsInFlight/alone(_:until:_:)``.
  func alone<Result>(
    _ request: some MutatingRequest, by caller: Caller, _ body: () async throws -> Result
  ) async throws -> Result {
    guard let key = ReplayKey(request, caller) else { return try await body() }
    return try await inFlight.alone(key, until: caller.deadline, body)
  }

  private func runAlone<Request: MutatingRequest, Response: Message, Prepared: Sendable>(
    _ request: Request, by caller: Caller, admitting admit: @escaping Admission = { _ in },
    preparing prepare: @Sendable () async throws -> Prepared,
    _ rule:
      @escaping @Sendable (Prepared, any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    let prepared = try await prepare()
    let time = now()
    let replay = Replay(of: request, by: caller)
    let outcome: Outcome
    do {
      outcome = try await store.write { transaction in
        try admit(transaction)
        if let known = try replay?.find(in: transaction) { return .replayed(known) }
        let effect = try rule(prepared, transaction, time)
        let response = effect.response.encoded()
        if effect.isChange {
          try AuditChain.append(
            effect.entry(by: caller, request), at: time, in: transaction)
        }
        if let replay { try transaction.insert(replay.record(of: response, at: time)) }
        // Only leaving by an error takes back what was written.
        if request.validateOnly { throw ValidatedOnly(response: response) }
        return .done(response)
      }
    } catch let validated as ValidatedOnly {
      outcome = .done(validated.response)
    }
    switch outcome {
    case .done(let response): return Answer(encoded: response, isReplay: false)
    case .replayed(let record): return try Answer(replaying: record)
    }
  }

  /// Whether the request was answered before, and would be replayed.
  ///
  /// - Throws: ``Refusal/idempotencyMismatch`` when its request_id was used for another.
  func isAnswered(
    _ request: some MutatingRequest, by caller: Caller, in transaction: any ReadTransaction
  ) throws -> Bool {
    try Replay(of: request, by: caller)?.find(in: transaction) != nil
  }

  /// Deletes the replay records that nobody was promised any more when it began; returns how
  /// many. It takes a few per transaction, so that other writes go in between, and ends early
  /// when its task is cancelled.
  func purgeExpiredReplays() async throws -> Int {
    let time = now()
    let limit = Limits.replayPurgeBatchRecords
    return try await Purge.inBatches(of: limit) {
      try await store.write { try $0.deleteReplays(expiredBefore: time, limit: limit) }
    }
  }

  private enum Outcome: Sendable {
    case done([UInt8])
    case replayed(ReplayRecord)
  }

  /// Rolls back, and carries out what the response would have been.
  private struct ValidatedOnly: Error {
    let response: [UInt8]
  }
}

extension Answer {
  /// What was answered before.
  /// - Throws: the `Status`, where that was an error.
  init(replaying record: ReplayRecord) throws {
    guard record.statusCode == Status.Code.ok.rawValue else {
      throw Status(
        Status.Code(rawValue: record.statusCode) ?? .unknown, record.statusMessage,
        details: record.statusDetails, trailingMetadata: Self.replayMetadata)
    }
    self.init(encoded: record.response, isReplay: true)
  }
}

extension ReplayKey {
  /// nil for a request without request_id.
  init?(_ request: some MutatingRequest, _ caller: Caller) {
    guard !request.requestID.isEmpty else { return nil }
    self.init(
      caller: caller.principal.identity, method: caller.method, requestID: request.requestID)
  }
}

/// A request with a request_id: what its record is found by.
struct Replay: Sendable {
  let key: ReplayKey
  let requestHash: [UInt8]

  /// nil for a request without request_id.
  init?(of request: some MutatingRequest, by caller: Caller) {
    guard let key = ReplayKey(request, caller) else { return nil }
    requestHash = caller.requestHash
    self.key = key
  }

  /// - Throws: ``Refusal/idempotencyMismatch`` when the record is of another request.
  func find(in transaction: any ReadTransaction) throws -> ReplayRecord? {
    guard let record = try transaction.replay(key) else { return nil }
    guard record.requestHash == requestHash else { throw Refusal.idempotencyMismatch }
    return record
  }

  fileprivate func record(of response: [UInt8], at time: Instant) -> ReplayRecord {
    ReplayRecord(
      key: key, requestHash: requestHash, statusCode: Status.Code.ok.rawValue, statusMessage: "",
      statusDetails: [], response: response, createTime: time,
      expireTime: time.adding(seconds: Limits.replayKeepSeconds))
  }
}

extension Effect {
  fileprivate func entry(by caller: Caller, _ request: some MutatingRequest) -> AuditChain.Entry {
    AuditChain.Entry(
      partition: partition, actor: caller.principal.identity, method: caller.method,
      resource: resource, beforeETag: beforeETag, afterETag: afterETag,
      requestID: request.requestID)
  }
}
