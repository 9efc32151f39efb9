internal import Storage

/// What the bodies of one group have changed so far, before it is committed.
final class GroupChanges {
  var plans: SnapshotCache<PlanSnapshot>.Changes = [:]
  var packages: SnapshotCache<PackageSnapshot>.Changes = [:]
  var entitlements: SnapshotCache<EntitlementSnapshot>.Changes = [:]
  /// The largest purchase id and the last numbers of receipts, as far as a body looked.
  var lastPurchaseID: Int64?
  /// The id of the last audit record, as far as a body looked.
  var lastAuditID: Int64?
  var receiptSequences: [ExactText: Int64] = [:]
  let shared: Shared

  init(_ shared: Shared) {
    self.shared = shared
  }

  func take(_ body: SQLiteWrites) {
    plans.merge(body.changedPlans) { _, new in new }
    packages.merge(body.changedPackages) { old, new in
      // A record that was written is still the one to keep when it is only touched later.
      new.isTouched ? old : new
    }
    entitlements.merge(body.changedEntitlements) { $0.followed(by: $1) }
    lastPurchaseID = body.known.lastPurchaseID ?? lastPurchaseID
    lastAuditID = body.known.lastAuditID ?? lastAuditID
    receiptSequences.merge(body.known.receiptSequences) { _, new in new }
  }
}

/// What a write transaction has seen or made last of what it is likely to need again. It is the
/// only one, so nothing changes behind it.
struct KnownRecords {
  /// Of the user that was asked for last.
  var entitlement: EntitlementSnapshot?
  var slot: ListingSlotRecord?
  var intent: PaymentIntentRecord?
  /// The largest purchase id that is taken or was given out.
  var lastPurchaseID: Int64?
  var receiptSequences: [ExactText: Int64] = [:]
  var auditHead: StoredAuditHead?
  var lastAuditID: Int64?
}

/// What a write transaction on a connection can do.
final class SQLiteWrites: SQLiteReads, WriteTransaction {
  /// What has ids of its own, counted in a row of `sequences`.
  enum IDSequence: String {
    case plan
    case sellerPackage = "seller_package"
  }

  /// The last ids given out, once this transaction has looked.
  private var lastIDs: [IDSequence: Int64] = [:]
  /// What the transaction made of each plan that it changed.
  private(set) var changedPlans: SnapshotCache<PlanSnapshot>.Changes = [:]
  /// The same for packages.
  var changedPackages: SnapshotCache<PackageSnapshot>.Changes = [:]
  /// The same for entitlements, by user.
  var changedEntitlements: SnapshotCache<EntitlementSnapshot>.Changes = [:]
  var known = KnownRecords()
  let group: GroupChanges

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
    case nil: return group.shared.packages.find(id)
    case .touched: return group.shared.packages.find(id).map { PackageSnapshot(renewing: $0) }
    case .written(let record): return PackageSnapshot(record)
    case .removed: return nil
    }
  }

  override func knownEntitlement(of userID: String) -> EntitlementSnapshot? {
    let key = ExactText(userID)
    if let last = known.entitlement, ExactText(last.record.userID) == key { return last }
    let own = changedEntitlements[key]
    let change = group.entitlements[key].map { own.map($0.followed) ?? $0 } ?? own
    let cached = group.shared.entitlements.find(key)
    let found: EntitlementSnapshot? =
      switch change {
      case nil: cached
      case .written(let entitlement): EntitlementSnapshot(entitlement)
      case .slots(let slots): cached.map { EntitlementSnapshot($0.record, slots: slots) }
      case .unknown: nil
      }
    if let found { known.entitlement = found }
    return found
  }

  override func found(_ entitlement: EntitlementSnapshot) {
    known.entitlement = entitlement
  }

  override func knownSlots(of purchaseID: Int64) -> PurchaseSlots? {
    guard let entitlement = known.entitlement, entitlement.record.id == purchaseID else {
      return nil
    }
    return PurchaseSlots(
      purchaseID: purchaseID, userID: entitlement.record.userID, counts: entitlement.slots)
  }

  override func found(_ slot: ListingSlotRecord) {
    known.slot = slot
  }

  override func found(_ intent: PaymentIntentRecord) {
    known.intent = intent
  }

  override func knownReceiptSequence(series: String) -> Int64? {
    let key = ExactText(series)
    return known.receiptSequences[key] ?? group.receiptSequences[key]
  }

  override func found(receiptSequence: Int64, series: String) {
    known.receiptSequences[ExactText(series)] = receiptSequence
  }

  override func knownAuditHead(of partition: String) -> StoredAuditHead? {
    guard let head = known.auditHead, ExactText(head.partition) == ExactText(partition) else {
      return nil
    }
    return head
  }

  override func found(_ head: StoredAuditHead) {
    known.auditHead = head
  }

  func nextPlanID() throws -> Int64 {
    let last = try lastID(in: .plan)
    guard last < .max else { throw StorageError.full }
    try setLastID(last + 1, in: .plan)
    return last + 1
  }

  func insert(_ plan: PlanRecord) throws {
    try write(Query.insertPlan) { row throws(StorageError) in try row.write(plan) }
    if plan.id > (try lastID(in: .plan)) { try setLastID(plan.id, in: .plan) }
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

  func setSetting(_ name: String, to value: String) throws {
    try write(Query.setSetting) { row throws(StorageError) in
      try row.add(name)
      try row.add(value)
      try row.write()
    }
  }

  func lastID(in sequence: IDSequence) throws(StorageError) -> Int64 {
    if let last = lastIDs[sequence] { return last }
    let last = try first(Query.sequence) { statement throws(StorageError) in
      try statement.bind(1, sequence.rawValue)
    } read: { row throws(StorageError) in
      try row.sequence()
    }
    lastIDs[sequence] = last ?? 0
    return last ?? 0
  }

  func setLastID(_ id: Int64, in sequence: IDSequence) throws(StorageError) {
    try write(Query.setSequence) { row throws(StorageError) in
      try row.add(sequence.rawValue)
      try row.add(id)
      try row.write()
    }
    lastIDs[sequence] = id
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
