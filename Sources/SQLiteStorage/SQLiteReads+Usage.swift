internal import Storage

extension SQLiteReads {
  final func usageEvent(accountID: String, eventID: String) throws -> UsageEventRecord? {
    try first(Query.usageEvent) { statement throws(StorageError) in
      try statement.bind(1, accountID)
      try statement.bind(2, eventID)
    } read: { row throws(StorageError) in
      try row.usageEvent()
    }
  }

  final func bandwidth(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant,
    limit: Int
  ) throws -> [BandwidthRecord] {
    try all(Query.bandwidths) { statement throws(StorageError) in
      try Self.bind(statement, packageID, span, start, end, limit)
    } read: { row throws(StorageError) in
      try row.bandwidth()
    }
  }

  final func bandwidthTotal(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant
  ) throws -> BandwidthRecord? {
    try run(Query.bandwidths) { statement throws(StorageError) in
      try Self.bind(statement, packageID, span, start, end, .max)
      var total: BandwidthRecord?
      while try statement.step() {
        var row = RowReader(statement, path: connection.path)
        let traffic = try row.bandwidth()
        if total == nil { total = traffic } else { total?.add(traffic) }
      }
      total?.startTime = start
      return total
    }
  }

  private static func bind(
    _ statement: SQLiteStatement, _ packageID: ULID, _ span: BandwidthRecord.Span,
    _ start: Instant, _ end: Instant, _ limit: Int
  ) throws(StorageError) {
    try statement.bind(1, packageID)
    try statement.bind(2, Int64(span.rawValue))
    try statement.bind(3, start.nanosecondsSinceEpoch)
    try statement.bind(4, end.nanosecondsSinceEpoch)
    try statement.bind(5, rows(limit))
  }

  final func diskScan(of packageID: ULID) throws -> DiskScanRecord? {
    try first(Query.diskScan) { statement throws(StorageError) in
      try statement.bind(1, packageID)
    } read: { row throws(StorageError) in
      try row.diskScan()
    }
  }

  final func diskScanContent(of packageID: ULID) throws -> [UInt8]? {
    try first(Query.diskScanContent) { statement throws(StorageError) in
      try statement.bind(1, packageID)
    } read: { row throws(StorageError) in
      try row.diskScanContent()
    }
  }

  // MARK: Changes

  final func lastPackageChangeSequence(accountID: String) throws -> Int64 {
    try lastPackageChange(accountID: accountID)?.0.sequence ?? 0
  }

  final func lastPackageChange(
    accountID: String
  ) throws(StorageError) -> (PackageChangeRecord, ageTime: Instant)? {
    let last = try first(Query.lastPackageChange) { statement throws(StorageError) in
      try statement.bind(1, accountID)
    } read: { row throws(StorageError) in
      try row.packageChange()
    }
    if let last { try check(last.0, isOf: accountID) }
    return last
  }

  final func packageChanges(
    accountID: String, after sequence: Int64, limit: Int
  ) throws -> [PackageChangeRecord] {
    let changes = try all(Query.packageChanges) { statement throws(StorageError) in
      try statement.bind(1, accountID)
      try statement.bind(2, sequence)
      try statement.bind(3, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.packageChange().0
    }
    for change in changes { try check(change, isOf: accountID) }
    return changes
  }

  private func check(
    _ change: PackageChangeRecord, isOf accountID: String
  ) throws(StorageError) {
    guard ExactText(change.accountID) == ExactText(accountID) else {
      throw damaged("the index of changes leads to another account")
    }
  }
}
