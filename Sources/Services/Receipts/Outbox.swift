internal import Logging
internal import Storage
internal import Synchronization

/// Sends the mails that committed transactions left in the store, each at least once, and takes
/// them out when somebody else has them. What fails is tried again, later each time; what is
/// refused for good, or fails too often, stays in the store as a dead letter.
final class Outbox: Sendable {
  /// What has been done so far.
  struct Counts: Equatable, Sendable {
    var sent = 0
    /// Tries that failed and will be followed by others.
    var failed = 0
    /// Mails that were given up.
    var dead = 0
  }

  private struct State {
    var counts = Counts()
    /// Mails that were handed over and could not be taken out of the store: never sent again.
    var unsettled: Set<ULID> = []
    /// When the store failed last: a mail whose failure it does not take would be tried without
    /// end.
    var storeFailureTime: Instant?

    /// Whether the store had time to recover, however the clock was set meanwhile.
    func mayTry(at time: Instant) -> Bool {
      guard let failed = storeFailureTime else { return true }
      return time < failed || time >= failed.adding(seconds: Limits.outboxPauseSeconds)
    }
  }

  private let store: any Store
  private let mailer: any Mailer
  private let now: Now
  private let random: Random
  private let logger: Logger
  private let state = Mutex(State())
  /// One round at a time: two would send the same mails.
  private let gate = TaskGate(limit: 1)
  private let wakes: AsyncStream<Void>
  private let waker: AsyncStream<Void>.Continuation

  init(
    store: any Store, mailer: any Mailer, now: @escaping Now, random: @escaping Random,
    logger: Logger
  ) {
    self.store = store
    self.mailer = mailer
    self.now = now
    self.random = random
    self.logger = logger
    (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// There is a mail that was not there before: ``run()`` looks at once.
  func wake() {
    waker.yield()
  }

  /// Sends what is due, now and whenever there is more, until its task is cancelled. To be called
  /// once.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [waker] in
        while !Task.isCancelled {
          waker.yield()
          try? await Task.sleep(for: .seconds(Limits.outboxPollSeconds))
        }
      }
      for await _ in wakes {
        while await round() == Limits.outboxBatchMails, !Task.isCancelled {}
      }
      group.cancelAll()
    }
  }

  /// Makes dead letters due, with as many tries as new ones.
  func reviveDead() async {
    var count = 0
    do {
      var revived: Int
      repeat {
        revived = try await store.write { [now] transaction in
          let mails = try transaction.deadOutboxMails(limit: Limits.outboxBatchMails)
          for var mail in mails {
            mail.attempts = 0
            mail.nextAttemptTime = now()
            try transaction.update(mail)
          }
          return mails.count
        }
        count += revived
      } while revived == Limits.outboxBatchMails && !Task.isCancelled
    } catch {
      logger.error("dead letters not revived", metadata: ["error": "\(error)"])
    }
    if count > 0 {
      logger.notice("dead letters are tried again", metadata: ["count": "\(count)"])
    }
  }

  /// Tries some of the mails that are due, the longest due first, a few at a time; returns how
  /// many. Where that is ``Limits/outboxBatchMails``, there may be more.
  @discardableResult
  func round() async -> Int {
    let tried = try? await gate.run { await sendDue() }
    return tried ?? 0
  }

  private func sendDue() async -> Int {
    let time = now()
    guard state.withLock({ $0.mayTry(at: time) }) else { return 0 }
    let mails: [OutboxMailRecord]
    do {
      mails = try await store.read {
        try $0.outboxMailsDue(at: time, limit: Limits.outboxBatchMails)
      }
    } catch {
      logger.error("outbox not read", metadata: ["error": "\(error)"])
      state.withLock { $0.storeFailureTime = time }
      return 0
    }
    return await withTaskGroup(of: Bool.self) { group in
      var settled = 0
      for (index, mail) in mails.enumerated() {
        if index >= Limits.maxMailsAtOnce, await group.next() == true { settled += 1 }
        if Task.isCancelled { break }
        group.addTask { await self.send(mail) }
      }
      for await isSettled in group where isSettled { settled += 1 }
      return settled
    }
  }

  /// Whether the store knows what became of it: if not, asking for more would give it again.
  private func send(_ mail: OutboxMailRecord) async -> Bool {
    let wasSent = state.withLock { $0.unsettled.contains(mail.id) }
    do throws(MailerError) {
      if !wasSent { try await mailer.send(mail) }
    } catch {
      // A task that is cancelled ends transfers, and that is not the mail's fault.
      guard !Task.isCancelled else { return false }
      return await note(error, of: mail)
    }
    if !wasSent {
      state.withLock { state in
        state.counts.sent += 1
        if state.unsettled.count < Limits.maxUnsettledMails { state.unsettled.insert(mail.id) }
      }
    }
    return await settle(mail.id) { try $0.deleteOutboxMail(mail.id) }
  }

  private func note(_ error: MailerError, of mail: OutboxMailRecord) async -> Bool {
    var mail = mail
    mail.attempts = mail.attempts == .max ? .max : mail.attempts + 1
    mail.lastError = Self.text(error.reason)
    mail.nextAttemptTime = nextAttemptTime(after: mail.attempts, error)
    let isDead = mail.nextAttemptTime == nil
    let metadata: Logger.Metadata = [
      "mail": "\(mail.id.text)", "attempts": "\(mail.attempts)", "error": "\(mail.lastError)",
    ]
    if isDead {
      logger.warning("mail given up", metadata: metadata)
    } else {
      logger.info("mail not sent", metadata: metadata)
    }
    state.withLock { state in
      if isDead { state.counts.dead += 1 } else { state.counts.failed += 1 }
    }
    let record = mail
    return await settle(mail.id) { try $0.update(record) }
  }

  private func settle(
    _ id: ULID, _ body: @escaping @Sendable (any WriteTransaction) throws -> Void
  ) async -> Bool {
    do {
      try await store.write(body)
    } catch StorageError.missing {
      // Another daemon was faster.
    } catch {
      logger.error("outbox not written", metadata: ["mail": "\(id.text)", "error": "\(error)"])
      let time = now()
      state.withLock { $0.storeFailureTime = time }
      return false
    }
    state.withLock { _ = $0.unsettled.remove(id) }
    return true
  }

  /// Up to a quarter later than said, so that mails which failed together part; nil to give up.
  private func nextAttemptTime(after attempts: Int32, _ error: MailerError) -> Instant? {
    if case .permanent = error { return nil }
    guard attempts < Limits.maxMailAttempts else { return nil }
    let waits = Limits.mailRetrySeconds
    let wait = waits[min(max(0, Int(attempts) - 1), waits.count - 1)]
    return now().adding(seconds: wait + Int64(random() % UInt64(wait / 4 + 1)))
  }

  /// A server's words are a stranger's.
  private static func text(_ reason: String) -> String {
    let printable = reason.unicodeScalars.map { (" "..."~").contains($0) ? $0 : "?" }
    return String(String.UnicodeScalarView(printable.prefix(Limits.maxMailErrorCharacters)))
  }
}
