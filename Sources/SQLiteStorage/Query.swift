internal import Storage
internal import Synchronization

/// A statement of ours, and where each connection keeps it prepared. Parameters stand in the
/// order of the row's columns, or as a query's own comment says.
struct Query: Sendable {
  let sql: String
  let index: Int

  private static let count = Atomic(0)

  init(_ sql: String) {
    self.sql = sql
    index = Self.count.add(1, ordering: .relaxed).oldValue
  }

  // MARK: Transactions

  static let begin = Query("BEGIN")
  static let beginImmediate = Query("BEGIN IMMEDIATE")
  /// Finds nothing that matters, in a snapshot that is taken for it.
  static let look = Query("SELECT 1 FROM migrations LIMIT 1")
  static let commit = Query("COMMIT")
  static let rollback = Query("ROLLBACK")
  static let savepoint = Query("SAVEPOINT body")
  static let release = Query("RELEASE body")
  static let rollbackToSavepoint = Query("ROLLBACK TO body")
  /// Changes nothing, and yet is a write that has to reach the disk.
  static let touch = Query("UPDATE migrations SET applied_time = applied_time")

  // MARK: Plans

  private static let planColumns = """
    id, code, name, description, kind, disk_space_mb, bandwidth_mb, email_accounts, databases,
    price_currency, price_units, price_nanos, setup_currency, setup_units, setup_nanos,
    features, is_active, version, create_time, update_time, disk_space_overuse,
    bandwidth_overuse, checksum
    """

  static let planByID = Query("SELECT \(planColumns) FROM plans WHERE id = ?1")
  static let planByCode = Query("SELECT \(planColumns) FROM plans WHERE code = ?1")
  /// By id, version. The current version stands in `plans`, all earlier ones in
  /// `plan_versions`.
  static let planAtVersion = Query(
    """
    SELECT \(planColumns) FROM plans WHERE id = ?1 AND version = ?2
    UNION ALL
    SELECT \(planColumns) FROM plan_versions WHERE id = ?1 AND version = ?2
    """)
  /// By id, version to stay below, limit.
  static let planVersions = Query(
    """
    SELECT \(planColumns) FROM plans WHERE id = ?1 AND version < ?2
    UNION ALL
    SELECT \(planColumns) FROM plan_versions WHERE id = ?1 AND version < ?2
    ORDER BY version DESC LIMIT ?3
    """)
  /// By id, version: whether the plan has that version.
  static let planHasVersion = Query(
    """
    SELECT version = ?2 OR EXISTS (
      SELECT 1 FROM plan_versions WHERE plan_versions.id = ?1 AND plan_versions.version = ?2)
    FROM plans WHERE id = ?1
    """)
  static let insertPlan = Query(
    """
    INSERT INTO plans (\(planColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
      ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)
    """)
  static let archivePlan = Query(
    """
    INSERT INTO plan_versions (\(planColumns)) SELECT \(planColumns) FROM plans WHERE id = ?1
    """)
  static let updatePlan = Query(
    """
    UPDATE plans SET code = ?2, name = ?3, description = ?4, kind = ?5, disk_space_mb = ?6,
      bandwidth_mb = ?7, email_accounts = ?8, databases = ?9, price_currency = ?10,
      price_units = ?11, price_nanos = ?12, setup_currency = ?13, setup_units = ?14,
      setup_nanos = ?15, features = ?16, is_active = ?17, version = ?18, create_time = ?19,
      update_time = ?20, disk_space_overuse = ?21, bandwidth_overuse = ?22, checksum = ?23
    WHERE id = ?1
    """)
  static let deletePlan = Query("DELETE FROM plans WHERE id = ?1")
  static let allPlans = Query(
    "SELECT \(planColumns) FROM plans UNION ALL SELECT \(planColumns) FROM plan_versions")

  static let sequence = Query("SELECT name, last, checksum FROM sequences WHERE name = ?1")
  static let allSequences = Query("SELECT name, last, checksum FROM sequences")
  static let setSequence = Query(
    """
    INSERT INTO sequences (name, last, checksum) VALUES (?1, ?2, ?3)
    ON CONFLICT (name) DO UPDATE SET last = excluded.last, checksum = excluded.checksum
    """)

  // MARK: Pages of plans

  /// The query of one page: `?1` is the kind, `?2` to `?5` the cursor in the order's columns,
  /// `?6` the limit.
  static func planPage(_ query: PlanQuery) -> Query {
    let order = Int(query.order.rawValue) * 8
    let kind = query.kind == nil ? 0 : 4
    let active = query.activeOnly ? 2 : 0
    return planPages[order + kind + active + (query.after == nil ? 0 : 1)]
  }

  private static let planPages = PlanQuery.Order.allCases.flatMap { order in
    [false, true].flatMap { hasKind in
      [false, true].flatMap { activeOnly in
        [false, true].map { hasCursor in
          planPage(order, hasKind: hasKind, activeOnly: activeOnly, hasCursor: hasCursor)
        }
      }
    }
  }

  /// Every page is found by walking one index from the cursor on, so that the last page costs
  /// what the first does. The index is named: a planner that chose another would have to sort.
  private static func planPage(
    _ order: PlanQuery.Order, hasKind: Bool, activeOnly: Bool, hasCursor: Bool
  ) -> Query {
    let (columns, parameters) =
      switch order {
      case .id: ("id", "?2")
      case .name: ("name, id", "?2, ?3")
      case .price: ("price_currency, price_units, price_nanos, id", "?2, ?3, ?4, ?5")
      }
    var conditions: [String] = []
    if hasKind { conditions.append("kind = ?1") }
    if activeOnly { conditions.append("is_active = 1") }
    if hasCursor { conditions.append("(\(columns)) > (\(parameters))") }
    let index =
      switch (order, hasKind, activeOnly) {
      case (.id, true, _): "INDEXED BY plans_by_kind"
      case (.id, false, true): "INDEXED BY plans_active"
      case (.id, false, false): "NOT INDEXED"
      case (.name, _, _): "INDEXED BY plans_by_name"
      case (.price, _, _): "INDEXED BY plans_by_price"
      }
    let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
    return Query(
      "SELECT \(planColumns) FROM plans \(index) \(filter) ORDER BY \(columns) LIMIT ?6")
  }

  // MARK: Replays

  private static let replayColumns = """
    caller, method, request_id, request_hash, status_code, status_message, status_details,
    response, create_time, expire_time, checksum
    """

  static let replay = Query(
    """
    SELECT \(replayColumns) FROM replays WHERE caller = ?1 AND method = ?2 AND request_id = ?3
    """)
  static let insertReplay = Query(
    """
    INSERT INTO replays (\(replayColumns))
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
    """)
  /// By time, limit.
  static let deleteReplays = Query(
    """
    DELETE FROM replays WHERE rowid IN (
      SELECT rowid FROM replays WHERE expire_time < ?1 ORDER BY expire_time, rowid LIMIT ?2)
    """)
  static let allReplays = Query("SELECT \(replayColumns) FROM replays")

  // MARK: Settings

  static let setting = Query("SELECT name, value, checksum FROM settings WHERE name = ?1")
  static let setSetting = Query(
    """
    INSERT INTO settings (name, value, checksum) VALUES (?1, ?2, ?3)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, checksum = excluded.checksum
    """)
  static let allSettings = Query("SELECT name, value, checksum FROM settings")
}
