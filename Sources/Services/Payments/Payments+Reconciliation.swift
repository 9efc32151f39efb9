internal import Logging
internal import Storage
internal import Synchronization

extension Payments {
  /// One round: asks the gateway what came of the payments that are due, a few at a time, and
  /// brings to their end those that have one. To be called every second or so; it takes a bounded
  /// number of them, the longest due first. Once the clock was set back, it takes all that are
  /// open: what was due soon would wait until the clock is there again.
  func reconcile() async {
    let time = now()
    if time < lastRoundTime.withLock(\.self) {
      logger.notice("the clock was set back: all open payments are looked for")
      guard await recover() else { return }
    }
    lastRoundTime.withLock { $0 = time }
    let due: [ULID]
    do {
      due = try await store.read {
        try $0.paymentIntentsDue(at: time, limit: Limits.maxReconciledPayments).map(\.id)
      }
    } catch {
      logger.error("payments not reconciled", metadata: ["error": "\(Self.reason(error))"])
      return
    }
    await resolve(due, areDue: true)
  }

  /// Asks what came of all payments that are open now, due or not: when a daemon starts, whoever
  /// was at them is gone.
  ///
  /// - Returns: whether it came to the end of them.
  @discardableResult
  func recover() async -> Bool {
    let open: [ULID]
    do {
      open = try await openPayments()
    } catch {
      logger.error("payments not reconciled", metadata: ["error": "\(Self.reason(error))"])
      return false
    }
    await resolve(open, areDue: false)
    return !Task.isCancelled
  }

  /// Read whole before any is asked for: those that come up meanwhile would have no end.
  private func openPayments() async throws -> [ULID] {
    var ids: [ULID] = []
    while true {
      let page = try await store.read { [last = ids.last] in
        try $0.unresolvedPaymentIntents(of: nil, after: last, limit: Limits.maxReconciledPayments)
      }
      guard !page.isEmpty else { return ids }
      ids += page.map(\.id)
    }
  }

  /// A few at a time.
  private func resolve(_ ids: [ULID], areDue: Bool) async {
    await withTaskGroup(of: Void.self) { group in
      for (index, id) in ids.enumerated() {
        if index >= Limits.maxPaymentChecks { await group.next() }
        if Task.isCancelled { break }
        group.addTask { await self.resolve(id, isDue: areDue) }
      }
    }
  }

  /// Whether the gateway may know by now what a caller asks for, and was not asked just now.
  func isWorthResolving(_ intent: PaymentIntentRecord) -> Bool {
    let time = now()
    let isOpen = intent.state == .unknown || intent.nextCheckTime.map { $0 <= time } ?? false
    let last = intent.lastCheckTime ?? intent.createTime
    // A clock that was set back makes nobody wait until it is where it was.
    return isOpen && (last > time || last.adding(seconds: Limits.minPaymentCheckSeconds) <= time)
  }

  /// Asks the gateway what came of an intent and brings it to its end where it has one, unless
  /// somebody is at it already.
  ///
  /// - Parameter isDue: whether to ask only if its time has come, which it may not have any more
  ///   since it was read: another daemon may have asked.
  func resolve(_ id: ULID, isDue: Bool) async {
    guard inHand.take(id) else { return }
    defer { inHand.release(id) }
    do {
      guard let intent = try await beginCheck(id, isDue: isDue) else { return }
      guard intent.gateway == settings.gateway.name else {
        return logger.error(
          "a payment waits for another gateway than this daemon's",
          metadata: ["intent": "\(id.text)", "gateway": "\(intent.gateway)"])
      }
      guard intent.transactionID.isEmpty else { return await giveBack(intent) }
      let found = try await asking { [gateway] in try await gateway.lookup(intent) }
      switch found {
      case .found(let outcome):
        forget(id)
        let settled = try await settle(id, outcome)
        logger.notice(
          "payment reconciled",
          metadata: ["intent": "\(id.text)", "outcome": "\(settled.name)"])
        if case .toGiveBack(let intent) = settled { await giveBack(intent) }
      case .pending: forget(id)
      case .notFound where intent.state.isOpen: try await noteMissing(intent)
      case .notFound: try await lookLater(for: intent)
      }
    } catch {
      log(Self.level(of: error), "payment not reconciled", id, error)
    }
  }

  /// Notes that the gateway is asked, and when next. Before it is: so another daemon does not ask
  /// as well, and a gateway that fails is not asked without end.
  private func beginCheck(_ id: ULID, isDue: Bool) async throws -> PaymentIntentRecord? {
    try await store.write { [self] transaction in
      guard
        var intent = try transaction.paymentIntent(id),
        intent.state.isUnresolved || intent.nextCheckTime != nil
      else { return nil }
      let time = now()
      if isDue, let next = intent.nextCheckTime, next > time { return nil }
      let end = intent.createTime.adding(seconds: Limits.maxLateLookSeconds)
      if intent.state == .void, end <= time {
        intent.nextCheckTime = nil
        try transaction.update(intent)
        return nil
      }
      if intent.state.isOpen {
        // What was charged and is to be given back had no state of its own in earlier files.
        intent.state = intent.transactionID.isEmpty ? .unknown : .refundOwed
      }
      intent.lastCheckTime = time
      let next = intent.nextCheckTime ?? time
      if isDue || next <= time {
        intent.checkCount = intent.checkCount == .max ? .max : intent.checkCount + 1
        intent.nextCheckTime = nextCheckTime(after: Int(intent.checkCount))
      } else {
        // Whoever asks in between uses up nothing of the schedule.
        intent.nextCheckTime = min(next, nextCheckTime(after: Int(intent.checkCount)))
      }
      try transaction.update(intent)
      return intent
    }
  }

  /// A charge may still be on its way, or not be seen yet: it is given up when it is too old for
  /// either and was looked for twice since it was.
  private func noteMissing(_ intent: PaymentIntentRecord) async throws {
    let time = now()
    let age = settings.gatewayTimeoutSeconds + gateway.settlingSeconds
    guard intent.createTime.adding(seconds: age) <= time else { return }
    let first = missing.withLock { missing in
      // A clock that was set back since makes nobody wait until it is there again.
      let first = min(missing[intent.id] ?? time, time)
      missing[intent.id] = first
      return first
    }
    guard first.adding(seconds: Limits.minPaymentCheckSeconds) > time else {
      forget(intent.id)
      guard await close(intent.id, as: .givenUp) else { return }
      logger.notice(
        "payment reconciled", metadata: ["intent": "\(intent.id.text)", "outcome": "void"])
      return
    }
    try await store.write { transaction in
      guard var open = try transaction.paymentIntent(intent.id), open.state.isOpen else { return }
      open.nextCheckTime = time.adding(seconds: Limits.paymentRecheckSeconds)
      try transaction.update(open)
    }
  }

  /// When to look again for a payment that was given up: nobody knows how late a charge can be, and
  /// money that was taken for nothing is to be found. nil when it was looked for long enough.
  static func lateLook(for intent: PaymentIntentRecord, at time: Instant) -> Instant? {
    Limits.latePaymentLookSeconds.map { intent.createTime.adding(seconds: $0) }
      .first { $0 > time }
  }

  private func lookLater(for intent: PaymentIntentRecord) async throws {
    try await store.write { [now] transaction in
      guard var void = try transaction.paymentIntent(intent.id), void.state == .void else { return }
      void.nextCheckTime = Self.lateLook(for: void, at: now())
      try transaction.update(void)
    }
  }

  private func forget(_ id: ULID) {
    missing.withLock { $0[id] = nil }
  }

  /// When to ask after so many times: up to a tenth of the wait later than said.
  func nextCheckTime(after checks: Int) -> Instant {
    let waits = Limits.paymentCheckSeconds
    let wait = waits[min(max(0, checks), waits.count - 1)] * 1_000_000_000
    let spread = Int64(random() % UInt64(wait / 10))
    return Instant(nanosecondsSinceEpoch: now().nanosecondsSinceEpoch &+ wait &+ spread)
  }
}
