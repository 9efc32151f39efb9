internal import Storage
internal import Synchronization

/// One copy of the cache. What stays unused longest goes first, roughly: a hand goes round and
/// takes the first plan that nobody has asked for since it last came by (CLOCK).
final class PlanCacheCopy: Sendable {
  /// Keeps the copies off each other's cache lines, on either side.
  private let paddingBefore = InlineArray<16, Int>(repeating: 0)
  private let table: Mutex<Table>
  private let paddingAfter = InlineArray<16, Int>(repeating: 0)

  init(_ limits: SQLiteStore.Limits) {
    table = Mutex(Table(maxPlans: limits.maxCachedPlans, maxBytes: limits.maxCachedPlanBytes))
  }

  var generation: UInt64 { table.withLock { $0.generation } }

  func find(_ key: PlanKey) -> PlanSnapshot? {
    table.withLock { $0.find(key) }
  }

  func fill(_ plan: PlanRecord, since generation: UInt64) {
    table.withLock { table in
      guard table.generation == generation, !table.isChanging, !table.isClosed else { return }
      table.remove(plan.id)
      table.makeRoom(for: plan)
      guard table.hasRoom(for: plan) else { return }
      table.insert(PlanSnapshot(plan.withOwnTexts()))
    }
  }

  func beginChange(removing ids: some Collection<Int64>) {
    table.withLock { table in
      table.generation += 1
      table.isChanging = true
      for id in ids where table.remove(id) { table.takenOut.insert(id) }
    }
  }

  /// Puts back what was taken out, as far as there is room: a plan that grew drives none out.
  func endChange(adding plans: some Collection<PlanRecord>) {
    table.withLock { table in
      // Once more: a read that began within the change saw what was before it.
      table.generation += 1
      table.isChanging = false
      let takenOut = table.takenOut
      table.takenOut = []
      guard !table.isClosed else { return }
      for plan in plans where takenOut.contains(plan.id) && table.hasRoom(for: plan) {
        table.insert(PlanSnapshot(plan.withOwnTexts()))
      }
    }
  }

  func removeAll() {
    table.withLock { $0.removeAll() }
  }

  func close() {
    table.withLock { table in
      table.isClosed = true
      table.removeAll()
    }
  }
}

private struct Table {
  struct Slot {
    var plan: PlanSnapshot
    var bytes: Int
    /// Whether someone asked for it since the hand came by.
    var isUsed: Bool
  }

  let maxPlans: Int
  let maxBytes: Int
  /// Counts where changes begin and end.
  var generation: UInt64 = 0
  /// Whether a commit is under way that changes plans.
  var isChanging = false
  /// The plans that were here before the commit that is under way.
  var takenOut: Set<Int64> = []
  var isClosed = false
  private var slots: [Slot?] = []
  private var freeSlots: [Int] = []
  private var slotsByID: [Int64: Int] = [:]
  private var slotsByCode: [ExactText: Int] = [:]
  private var bytes = 0
  private var hand = 0

  init(maxPlans: Int, maxBytes: Int) {
    self.maxPlans = maxPlans
    self.maxBytes = maxBytes
  }

  mutating func find(_ key: PlanKey) -> PlanSnapshot? {
    let index =
      switch key {
      case .id(let id): slotsByID[id]
      case .code(let code): slotsByCode[ExactText(code)]
      }
    guard let index else { return nil }
    slots[index]?.isUsed = true
    return slots[index]?.plan
  }

  func hasRoom(for plan: PlanRecord) -> Bool {
    slotsByID.count < maxPlans && bytes + plan.approximateBytes <= maxBytes
  }

  mutating func makeRoom(for plan: PlanRecord) {
    while !hasRoom(for: plan), !slotsByID.isEmpty { evictOne() }
  }

  /// Adds a plan that is not there.
  mutating func insert(_ plan: PlanSnapshot) {
    let size = plan.record.approximateBytes
    let slot = Slot(plan: plan, bytes: size, isUsed: false)
    let index: Int
    if let free = freeSlots.popLast() {
      index = free
      slots[index] = slot
    } else {
      index = slots.count
      slots.append(slot)
    }
    slotsByID[plan.record.id] = index
    slotsByCode[ExactText(plan.record.code)] = index
    bytes += size
  }

  /// - Returns: whether it was there.
  @discardableResult
  mutating func remove(_ id: Int64) -> Bool {
    guard let index = slotsByID.removeValue(forKey: id), let slot = slots[index] else {
      return false
    }
    slotsByCode[ExactText(slot.plan.record.code)] = nil
    slots[index] = nil
    freeSlots.append(index)
    bytes -= slot.bytes
    return true
  }

  mutating func removeAll() {
    generation += 1
    takenOut = []
    slots = []
    freeSlots = []
    slotsByID = [:]
    slotsByCode = [:]
    bytes = 0
    hand = 0
  }

  /// Ends: the hand clears every mark that it passes, and some slot is not empty.
  private mutating func evictOne() {
    while true {
      hand = hand + 1 < slots.count ? hand + 1 : 0
      guard let slot = slots[hand] else { continue }
      if !slot.isUsed {
        remove(slot.plan.record.id)
        return
      }
      slots[hand]?.isUsed = false
    }
  }
}

extension PlanRecord {
  /// The record with texts that share no storage, and so no reference count, with this one's.
  fileprivate func withOwnTexts() -> PlanRecord {
    var copy = self
    copy.code = code.owned
    copy.name = name.owned
    copy.description = description.owned
    copy.price.currencyCode = price.currencyCode.owned
    if let setupFee { copy.setupFee?.currencyCode = setupFee.currencyCode.owned }
    copy.features = features.map(\.owned)
    return copy
  }

  /// What the record and its kept encoding take in memory. The encoding, which comes later, is
  /// counted from the start: it holds the same texts and numbers, and is no larger.
  fileprivate var approximateBytes: Int {
    var bytes = MemoryLayout<PlanRecord>.size + 128
    for text in [code, name, description] + features { bytes += text.utf8.count + 48 }
    return 2 * bytes
  }
}

extension String {
  fileprivate var owned: String {
    var text = self
    return text.withUTF8 { String(decoding: $0, as: UTF8.self) }
  }
}
