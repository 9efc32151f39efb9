import Glibc
import Storage
import Testing

@testable import SQLiteStorage

struct MigrationsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("Each migration is recorded once, with the time of the clock")
  func migrationsAreRecorded() async throws {
    for time in [5, 6] as [Int64] {
      let store = try SQLiteStore.open(path: folder.database) {
        Instant(nanosecondsSinceEpoch: time)
      }
      await store.close()
    }
    let connection = try connect()
    let names = try connection.firstText(
      "SELECT group_concat(name) FROM (SELECT name FROM migrations ORDER BY position)")
    #expect(names == "catalogue,packages")
    #expect(
      try connection.firstText("SELECT group_concat(DISTINCT applied_time) FROM migrations") == "5")
  }

  @Test("A file of a later packd is refused by the name of its migration")
  func laterFilesAreRefused() async throws {
    try await SQLiteStore.open(path: folder.database).close()
    try connect().execute("INSERT INTO migrations VALUES (3, 'from-the-future', 0)")
    let error = #expect(throws: StorageError.self) {
      try SQLiteStore.open(path: folder.database)
    }
    guard case .cannotOpen(_, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("from-the-future"))
  }

  @Test("Another program's database is refused and left as it is, to the byte")
  func otherProgramsFiles() async throws {
    write([], to: folder.database)
    // One that has a rollback journal, as is SQLite's default.
    let connection = try SQLiteConnection(
      path: folder.database, role: .reader, limits: SQLiteStore.Limits())
    try connection.execute(
      """
      PRAGMA query_only = OFF;
      CREATE TABLE songs (title TEXT);
      INSERT INTO songs VALUES ('a');
      """)
    let bytes = contents(of: folder.database)
    let error = #expect(throws: StorageError.self) {
      try SQLiteStore.open(path: folder.database)
    }
    guard case .cannotOpen = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let isAsItWas = contents(of: folder.database) == bytes
    #expect(isAsItWas)
    #expect(access(folder.database + "-wal", F_OK) != 0)
  }

  @Test("A migration that fails leaves nothing, and one that is added is applied")
  func stepsAreAtomic() throws {
    write([], to: folder.database)
    let connection = try connect()
    let first = Migrations.Step(name: "first", sql: "CREATE TABLE one (a INTEGER)")
    let broken = Migrations.Step(
      name: "second", sql: "CREATE TABLE two (a INTEGER); CREATE TABLE one (a INTEGER)")
    #expect(throws: StorageError.self) {
      try Migrations.apply([first, broken], to: connection, now: Instant.now)
    }
    #expect(try tables(of: connect()) == "migrations,one")
    let second = Migrations.Step(name: "second", sql: "CREATE TABLE two (a INTEGER)")
    let again = try connect()
    try Migrations.apply([first, second], to: again, now: Instant.now)
    #expect(try tables(of: again) == "migrations,one,two")
  }

  private func tables(of connection: SQLiteConnection) throws -> String? {
    try connection.firstText(
      """
      SELECT group_concat(name) FROM (
        SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name)
      """)
  }

  private func connect() throws -> SQLiteConnection {
    try SQLiteConnection(
      path: folder.database, role: .writer, limits: SQLiteStore.Limits())
  }
}
