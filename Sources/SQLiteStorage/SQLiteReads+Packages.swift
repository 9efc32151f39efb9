internal import Storage

extension SQLiteReads {
  final func hostingPackage(_ id: ULID) throws -> PackageSnapshot? {
    try package(id)
  }

  final func hostingPackages(_ query: HostingPackageQuery) throws -> [PackageSnapshot] {
    var packages: [PackageSnapshot] = []
    for id in try packageIDs(query) {
      guard let package = try package(id), package.record.isFound(by: query) else {
        throw damaged("the index of packages leads to another package")
      }
      packages.append(package)
    }
    return packages
  }

  final func liveHostingPackageCount(accountID: String) throws -> Int {
    let count = try first(Query.packageCount) { statement throws(StorageError) in
      try statement.bind(1, accountID)
    } read: { row throws(StorageError) in
      try row.packageCount()
    }
    return Int(count ?? 0)
  }

  final func hostingPackageID(domainName: String) throws -> ULID? {
    try packageID(domainName: domainName)
  }

  final func hostingPackageID(below domainName: String, notOf accountID: String) throws -> ULID? {
    let (lower, upper) = ReversedName.bounds(below: domainName)
    let found = try first(Query.domainOfOthers) { statement throws(StorageError) in
      try statement.bind(1, lower.text)
      try statement.bind(2, upper.text)
      try statement.bind(3, accountID)
    } read: { row throws(StorageError) in
      try row.domainOrder()
    }
    guard let found else { return nil }
    guard let id = try packageID(domainName: found.domainName),
      let record = try package(id)?.record, ExactText(record.accountID) != ExactText(accountID)
    else { throw damaged("the order of domains leads to no package of another account") }
    return id
  }

  final func packageCredentials(username: String) throws -> PackageCredentialsRecord? {
    try first(Query.packageCredentials) { statement throws(StorageError) in
      try statement.bind(1, username)
    } read: { row throws(StorageError) in
      try row.packageCredentials()
    }
  }

  final func hostingPackageIDs(onPlan planID: Int64, limit: Int) throws -> [ULID] {
    try all(Query.hostingPackageIDs) { statement throws(StorageError) in
      try statement.bind(1, planID)
      try statement.bind(2, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.packageID()
    }
  }

  final func hostingPackageCount(onPlan planID: Int64) throws -> Int {
    let count = try first(Query.hostingPackageCount) { statement throws(StorageError) in
      try statement.bind(1, planID)
    } read: { row in
      row.int64()
    }
    return Int(count ?? 0)
  }

  final func hostingPackagesToPurge(at time: Instant, limit: Int) throws -> [ULID] {
    let ids = try all(Query.packagesToPurge) { statement throws(StorageError) in
      try statement.bind(1, time.nanosecondsSinceEpoch)
      try statement.bind(2, Self.rows(limit))
    } read: { row throws(StorageError) in
      try row.packageID()
    }
    // An index has no checksums, and what it names is lost for good.
    for id in ids {
      guard let record = try package(id)?.record, record.deleteTime != nil,
        let purgeTime = record.purgeTime, purgeTime <= time
      else { throw damaged("the index of packages to purge leads to another package") }
    }
    return ids
  }

  // MARK: What writes need, too

  final func package(_ id: ULID) throws(StorageError) -> PackageSnapshot? {
    if let known = knownPackage(id) { return known }
    let record = try first(Query.hostingPackage) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row throws(StorageError) in
      try row.hostingPackage()
    }
    guard let record else { return nil }
    guard record.id == id else { throw damaged("the index of ids leads to another package") }
    found(record)
    return PackageSnapshot(record)
  }

  final func packageID(domainName: String) throws(StorageError) -> ULID? {
    try first(Query.packageDomain) { statement throws(StorageError) in
      try statement.bind(1, domainName)
    } read: { row throws(StorageError) in
      try row.packageDomain()
    }
  }

  final func damaged(_ reason: String) -> StorageError {
    .damaged(path: connection.path, reason: reason)
  }

  private func packageIDs(_ query: HostingPackageQuery) throws(StorageError) -> [ULID] {
    let page =
      switch (query.stackUser, query.before) {
      case (nil, nil): Query.packagePage
      case (nil, _?): Query.packagePageBefore
      case (_?, nil): Query.userPackagePage
      case (_?, _?): Query.userPackagePageBefore
      }
    return try all(page) { statement throws(StorageError) in
      try statement.bind(1, query.accountID)
      try statement.bind(2, Self.rows(query.limit))
      if let user = query.stackUser { try statement.bind(3, user) }
      if let before = query.before { try statement.bind(query.stackUser == nil ? 3 : 4, before) }
    } read: { row throws(StorageError) in
      try row.packageID()
    }
  }

  // MARK: Resources

  final func packageResource(_ id: ULID, of packageID: ULID) throws -> PackageResourceRecord? {
    try first(Query.packageResource) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, id)
    } read: { row throws(StorageError) in
      try row.packageResource()
    }
  }

  final func packageResource(
    _ kind: PackageResourceRecord.Kind, named name: String, of packageID: ULID
  ) throws -> PackageResourceRecord? {
    let found = try first(Query.packageResourceByName) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, Int64(kind.rawValue))
      try statement.bind(3, name)
    } read: { row throws(StorageError) in
      try row.packageResource()
    }
    guard let found else { return nil }
    guard found.packageID == packageID, found.kind == kind,
      ExactText(found.name) == ExactText(name)
    else { throw damaged("the index of resources leads to another resource") }
    return found
  }

  final func packageResources(
    of packageID: ULID, kind: PackageResourceRecord.Kind?, after id: ULID?, limit: Int
  ) throws -> [PackageResourceRecord] {
    let page =
      switch (kind, id) {
      case (nil, nil): Query.packageResources
      case (nil, _?): Query.packageResourcesAfter
      case (_?, nil): Query.packageResourcesOfKind
      case (_?, _?): Query.packageResourcesOfKindAfter
      }
    let found = try all(page) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, Self.rows(limit))
      if let kind { try statement.bind(3, Int64(kind.rawValue)) }
      if let id { try statement.bind(kind == nil ? 3 : 4, id) }
    } read: { row throws(StorageError) in
      try row.packageResource()
    }
    guard found.allSatisfy({ $0.packageID == packageID && (kind ?? $0.kind) == $0.kind }) else {
      throw damaged("the index of resources leads to another resource")
    }
    return found
  }

  final func packageResourceCount(
    of packageID: ULID, kind: PackageResourceRecord.Kind
  ) throws -> Int {
    Int(try resourceCount(of: packageID, kind))
  }

  final func resourceCount(
    of packageID: ULID, _ kind: PackageResourceRecord.Kind
  ) throws(StorageError) -> Int64 {
    let count = try first(Query.packageResourceCount) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, Int64(kind.rawValue))
    } read: { row throws(StorageError) in
      try row.packageResourceCount()
    }
    return count ?? 0
  }
}

extension HostingPackageRecord {
  fileprivate func isFound(by query: HostingPackageQuery) -> Bool {
    guard ExactText(accountID) == ExactText(query.accountID) else { return false }
    guard let user = query.stackUser.map({ ExactText($0) }) else { return true }
    return stackUsers.contains { ExactText($0.userID) == user }
  }
}
