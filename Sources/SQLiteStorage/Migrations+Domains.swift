internal import Storage

extension Migrations {
  /// `package_domain_order` follows from `package_domains` and the packages; the adapter keeps it
  /// in step. Names from their end to their begin, so that those below a name stand together.
  static let domainOrder = """
    CREATE TABLE package_domain_order (
      reversed_name TEXT PRIMARY KEY, account_id TEXT NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """

  static func orderDomains(_ connection: SQLiteConnection) throws(StorageError) {
    let database = SQLiteReads(connection)
    try database.run(domainsAndAccounts) { statement throws(StorageError) in
      while try statement.step() {
        var row = RowReader(statement, path: connection.path)
        let (name, accountID) = (row.text(), row.text())
        try database.run(Query.insertDomainOrder) { statement throws(StorageError) in
          var row = RowWriter(statement)
          try row.write(ReversedName(name), of: accountID)
        }
      }
    }
  }

  private static let domainsAndAccounts = Query(
    """
    SELECT domains.domain_name, packages.account_id FROM package_domains AS domains
    JOIN hosting_packages AS packages ON packages.id = domains.package_id
    """)
}
