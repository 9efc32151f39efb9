internal import Storage

extension SQLiteWrites {
  func insertIfNew(_ event: UsageEventRecord) throws -> UsageEventRecord? {
    let isNew = try run(Query.insertUsageEvent) { statement throws(StorageError) in
      var row = RowWriter(statement)
      try row.write(event)
      return connection.changes > 0
    }
    if isNew { return nil }
    guard let old = try usageEvent(accountID: event.accountID, eventID: event.eventID) else {
      throw damaged("an event is there and is not there")
    }
    return old
  }

  func deleteUsageEvents(observedBefore time: Instant, limit: Int) throws -> Int {
    try run(Query.deleteUsageEvents) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
      _ = try statement.step()
      return connection.changes
    }
  }

  func add(
    _ traffic: BandwidthRecord, to span: BandwidthRecord.Span, of packageID: ULID
  ) throws -> BandwidthRecord {
    let old = try first(Query.bandwidth) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, Int64(span.rawValue))
      try statement.bind(3, traffic.startTime.nanosecondsSinceEpoch)
    } read: { row throws(StorageError) in
      try row.bandwidth()
    }
    var sum = traffic
    if let old {
      sum = old
      sum.add(traffic)
    } else {
      // Where there is traffic there is a package.
      guard try hasPackage(packageID) else { throw StorageError.hostingPackageMissing }
    }
    let query = old == nil ? Query.insertBandwidth : Query.updateBandwidth
    try write(query) { [sum] row throws(StorageError) in
      try row.write(sum, in: span, of: packageID)
    }
    noteChange(of: packageID)
    return sum
  }

  func deleteBandwidth(
    _ span: BandwidthRecord.Span, startedBefore time: Instant, limit: Int
  ) throws -> Int {
    let ids = try all(Query.deleteOldBandwidth) { statement throws(StorageError) in
      try statement.bind(1, Int64(span.rawValue))
      try statement.bind(2, time.nanosecondsSinceEpoch)
      try statement.bind(3, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.packageID()
    }
    for id in ids { noteChange(of: id) }
    return ids.count
  }

  func setDiskScan(_ scan: DiskScanRecord, content: [UInt8]) throws {
    guard try hasPackage(scan.packageID) else { throw StorageError.hostingPackageMissing }
    try write(Query.setDiskScan) { row throws(StorageError) in try row.write(scan) }
    try write(Query.setDiskScanContent) { row throws(StorageError) in
      try row.add(scan.packageID)
      try row.add(content)
      try row.write()
    }
    noteChange(of: scan.packageID)
  }

  // MARK: Changes

  func append(_ change: PackageChangeRecord) throws {
    let last = try lastPackageChange(accountID: change.accountID)
    guard let last, last.0.sequence >= change.sequence else {
      let ageTime = max(change.time, last?.ageTime ?? change.time)
      try insert(change, ageTime)
      // The one before is not the newest any more, and may be deleted when it is old.
      if let last { try insertAge(of: last.0, last.ageTime) }
      return
    }
    let earlier = try first(Query.packageChangeBefore) { statement throws(StorageError) in
      try statement.bind(1, change.accountID)
      try statement.bind(2, change.sequence)
    } read: { row throws(StorageError) in
      try row.packageChange()
    }
    let ageTime = max(change.time, earlier?.ageTime ?? change.time)
    try insert(change, ageTime)
    try insertAge(of: change, ageTime)
  }

  func deletePackageChanges(before time: Instant, limit: Int) throws -> Int {
    let ages = try all(Query.packageChangeAges) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.packageChangeAge()
    }
    for age in ages {
      let deleted = try run(Query.deletePackageChange) { statement throws(StorageError) in
        try statement.bind(1, age.accountID)
        try statement.bind(2, age.sequence)
        _ = try statement.step()
        return connection.changes
      }
      guard deleted == 1 else { throw damaged("the ages of changes lead to one that is not there") }
      try delete(Query.deletePackageChangeAge) { statement throws(StorageError) in
        try statement.bind(1, age.time.nanosecondsSinceEpoch)
        try statement.bind(2, age.accountID)
        try statement.bind(3, age.sequence)
      }
    }
    return ages.count
  }

  private func insert(
    _ change: PackageChangeRecord, _ ageTime: Instant
  ) throws(StorageError) {
    try write(Query.insertPackageChange) { row throws(StorageError) in
      try row.write(change, ageTime: ageTime)
    }
  }

  private func insertAge(
    of change: PackageChangeRecord, _ ageTime: Instant
  ) throws(StorageError) {
    try write(Query.insertPackageChangeAge) { row throws(StorageError) in
      try row.add(ageTime.nanosecondsSinceEpoch)
      try row.add(change.accountID)
      try row.add(change.sequence)
      try row.write()
    }
  }
}
