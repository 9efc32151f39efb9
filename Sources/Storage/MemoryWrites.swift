/// What a write transaction on ``MemoryTables`` can do; every change notes how to undo it.
final class MemoryWrites: MemoryReads, WriteTransaction {
  var undo: [(MemoryTables) -> Void] = []
  /// The plans that were inserted, updated or deleted.
  private(set) var changedPlanIDs: Set<Int64> = []
  /// The packages of which anything was changed, and which have a snapshot of their own since.
  var changedPackageIDs: Set<ULID> = []
  /// The users whose entitlement is another one since.
  var changedUserIDs: Set<ExactText> = []
  /// The last purchase id that this transaction gave out.
  var lastPurchaseID: Int64 = 0

  func rollBack() {
    for change in undo.reversed() { change(tables) }
    undo = []
  }

  func nextPlanID() throws -> Int64 {
    guard tables.lastPlanID < .max else { throw StorageError.full }
    setLastPlanID(tables.lastPlanID + 1)
    return tables.lastPlanID
  }

  func insert(_ plan: PlanRecord) throws {
    guard tables.plans[plan.id] == nil else { throw StorageError.planIDTaken }
    guard tables.planIDs[ExactText(plan.code)] == nil else { throw StorageError.planCodeTaken }
    if plan.id > tables.lastPlanID { setLastPlanID(plan.id) }
    put(plan.id, PlanSnapshot(plan))
    put(MemoryTables.VersionKey(id: plan.id, version: plan.version), plan)
  }

  func update(_ plan: PlanRecord) throws {
    guard tables.plans[plan.id] != nil else { throw StorageError.planMissing }
    let version = MemoryTables.VersionKey(id: plan.id, version: plan.version)
    guard tables.versions[version] == nil else { throw StorageError.planVersionTaken }
    let holder = tables.planIDs[ExactText(plan.code)]
    guard holder == nil || holder == plan.id else { throw StorageError.planCodeTaken }
    put(plan.id, PlanSnapshot(plan))
    put(version, plan)
  }

  func deletePlan(id: Int64) throws {
    guard tables.plans[id] != nil else { throw StorageError.planMissing }
    put(id, nil)
    for version in tables.versionNumbers[id]?.elements(limit: .max) ?? [] {
      put(MemoryTables.VersionKey(id: id, version: version), nil)
    }
  }

  func insert(_ replay: ReplayRecord) throws {
    let key = replay.key
    guard tables.replays[key] == nil else { throw StorageError.replayKeyTaken }
    tables.lastReplayNumber += 1
    put(key, MemoryTables.StoredReplay(record: replay, number: tables.lastReplayNumber))
  }

  func deleteReplays(expiredBefore time: Instant, limit: Int) throws -> Int {
    let expired = tables.expiries.elements(limit: limit).prefix { $0.time < time }
    for expiry in expired { put(expiry.key, nil) }
    return expired.count
  }

  func append(_ record: AuditRecord) throws {
    let key = MemoryTables.AuditKey(
      partition: ExactText(record.partition), sequence: record.sequence)
    if let last = tables.auditSequences[key.partition]?.last, last >= record.sequence {
      throw StorageError.auditSequenceTaken
    }
    let old = tables.putAuditRecord(key, record)
    undo.append { _ = $0.putAuditRecord(key, old) }
  }

  func setSetting(_ name: String, to value: String) throws {
    let name = ExactText(name)
    let old = tables.putSetting(name, value)
    undo.append { _ = $0.putSetting(name, old) }
  }

  private func setLastPlanID(_ id: Int64) {
    let old = tables.lastPlanID
    tables.lastPlanID = id
    undo.append { $0.lastPlanID = old }
  }

  private func put(_ id: Int64, _ plan: PlanSnapshot?) {
    let old = tables.putPlan(id, plan)
    changedPlanIDs.insert(id)
    undo.append { _ = $0.putPlan(id, old) }
  }

  private func put(_ key: MemoryTables.VersionKey, _ plan: PlanRecord?) {
    let old = tables.putVersion(key, plan)
    undo.append { _ = $0.putVersion(key, old) }
  }

  private func put(_ key: ReplayKey, _ replay: MemoryTables.StoredReplay?) {
    let old = tables.putReplay(key, replay)
    undo.append { _ = $0.putReplay(key, old) }
  }
}
