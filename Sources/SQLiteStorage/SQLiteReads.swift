internal import Storage

/// What a read transaction may take from the caches and put there. Made before it begins.
struct ReadCaches {
  private let shared: Shared
  private let planGeneration: UInt64
  private let packageGeneration: UInt64
  private let entitlementGeneration: UInt64

  init(_ shared: Shared) {
    self.shared = shared
    planGeneration = shared.plans.generation
    packageGeneration = shared.packages.generation
    entitlementGeneration = shared.entitlements.generation
  }

  func fill(_ plan: PlanRecord) {
    shared.plans.fill(plan, since: planGeneration)
  }

  func fill(_ package: HostingPackageRecord) {
    shared.packages.fill(package, since: packageGeneration)
  }

  func package(_ id: ULID) -> PackageSnapshot? {
    shared.packages.find(id, since: packageGeneration)
  }

  func fill(_ entitlement: Entitlement) {
    shared.entitlements.fill(entitlement, since: entitlementGeneration)
  }

  func entitlement(of userID: String) -> EntitlementSnapshot? {
    shared.entitlements.find(ExactText(userID), since: entitlementGeneration)
  }
}

/// What a transaction on a connection can ask.
class SQLiteReads: ReadTransaction {
  let connection: SQLiteConnection
  /// Why the connection is of no use any more: the transaction may have been rolled back
  /// beneath the body, so that no further statement may run, even if the body caught the error.
  private(set) var failure: StorageError?
  private let caches: ReadCaches?

  init(_ connection: SQLiteConnection, _ caches: ReadCaches? = nil) {
    self.connection = connection
    self.caches = caches
  }

  /// The package as this transaction sees it, if that is known without asking the database.
  func knownPackage(_ id: ULID) -> PackageSnapshot? {
    caches?.package(id)
  }

  /// Takes what was read of the database.
  func found(_ package: HostingPackageRecord) {
    caches?.fill(package)
  }

  /// The user's entitlement, as ``knownPackage(_:)``.
  func knownEntitlement(of userID: String) -> EntitlementSnapshot? {
    caches?.entitlement(of: userID)
  }

  func found(_ entitlement: EntitlementSnapshot) {
    caches?.fill(entitlement.state)
  }

  /// What a write transaction knows, being the only one: nothing changes beside it. A read is
  /// not asked for the same thing often enough.
  func knownSlots(of purchaseID: Int64) -> PurchaseSlots? { nil }
  func knownReceiptSequence(series: String) -> Int64? { nil }
  func knownAuditHead(of partition: String) -> StoredAuditHead? { nil }
  func found(_ head: StoredAuditHead) {}
  func found(_ slot: ListingSlotRecord) {}
  func found(_ intent: PaymentIntentRecord) {}
  func found(receiptSequence: Int64, series: String) {}

  /// Runs `body` on the prepared statement of `query`.
  final func run<Result>(
    _ query: Query, _ body: (SQLiteStatement) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    if let failure { throw failure }
    do {
      let statement = try connection.statement(query)
      defer { statement.reset() }
      return try body(statement)
    } catch {
      // A taken key undoes its own statement only, and damage does no harm as long as it is only
      // read.
      if case .duplicate = error { throw error }
      if connection.isInTransaction, !connection.hasMetDamage, case .damaged = error {
        throw error
      }
      failure = error
      throw error
    }
  }

  /// The first row, read by `read`, if there is one.
  final func first<Record>(
    _ query: Query, bind: (SQLiteStatement) throws(StorageError) -> Void,
    read: (inout RowReader) throws(StorageError) -> Record
  ) throws(StorageError) -> Record? {
    try run(query) { statement throws(StorageError) in
      try bind(statement)
      guard try statement.step() else { return nil }
      var row = RowReader(statement, path: connection.path)
      return try read(&row)
    }
  }

  /// Every row, read by `read`.
  final func all<Record>(
    _ query: Query, bind: (SQLiteStatement) throws(StorageError) -> Void,
    read: (inout RowReader) throws(StorageError) -> Record
  ) throws(StorageError) -> [Record] {
    try run(query) { statement throws(StorageError) in
      try bind(statement)
      var records: [Record] = []
      while try statement.step() {
        var row = RowReader(statement, path: connection.path)
        records.append(try read(&row))
      }
      return records
    }
  }

  // MARK: Plans

  final func plan(_ key: PlanKey) throws -> PlanRecord? {
    let plan: PlanRecord?
    switch key {
    case .id(let id):
      plan = try first(Query.planByID) { statement throws(StorageError) in
        try statement.bind(1, id)
      } read: { row throws(StorageError) in
        try row.plan()
      }
    case .code(let code):
      plan = try first(Query.planByCode) { statement throws(StorageError) in
        try statement.bind(1, code)
      } read: { row throws(StorageError) in
        try row.plan()
      }
      if let plan, ExactText(plan.code) != ExactText(code) {
        throw StorageError.damaged(
          path: connection.path, reason: "the index of codes leads to another plan")
      }
    }
    if let plan { caches?.fill(plan) }
    return plan
  }

  final func plan(id: Int64, version: Int32) throws -> PlanRecord? {
    try first(Query.planAtVersion) { statement throws(StorageError) in
      try statement.bind(1, id)
      try statement.bind(2, Int64(version))
    } read: { row throws(StorageError) in
      try row.plan()
    }
  }

  final func plans(_ query: PlanQuery) throws -> [PlanRecord] {
    switch (query.after, query.order) {
    case (nil, _), (.id, .id), (.name, .name), (.price, .price): break
    default: throw PlanQuery.InvalidCursor()
    }
    return try all(Query.planPage(query)) { statement throws(StorageError) in
      // Those that the statement does not name are bound to its gaps.
      try statement.bind(1, Int64(query.kind?.rawValue ?? 0))
      switch query.after {
      case nil:
        break
      case .id(let id):
        try statement.bind(2, id)
      case .name(let name, let id):
        try statement.bind(2, name)
        try statement.bind(3, id)
      case .price(let price, let id):
        try statement.bind(2, price.currencyCode)
        try statement.bind(3, price.units)
        try statement.bind(4, Int64(price.nanos))
        try statement.bind(5, id)
      }
      try statement.bind(6, Self.rows(query.limit))
    } read: { row throws(StorageError) in
      try row.plan()
    }
  }

  final func planVersions(id: Int64, below version: Int32?, limit: Int) throws -> [PlanRecord] {
    try all(Query.planVersions) { statement throws(StorageError) in
      try statement.bind(1, id)
      try statement.bind(2, version.map(Int64.init) ?? .max)
      try statement.bind(3, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.plan()
    }
  }

  // MARK: Other records

  final func replay(_ key: ReplayKey) throws -> ReplayRecord? {
    try first(Query.replay) { statement throws(StorageError) in
      try statement.bind(1, key.caller)
      try statement.bind(2, key.method)
      try statement.bind(3, key.requestID)
    } read: { row throws(StorageError) in
      try row.replay()
    }
  }

  final func setting(_ name: String) throws -> String? {
    try first(Query.setting) { statement throws(StorageError) in
      try statement.bind(1, name)
    } read: { row throws(StorageError) in
      try row.setting()
    }
  }

  /// To SQLite a negative limit is none at all.
  static func rows(_ limit: Int) -> Int64 {
    Int64(max(0, limit))
  }
}
