internal import Storage

/// What the bodies of one group have changed so far, before it is committed.
final class GroupChanges {
  var plans: SnapshotCache<PlanSnapshot>.Changes = [:]
  var packages: SnapshotCache<PackageSnapshot>.Changes = [:]
  let cache: SnapshotCache<PackageSnapshot>

  init(_ cache: SnapshotCache<PackageSnapshot>) {
    self.cache = cache
  }

  func take(_ body: SQLiteWrites) {
    plans.merge(body.changedPlans) { _, new in new }
    packages.merge(body.changedPackages) { old, new in
      // A record that was written is still the one to keep when it is only touched later.
      new.isTouched ? old : new
    }
  }
}

/// What a write transaction on a connection can do.
final class SQLiteWrites: SQLiteReads, WriteTransaction {
  /// The last number given out, in the one row of `sequences`.
  private static let planSequence = "plan"

  /// The last plan id given out, once this transaction has looked.
  private var knownLastPlanID: Int64?
  /// What the transaction made of each plan that it changed.
  private(set) var changedPlans: SnapshotCache<PlanSnapshot>.Changes = [:]
  /// The same for packages.
  var changedPackages: SnapshotCache<PackageSnapshot>.Changes = [:]
  private let group: GroupChanges

  init(_ connection: SQLiteConnection, _ group: GroupChanges) {
    self.group = group
    super.init(connection)
  }

  /// What neither this body nor an earlier one of its group has changed is as the last commit left
  /// it, for nobody else writes: that is what the cache has.
  override func knownPackage(_ id: ULID) -> PackageSnapshot? {
    let own = changedPackages[id]
    let change = if let own, !own.isTouched { own } else { group.packages[id] ?? own }
    switch change {
    case nil: return group.cache.find(id)
    case .touched: return group.cache.find(id).map { PackageSnapshot(renewing: $0) }
    case .written(let record): return PackageSnapshot(record)
    case .removed: return nil
    }
  }

  func nextPlanID() throws -> Int64 {
    let last = try lastPlanID()
    guard last < .max else { throw StorageError.full }
    try setLastPlanID(last + 1)
    return last + 1
  }

  func insert(_ plan: PlanRecord) throws {
    try write(Query.insertPlan) { row throws(StorageError) in try row.write(plan) }
    if plan.id > (try lastPlanID()) { try setLastPlanID(plan.id) }
    changedPlans[plan.id] = .written(plan)
  }

  func update(_ plan: PlanRecord) throws {
    let isTaken = try first(Query.planHasVersion) { statement throws(StorageError) in
      try statement.bind(1, plan.id)
      try statement.bind(2, Int64(plan.version))
    } read: { row in
      row.int64() != 0
    }
    guard let isTaken else { throw StorageError.planMissing }
    guard !isTaken else { throw StorageError.planVersionTaken }
    // The code first: a refusal must leave nothing behind.
    if let holder = try self.plan(.code(plan.code)), holder.id != plan.id {
      throw StorageError.planCodeTaken
    }
    try run(Query.archivePlan) { statement throws(StorageError) in
      try statement.bind(1, plan.id)
      _ = try statement.step()
    }
    try write(Query.updatePlan) { row throws(StorageError) in try row.write(plan) }
    changedPlans[plan.id] = .written(plan)
  }

  func deletePlan(id: Int64) throws {
    let deleted = try run(Query.deletePlan) { statement throws(StorageError) in
      try statement.bind(1, id)
      _ = try statement.step()
      return connection.changes
    }
    guard deleted > 0 else { throw StorageError.planMissing }
    changedPlans[id] = .removed
  }

  func insert(_ replay: ReplayRecord) throws {
    try write(Query.insertReplay) { row throws(StorageError) in try row.write(replay) }
  }

  func deleteReplays(expiredBefore time: Instant, limit: Int) throws -> Int {
    try run(Query.deleteReplays) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
      _ = try statement.step()
      return connection.changes
    }
  }

  func append(_ record: AuditRecord) throws {
    try write(Query.insertAuditRecord) { row throws(StorageError) in try row.write(record) }
  }

  func setSetting(_ name: String, to value: String) throws {
    try write(Query.setSetting) { row throws(StorageError) in
      try row.add(name)
      try row.add(value)
      try row.write()
    }
  }

  private func lastPlanID() throws(StorageError) -> Int64 {
    if let knownLastPlanID { return knownLastPlanID }
    let last = try first(Query.planSequence) { _ in
    } read: { row throws(StorageError) in
      try row.sequence()
    }
    knownLastPlanID = last ?? 0
    return last ?? 0
  }

  private func setLastPlanID(_ id: Int64) throws(StorageError) {
    try write(Query.setSequence) { row throws(StorageError) in
      try row.add(Self.planSequence)
      try row.add(id)
      try row.write()
    }
    knownLastPlanID = id
  }

  func write(
    _ query: Query, _ body: (inout RowWriter) throws(StorageError) -> Void
  ) throws(StorageError) {
    try run(query) { statement throws(StorageError) in
      var row = RowWriter(statement)
      try body(&row)
    }
  }
}
