import Glibc
import Storage
import StorageContract
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
    #expect(names == "catalogue,packages,sellers,audit,refunds,domain order,unheard renewals")
    #expect(
      try connection.firstText("SELECT group_concat(DISTINCT applied_time) FROM migrations") == "5")
  }

  @Test("A file of a later packd is refused by the name of its migration")
  func laterFilesAreRefused() async throws {
    try await SQLiteStore.open(path: folder.database).close()
    try connect().execute(
      "INSERT INTO migrations SELECT max(position) + 1, 'from-the-future', 0 FROM migrations")
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

  @Test("Plans of a file of the first step verify, and notify of overuse")
  func plansOfTheFirstStep() async throws {
    write([], to: folder.database)
    do {
      let connection = try connect()
      try Migrations.apply([Migrations.all[0]], to: connection, now: Instant.now)
      try connection.execute(Self.firstStepPlans)
    }
    let store = try SQLiteStore.open(path: folder.database)
    let second = Sample.plan(1, name: "Second", version: 2)
    try await store.read { transaction throws in
      #expect(try transaction.plan(.id(1)) == second)
      #expect(try transaction.plan(.code("plan-1")) == second)
      #expect(try transaction.plan(id: 1, version: 1) == Sample.plan(1))
    }
    // What was current under the first step goes into the history as it is.
    var third = Sample.plan(1, name: "Third", version: 3)
    third.diskSpaceOveruse = .suspend
    let update = third
    try await store.write { try $0.update(update) }
    await store.close()
    // Without this, the file would be taken for what it was when it was closed.
    unlink(folder.database + ".lock")
    let verified = try await openSoon(folder.database)
    let versions = try await verified.read { try $0.planVersions(id: 1, below: nil, limit: 9) }
    #expect(versions == [third, second, Sample.plan(1)])
    #expect(second.diskSpaceOveruse == .notify && second.bandwidthOveruse == .notify)
    await verified.close()
    // The checksum still guards the rows of before.
    try connect().execute("UPDATE plan_versions SET disk_space_overuse = 1 WHERE version = 1")
    unlink(folder.database + ".lock")
    #expect(throws: StorageError.self) { try SQLiteStore.open(path: folder.database) }
  }

  @Test("A file of the second step keeps its packages, and sells packages from now on")
  func packagesOfTheSecondStep() async throws {
    write([], to: folder.database)
    do {
      let connection = try connect()
      try Migrations.apply(Array(Migrations.all[..<2]), to: connection, now: Instant.now)
      // As a packd of that step wrote them.
      try connection.execute(
        """
        INSERT INTO sequences VALUES ('plan', 1, 3073821366337361339);
        INSERT INTO package_domains VALUES
          ('site.example', x'00000000000000000000000000000001', -597549819133572900);
        """)
    }
    for _ in 0..<2 {
      let store = try await openSoon(folder.database)
      try await store.write { transaction throws in
        #expect(try transaction.hostingPackageID(domainName: "site.example") == ULID(value: 1))
        let id = try transaction.nextPurchaseID()
        try transaction.insert(Sample.purchase(id))
        try transaction.insert(Sample.slot("a", of: id))
        try transaction.insert(Sample.sellerPackage(try transaction.nextSellerPackageID()))
        let last = try transaction.lastReceiptSequence(series: "A")
        #expect(last == id - 1)
        try transaction.insert(Sample.receipt(last + 1))
      }
      await store.close()
      // Without this, the file would be taken for what it was when it was closed.
      unlink(folder.database + ".lock")
    }
    let store = try await openSoon(folder.database)
    try await store.write { transaction throws in
      #expect(try transaction.nextPlanID() == 2)
      #expect(try transaction.nextSellerPackageID() == 3)
      #expect(try transaction.nextPurchaseID() == 3)
      #expect(try transaction.entitlement(of: "seller")?.slots.held == 1)
    }
    await store.close()
  }

  @Test("Audit chains of a file of the third step go on where they ended")
  func auditOfTheThirdStep() async throws {
    write([], to: folder.database)
    do {
      let connection = try connect()
      try Migrations.apply(Array(Migrations.all[..<3]), to: connection, now: Instant.now)
      for sequence in 1...130 as ClosedRange<Int64> {
        for chain in ["catalogue", "user/1", "user/e\u{301}", "user/é"] {
          try Self.insertByChain(Sample.audit(sequence, partition: chain), connection)
        }
      }
    }
    let store = try SQLiteStore.open(path: folder.database)
    try await store.write { transaction throws in
      for chain in ["user/é", "catalogue"] {
        #expect(try transaction.auditHead(partition: chain)?.sequence == 130)
        try transaction.append(Sample.audit(131, partition: chain))
      }
    }
    await store.close()
    unlink(folder.database + ".lock")
    let verified = try await openSoon(folder.database)
    try await verified.read { transaction throws in
      for (chain, count) in [
        ("catalogue", 131), ("user/1", 130), ("user/e\u{301}", 130), ("user/é", 131),
      ] as [(String, Int64)] {
        let records = try transaction.auditRecords(partition: chain, after: 0, limit: 999)
        #expect(records == (1...count).map { Sample.audit($0, partition: chain) })
      }
    }
    await verified.close()
  }

  @Test("A damaged audit record of the third step is found when it is moved")
  func damagedAuditOfTheThirdStep() throws {
    write([], to: folder.database)
    let connection = try connect()
    try Migrations.apply(Array(Migrations.all[..<3]), to: connection, now: Instant.now)
    try Self.insertByChain(Sample.audit(1), connection)
    try connection.execute("UPDATE audit_records SET actor = 'nobody'")
    #expect(throws: StorageError.self) {
      try Migrations.apply(Migrations.all, to: connection, now: Instant.now)
    }
    #expect(try connection.firstText("SELECT actor FROM audit_records") == "nobody")
  }

  /// As a packd of the third step wrote it.
  private static func insertByChain(
    _ record: AuditRecord, _ connection: SQLiteConnection
  ) throws {
    let statement = try connection.statement(insertByChain)
    defer { statement.reset() }
    var row = RowWriter(statement)
    try row.addFields(record)
    try row.write()
  }

  private static let insertByChain = Query(
    "INSERT INTO audit_records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")

  @Test("A file of an earlier step learns the order of its domains")
  func domainsOfEarlierSteps() async throws {
    let first = try await openSoon(folder.database)
    try await first.write { transaction throws in
      var package = Sample.hostingPackage(1, account: "one")
      package.extraDomainNames = ["a.shop.example.com", "ä.example.de"]
      try transaction.insert(package, passwordHash: "x")
      try transaction.insert(
        Sample.deleted(Sample.hostingPackage(2, account: "one")), passwordHash: "x")
    }
    await first.close()
    // As a packd before that step left it.
    try connect().execute(
      """
      DROP TABLE package_domain_order; DROP INDEX payment_intents_unheard;
      ALTER TABLE payment_intents DROP COLUMN unheard_until;
      DELETE FROM migrations WHERE position > 5
      """)
    unlink(folder.database + ".lock")
    let store = try await openSoon(folder.database)
    try await store.write { transaction throws in
      for name in ["example.com", "shop.example.com", "example.de"] {
        let found = try transaction.hostingPackageID(below: name, notOf: "two")
        #expect(found == ULID(value: 1))
      }
      #expect(try transaction.hostingPackageID(below: "site-2.example", notOf: "two") == nil)
      // And goes on with it.
      try transaction.update(Sample.hostingPackage(1, account: "one"))
      #expect(try transaction.hostingPackageID(below: "example.com", notOf: "two") == nil)
      let found = try transaction.hostingPackageID(below: "site-1.example", notOf: "two")
      #expect(found == ULID(value: 1))
    }
    await store.close()
  }

  /// `Sample.plan(1)` with a second version, as a packd of the first step wrote them.
  private static let firstStepPlans = """
    INSERT INTO plans VALUES (1, 'plan-1', 'Second', 'For those who need number 1', 1, 10000,
    NULL, 0, 5, 'USD', 1, 990000000, NULL, NULL, NULL, '15:SSL certificate,12:Daily backup,', 1,
    2, 1700000000000000000, 1700000000000000000, 7372405233604510478);
    INSERT INTO plan_versions VALUES (1, 'plan-1', 'Plan 1', 'For those who need number 1', 1,
    10000, NULL, 0, 5, 'USD', 1, 990000000, NULL, NULL, NULL,
    '15:SSL certificate,12:Daily backup,', 1, 1, 1700000000000000000, 1700000000000000000,
    -7840410632340661946);
    INSERT INTO sequences VALUES ('plan', 1, 3073821366337361339)
    """

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
