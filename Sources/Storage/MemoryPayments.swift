/// What a ``MemoryStore`` holds of payments, receipts and mails, in the manner of
/// ``MemoryTables``.
final class MemoryPayments {
  struct ReceiptKey: Hashable {
    var series: ExactText
    var sequence: Int64
  }

  /// Where an intent to look after, or a mail that waits, stands in the order of what is due.
  struct Due: Comparable {
    var time: Instant
    var id: ULID

    static func < (a: Self, b: Self) -> Bool { (a.time, a.id) < (b.time, b.id) }
  }

  private(set) var intents: [ULID: PaymentIntentRecord] = [:]
  private(set) var unresolvedIntentIDs = SortedSet<ULID>()
  private(set) var openIntentIDsByUser: [ExactText: ULID] = [:]
  private(set) var dueIntents = SortedSet<Due>()
  private(set) var unheardRenewals: [Int64: SortedSet<ULID>] = [:]
  private(set) var charges: [ULID: SandboxChargeRecord] = [:]
  private(set) var receipts: [ReceiptKey: ReceiptRecord] = [:]
  private(set) var receiptSequences: [ExactText: SortedSet<Int64>] = [:]
  private(set) var mails: [ULID: OutboxMailRecord] = [:]
  private(set) var dueMails = SortedSet<Due>()
  /// Those that wait, by when they were made.
  private(set) var waitingMails = SortedSet<Due>()

  func putIntent(_ id: ULID, _ intent: PaymentIntentRecord?) -> PaymentIntentRecord? {
    let old = intents[id]
    if let old {
      unresolvedIntentIDs.remove(id)
      if old.state.isOpen { openIntentIDsByUser[ExactText(old.userID)] = nil }
      if let time = old.nextCheckTime { dueIntents.remove(Due(time: time, id: id)) }
      if old.unheardUntil != nil {
        unheardRenewals.change(old.terms.renewedPurchaseID) { $0.remove(id) }
      }
    }
    intents[id] = intent
    if let intent {
      if intent.state.isUnresolved { unresolvedIntentIDs.insert(id) }
      if intent.state.isOpen { openIntentIDsByUser[ExactText(intent.userID)] = id }
      if let time = intent.nextCheckTime { dueIntents.insert(Due(time: time, id: id)) }
      if intent.unheardUntil != nil {
        unheardRenewals.change(intent.terms.renewedPurchaseID) { $0.insert(id) }
      }
    }
    return old
  }

  func putCharge(_ id: ULID, _ charge: SandboxChargeRecord?) -> SandboxChargeRecord? {
    let old = charges[id]
    charges[id] = charge
    return old
  }

  func putReceipt(_ key: ReceiptKey, _ receipt: ReceiptRecord?) -> ReceiptRecord? {
    let old = receipts[key]
    receipts[key] = receipt
    receiptSequences.change(key.series) { sequences in
      if receipt == nil { sequences.remove(key.sequence) } else { sequences.insert(key.sequence) }
    }
    return old
  }

  func putMail(_ id: ULID, _ mail: OutboxMailRecord?) -> OutboxMailRecord? {
    let old = mails[id]
    if let old, let time = old.nextAttemptTime {
      dueMails.remove(Due(time: time, id: id))
      waitingMails.remove(Due(time: old.createTime, id: id))
    }
    mails[id] = mail
    if let mail, let time = mail.nextAttemptTime {
      dueMails.insert(Due(time: time, id: id))
      waitingMails.insert(Due(time: mail.createTime, id: id))
    }
    return old
  }
}
