internal import Storage

/// The steps that make the schema, in order. A step that was released is never changed: what
/// comes next is a step of its own.
enum Migrations {
  struct Step {
    var name: String
    var sql: String
    /// What comes after `sql` and takes more than that.
    var move: @Sendable (SQLiteConnection) throws(StorageError) -> Void = { _ in }
  }

  static let all = [
    Step(name: "catalogue", sql: catalogue), Step(name: "packages", sql: packages),
    Step(name: "sellers", sql: sellers),
    Step(name: "audit", sql: audit, move: moveAuditRecords),
    Step(name: "refunds", sql: refunds),
    Step(name: "domain order", sql: domainOrder, move: orderDomains),
    Step(name: "unheard renewals", sql: unheardRenewals),
  ]

  /// Refuses the database of another program, before anything in it is changed.
  ///
  /// - Throws: ``StorageError/cannotOpen(path:reason:)``.
  static func checkIsOurs(_ connection: SQLiteConnection) throws(StorageError) {
    let tables = try connection.firstText("SELECT count(*) FROM sqlite_schema")
    let own = try connection.firstText(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'")
    guard tables == "0" || own == "1" else {
      throw .cannotOpen(path: connection.path, reason: "it is another program's database")
    }
  }

  /// Applies the steps that the file lacks, each in its own transaction.
  ///
  /// - Throws: ``StorageError/cannotOpen(path:reason:)`` for a file that a later packd wrote.
  static func apply(
    _ steps: [Step], to connection: SQLiteConnection, now: @Sendable () -> Instant
  ) throws(StorageError) {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS migrations (
        position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
        applied_time INTEGER NOT NULL  -- nanoseconds since 1970, UTC
      ) STRICT
      """)
    var applied = 0
    while let name = try connection.firstText(
      "SELECT name FROM migrations WHERE position > \(applied) ORDER BY position LIMIT 1")
    {
      guard applied < steps.count, steps[applied].name == name else {
        throw .cannotOpen(
          path: connection.path, reason: "it has the migration \(name), of a later packd")
      }
      applied += 1
    }
    for (position, step) in steps.enumerated().dropFirst(applied) {
      do {
        try connection.execute("BEGIN IMMEDIATE; \(step.sql)")
        try step.move(connection)
        try connection.execute(
          """
          INSERT INTO migrations VALUES
            (\(position + 1), '\(step.name)', \(now().nanosecondsSinceEpoch));
          COMMIT;
          """)
      } catch {
        if connection.isInTransaction { try connection.run(Query.rollback) }
        throw error
      }
    }
  }

  /// As in every table, the checksum is over the columns before it.
  private static let planColumns = """
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind INTEGER NOT NULL,
    disk_space_mb INTEGER,  -- in quotas NULL is unlimited
    bandwidth_mb INTEGER,
    email_accounts INTEGER,
    databases INTEGER,
    price_currency TEXT NOT NULL,
    price_units INTEGER NOT NULL,
    price_nanos INTEGER NOT NULL,
    setup_currency TEXT,
    setup_units INTEGER,
    setup_nanos INTEGER,
    features TEXT NOT NULL,  -- netstrings
    is_active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    create_time INTEGER NOT NULL,  -- times are nanoseconds since 1970, UTC
    update_time INTEGER NOT NULL,
    checksum INTEGER NOT NULL
    """

  /// Of the two tables of audit records, this step's and that of `audit`.
  static let auditColumns = """
    "partition" TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    actor TEXT NOT NULL,
    method TEXT NOT NULL,
    resource TEXT NOT NULL,
    before_etag TEXT NOT NULL,
    after_etag TEXT NOT NULL,
    time INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    checksum INTEGER NOT NULL
    """

  /// One index for each order of plans, ending in what a filter looks at, so that a plan that
  /// does not pass is passed over within the index. Indexes that begin with the kind would pass
  /// over none, but every insert would have two more trees to change.
  private static let catalogue = """
    CREATE TABLE plans (id INTEGER PRIMARY KEY, \(planColumns)) STRICT;
    CREATE UNIQUE INDEX plans_by_code ON plans (code);
    CREATE INDEX plans_active ON plans (id) WHERE is_active = 1;
    CREATE INDEX plans_by_kind ON plans (kind, id, is_active);
    CREATE INDEX plans_by_name ON plans (name, id, kind, is_active);
    CREATE INDEX plans_by_price ON plans
      (price_currency, price_units, price_nanos, id, kind, is_active);

    CREATE TABLE plan_versions (
      id INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE, \(planColumns),
      PRIMARY KEY (id, version)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sequences (
      name TEXT PRIMARY KEY, last INTEGER NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE hosting_packages (
      id TEXT PRIMARY KEY,
      account_id TEXT NOT NULL,
      name TEXT NOT NULL,
      plan_id INTEGER NOT NULL,
      plan_version INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX hosting_packages_by_plan ON hosting_packages (plan_id, id);

    CREATE TABLE replays (
      caller TEXT NOT NULL,
      method TEXT NOT NULL,
      request_id TEXT NOT NULL,
      request_hash BLOB NOT NULL,
      status_code INTEGER NOT NULL,
      status_message TEXT NOT NULL,
      status_details BLOB NOT NULL,
      response BLOB NOT NULL,
      create_time INTEGER NOT NULL,
      expire_time INTEGER,  -- NULL is never
      checksum INTEGER NOT NULL,
      UNIQUE (caller, method, request_id)
    ) STRICT;
    CREATE INDEX replays_by_expiry ON replays (expire_time) WHERE expire_time IS NOT NULL;

    CREATE TABLE audit_records (
      \(auditColumns),
      PRIMARY KEY ("partition", sequence)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE settings (
      name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """
}
