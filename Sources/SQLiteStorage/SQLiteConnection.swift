internal import CSQLite
internal import Glibc
internal import Storage

/// A connection to one SQLite database, and the only file that calls SQLite. For one thread at
/// a time.
final class SQLiteConnection {
  enum Role {
    /// The one that writes and carries the log into the file.
    case writer
    case reader
  }

  /// What a checkpoint must achieve; see `sqlite3_wal_checkpoint_v2`.
  enum Checkpoint {
    /// As much as goes without waiting.
    case passive
    /// All of it, waiting for readers for a bounded time; the log file is cut off. If readers
    /// outlast that, as much as goes.
    case truncate
  }

  let path: String
  /// Pages in the write-ahead log after the last commit of this connection, whether or not they
  /// are in the file, too: the log begins anew when all are and nobody reads it.
  fileprivate(set) var logPages = 0
  private let handle: OpaquePointer
  private let role: Role
  /// Whether SQLite itself met damage while this, a writer's, was at work.
  private(set) var hasMetDamage = false
  private let limits: SQLiteStore.Limits
  private var statements: [SQLiteStatement?] = []

  /// SQLite counts its memory under one lock for all connections unless told not to, before its
  /// first use.
  private static let withoutStatistics = packd_sqlite3_disable_memory_statistics()

  /// Opens a file that exists.
  init(path: String, role: Role, limits: SQLiteStore.Limits) throws(StorageError) {
    _ = Self.withoutStatistics
    var opened: OpaquePointer?
    // No mutex within SQLite: a connection belongs to one thread at a time.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened, code == SQLITE_OK else {
      let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw .cannotOpen(path: path, reason: reason)
    }
    self.path = path
    handle = opened
    self.role = role
    self.limits = limits
    // Only what the writer does on purpose is carried into the file, never a damaged store's
    // log, or what another program's reader left to the last one to close.
    packd_sqlite3_set_checkpoint_on_close(handle, 0)
    setBusyTimeout(milliseconds: limits.busyMilliseconds)
    try execute(
      """
      PRAGMA cache_size = -\(limits.pageCacheKiB);
      PRAGMA cell_size_check = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA temp_store = MEMORY;
      PRAGMA mmap_size = 0;
      """)
    switch role {
    case .writer: try setUpWriter(limits)
    case .reader: try execute("PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0")
    }
  }

  deinit {
    statements = []
    // Ends whatever transaction is open.
    sqlite3_close_v2(handle)
  }

  private func setUpWriter(_ limits: SQLiteStore.Limits) throws(StorageError) {
    try Migrations.checkIsOurs(self)
    guard try firstText("PRAGMA journal_mode = WAL") == "wal" else {
      throw .cannotOpen(path: path, reason: "the file system allows no write-ahead log")
    }
    try execute(
      """
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA journal_size_limit = \(limits.maxKeptLogBytes);
      """)
    let pageBytes = Int64(try firstText("PRAGMA page_size") ?? "") ?? 4096
    let maxPages = max(1, limits.maxDatabaseBytes / max(1, pageBytes))
    _ = try firstText("PRAGMA max_page_count = \(min(maxPages, 0xFFFF_FFFE))")
    // Takes the place of SQLite's own checkpoints, which would run within a commit.
    sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        guard let context else { return SQLITE_OK }
        let connection = Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
        connection.logPages = Int(pages)
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Whether a transaction is open; SQLite itself ends one after some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Whether the file's header, once it was read, asks for a later SQLite than this to write it.
  var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

  /// Rows that the last statement inserted, updated or deleted.
  var changes: Int { Int(sqlite3_changes64(handle)) }

  /// Rows that all statements of this connection changed.
  var totalChanges: Int64 { sqlite3_total_changes64(handle) }

  /// Runs statements that give no rows.
  func execute(_ sql: String) throws(StorageError) {
    errno = 0
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// The first column of the first row.
  func firstText(_ sql: String) throws(StorageError) -> String? {
    let statement = try prepare(sql, flags: 0)
    return try statement.step() ? statement.text(0) : nil
  }

  /// The prepared statement of `query`, kept for the next time.
  func statement(_ query: Query) throws(StorageError) -> SQLiteStatement {
    while statements.count <= query.index { statements.append(nil) }
    if let statement = statements[query.index] { return statement }
    let statement = try prepare(query.sql, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
    statements[query.index] = statement
    return statement
  }

  /// Runs `query`, which has no parameters, to its end.
  func run(_ query: Query) throws(StorageError) {
    let statement = try statement(query)
    defer { statement.reset() }
    while try statement.step() {}
  }

  /// - Returns: whether it achieved what it must; `false` if a reader still needs the log.
  @discardableResult
  func checkpoint(_ kind: Checkpoint) throws(StorageError) -> Bool {
    let mode = kind == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE
    setBusyTimeout(milliseconds: limits.checkpointWaitMilliseconds)
    defer { setBusyTimeout(milliseconds: limits.busyMilliseconds) }
    errno = 0
    let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
    if code & 0xFF == SQLITE_BUSY { return false }
    guard code == SQLITE_OK else { throw failure(code) }
    if kind == .truncate { logPages = 0 }
    return true
  }

  private func setBusyTimeout(milliseconds: Int) {
    sqlite3_busy_timeout(handle, Int32(clamping: milliseconds))
  }

  /// Carries the whole log into the file, and has SQLite delete it when this, as the last
  /// connection, is closed. For a store that is whole.
  func checkpointToClose() throws(StorageError) {
    guard try checkpoint(.truncate) else { return }
    packd_sqlite3_set_checkpoint_on_close(handle, 1)
  }

  private func prepare(_ sql: String, flags: UInt32) throws(StorageError) -> SQLiteStatement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil)
    guard let statement, code == SQLITE_OK else { throw failure(code) }
    return SQLiteStatement(statement, of: self)
  }

  /// What a result code means to a store. Must be asked right after the call that failed.
  fileprivate func failure(_ code: Int32) -> StorageError {
    // SQLite's own sqlite3_system_errno is not set where a commit fails.
    let systemCode = errno
    let reason = String(cString: sqlite3_errmsg(handle))
    switch code & 0xFF {
    case SQLITE_FULL:
      return .full
    case SQLITE_IOERR where [ENOSPC, EDQUOT, EFBIG].contains(systemCode):
      return .full
    case SQLITE_IOERR:
      let cause = String(cString: strerror(systemCode))
      return .unavailable(reason: "\(reason) (\(code)): \(cause)")
    case SQLITE_BUSY, SQLITE_LOCKED:
      // A reader has nothing that it could run again.
      return role == .writer ? .conflict : .unavailable(reason: reason)
    case SQLITE_CONSTRAINT:
      return Self.duplicate(reason) ?? .unavailable(reason: reason)
    // All SQL is our own and fits our schema: where it does not, the schema is damaged.
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_SCHEMA:
      hasMetDamage = role == .writer
      return .damaged(path: path, reason: reason)
    default:
      return .unavailable(reason: "\(reason) (\(code))")
    }
  }

  /// Reads `UNIQUE constraint failed: table.a, table.b`, which names columns, never values.
  private static func duplicate(_ reason: String) -> StorageError? {
    let prefix = "UNIQUE constraint failed: "
    guard reason.hasPrefix(prefix) else { return nil }
    let columns = reason.dropFirst(prefix.count).split(separator: ",").map {
      $0.drop { $0 == " " }.split(separator: ".", maxSplits: 1)
    }
    guard let table = columns.first?.first else { return nil }
    let key = columns.compactMap(\.last).joined(separator: ",")
    return .duplicate(table: String(table), key: key)
  }
}

/// A prepared statement: bind from 1, step, read columns from 0, reset.
final class SQLiteStatement {
  private let handle: OpaquePointer
  /// The connection keeps its statements, and so outlives them.
  private unowned let connection: SQLiteConnection

  fileprivate init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
    self.handle = handle
    self.connection = connection
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Moves to the next row.
  /// - Returns: whether there is one.
  func step() throws(StorageError) -> Bool {
    errno = 0
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw connection.failure(code)
    }
  }

  /// Ends the run; what is bound stays bound.
  func reset() {
    sqlite3_reset(handle)
  }

  func bind(_ index: Int32, _ value: Int64) throws(StorageError) {
    try check(sqlite3_bind_int64(handle, index, value))
  }

  func bind(_ index: Int32, _ text: String) throws(StorageError) {
    var text = text
    let code = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else {
          return sqlite3_bind_text(handle, index, "", 0, Self.copied)
        }
        return sqlite3_bind_text64(
          handle, index, start, UInt64(characters.count), Self.copied, UInt8(SQLITE_UTF8))
      }
    }
    try check(code)
  }

  func bind(_ index: Int32, _ blob: [UInt8]) throws(StorageError) {
    let code = blob.withUnsafeBytes { bytes in
      // A blob that starts nowhere would be taken for NULL.
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob64(
          handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
    }
    try check(code)
  }

  /// As 16 bytes, big-endian.
  func bind(_ index: Int32, _ id: ULID) throws(StorageError) {
    let code = withUnsafeBytes(of: id.value.bigEndian) { bytes in
      sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
    }
    try check(code)
  }

  func bindNull(_ index: Int32) throws(StorageError) {
    try check(sqlite3_bind_null(handle, index))
  }

  func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  func int64(_ column: Int32) -> Int64 {
    sqlite3_column_int64(handle, column)
  }

  func text(_ column: Int32) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a text or blob, until the next step.
  func withBytes<Result>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    // As a blob, a text is its UTF-8, NUL characters and all.
    let start = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  private func check(_ code: Int32) throws(StorageError) {
    guard code == SQLITE_OK else { throw connection.failure(code) }
  }

  /// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies what is bound.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
