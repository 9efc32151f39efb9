/// Everything a ``MemoryStore`` holds. Each table is changed by its one `put` function, which
/// keeps the indexes in step and returns what was there, so that a second `put` undoes it.
final class MemoryTables {
  struct VersionKey: Hashable {
    var id: Int64
    var version: Int32
  }

  struct AuditKey: Hashable {
    var partition: ExactText
    var sequence: Int64
  }

  struct StoredReplay {
    var record: ReplayRecord
    /// Counts the insertions; breaks ties between records that expire together.
    var number: Int64
  }

  /// Where a replay stands in the order of expiry.
  struct Expiry: Comparable {
    var time: Instant
    var number: Int64
    var key: ReplayKey

    static func == (a: Self, b: Self) -> Bool { (a.time, a.number) == (b.time, b.number) }
    static func < (a: Self, b: Self) -> Bool { (a.time, a.number) < (b.time, b.number) }
  }

  var isClosed = false
  var lastPlanID: Int64 = 0
  var lastReplayNumber: Int64 = 0
  let packages = MemoryPackages()
  let sellers = MemorySellers()
  let payments = MemoryPayments()
  private(set) var plans: [Int64: PlanSnapshot] = [:]
  private(set) var planIDs: [ExactText: Int64] = [:]
  private(set) var planIndexes: [PlanIndex: SortedSet<PlanPosition>] = [:]
  private(set) var versions: [VersionKey: PlanRecord] = [:]
  private(set) var versionNumbers: [Int64: SortedSet<Int32>] = [:]
  private(set) var replays: [ReplayKey: StoredReplay] = [:]
  private(set) var expiries = SortedSet<Expiry>()
  private(set) var auditRecords: [AuditKey: AuditRecord] = [:]
  private(set) var auditSequences: [ExactText: SortedSet<Int64>] = [:]
  private(set) var settings: [ExactText: String] = [:]

  func putPlan(_ id: Int64, _ plan: PlanSnapshot?) -> PlanSnapshot? {
    let old = plans[id]
    if let old {
      planIDs[ExactText(old.record.code)] = nil
      for order in PlanQuery.Order.allCases {
        let position = PlanPosition(of: old.record, in: order)
        for index in PlanIndex.all(holding: old.record, in: order) {
          planIndexes[index]?.remove(position)
        }
      }
    }
    plans[id] = plan
    if let plan {
      planIDs[ExactText(plan.record.code)] = id
      for order in PlanQuery.Order.allCases {
        let position = PlanPosition(of: plan.record, in: order)
        for index in PlanIndex.all(holding: plan.record, in: order) {
          planIndexes[index, default: SortedSet()].insert(position)
        }
      }
    }
    return old
  }

  func putVersion(_ key: VersionKey, _ plan: PlanRecord?) -> PlanRecord? {
    let old = versions[key]
    versions[key] = plan
    versionNumbers.change(key.id) { numbers in
      if plan == nil { numbers.remove(key.version) } else { numbers.insert(key.version) }
    }
    return old
  }

  func putReplay(_ key: ReplayKey, _ replay: StoredReplay?) -> StoredReplay? {
    let old = replays[key]
    if let old, let time = old.record.expireTime {
      expiries.remove(Expiry(time: time, number: old.number, key: key))
    }
    replays[key] = replay
    if let replay, let time = replay.record.expireTime {
      expiries.insert(Expiry(time: time, number: replay.number, key: key))
    }
    return old
  }

  func putAuditRecord(_ key: AuditKey, _ record: AuditRecord?) -> AuditRecord? {
    let old = auditRecords[key]
    auditRecords[key] = record
    auditSequences.change(key.partition) { sequences in
      if record == nil { sequences.remove(key.sequence) } else { sequences.insert(key.sequence) }
    }
    return old
  }

  func putSetting(_ name: ExactText, _ value: String?) -> String? {
    let old = settings[name]
    settings[name] = value
    return old
  }
}

extension Dictionary {
  /// Changes the set under `key` in place, and drops it once it is empty.
  mutating func change<Element>(
    _ key: Key, _ body: (inout SortedSet<Element>) -> Void
  ) where Value == SortedSet<Element> {
    body(&self[key, default: SortedSet()])
    if self[key]?.count == 0 { self[key] = nil }
  }
}

/// One order of the plans that pass one filter.
struct PlanIndex: Hashable {
  var order: PlanQuery.Order
  var kind: PlanRecord.Kind?
  var activeOnly: Bool

  /// Every index that `plan` stands in.
  static func all(holding plan: PlanRecord, in order: PlanQuery.Order) -> [PlanIndex] {
    var indexes = [
      PlanIndex(order: order, kind: nil, activeOnly: false),
      PlanIndex(order: order, kind: plan.kind, activeOnly: false),
    ]
    if plan.isActive {
      indexes += [
        PlanIndex(order: order, kind: nil, activeOnly: true),
        PlanIndex(order: order, kind: plan.kind, activeOnly: true),
      ]
    }
    return indexes
  }
}

/// Where a plan stands in an order; what the order does not look at stays empty.
struct PlanPosition: Comparable {
  /// The name or the currency code.
  var text = ExactText("")
  var units: Int64 = 0
  var nanos: Int32 = 0
  var id: Int64

  init(of plan: PlanRecord, in order: PlanQuery.Order) {
    id = plan.id
    switch order {
    case .id: break
    case .name: text = ExactText(plan.name)
    case .price: take(plan.price)
    }
  }

  /// - Throws: ``PlanQuery/InvalidCursor``.
  init(_ cursor: PlanQuery.Cursor, in order: PlanQuery.Order) throws {
    switch (cursor, order) {
    case (.id(let id), .id):
      self.id = id
    case (.name(let name, let id), .name):
      self.id = id
      text = ExactText(name)
    case (.price(let price, let id), .price):
      self.id = id
      take(price)
    default:
      throw PlanQuery.InvalidCursor()
    }
  }

  static func < (a: PlanPosition, b: PlanPosition) -> Bool {
    a.text == b.text
      ? (a.units, a.nanos, a.id) < (b.units, b.nanos, b.id)
      : a.text < b.text
  }

  private mutating func take(_ price: MoneyRecord) {
    text = ExactText(price.currencyCode)
    units = price.units
    nanos = price.nanos
  }
}
