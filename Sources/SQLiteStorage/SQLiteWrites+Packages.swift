internal import Storage

/// What an operation may be refused for is looked at before anything is written: a body may catch
/// the refusal and go on.
extension SQLiteWrites {
  func insert(_ package: HostingPackageRecord, passwordHash: String) throws {
    guard try !hasPackage(package.id) else { throw StorageError.hostingPackageIDTaken }
    guard try packageCredentials(username: package.username) == nil else {
      throw StorageError.usernameTaken
    }
    try checkDomainNames(of: package)
    try write(Query.insertHostingPackage) { row throws(StorageError) in try row.write(package) }
    try write(Query.insertPackageCredentials) { row throws(StorageError) in
      try row.add(package.username)
      try row.add(package.id)
      try row.add(passwordHash)
      try row.write()
    }
    for name in package.heldDomainNames { try insertDomain(name, of: package) }
    for user in package.stackUsers { try insertUser(user.userID, of: package) }
    if package.deleteTime == nil { try addToLiveCount(1, accountID: package.accountID) }
    changedPackages[package.id] = .written(package)
  }

  func update(_ package: HostingPackageRecord) throws {
    guard let old = try self.package(package.id)?.record else {
      throw StorageError.hostingPackageMissing
    }
    try checkDomainNames(of: package)
    let package = package.keepingIdentity(of: old)
    try write(Query.updateHostingPackage) { row throws(StorageError) in try row.write(package) }
    guard connection.changes == 1 else { throw damaged("a package is there and is not there") }
    try change(from: old.heldDomainNames, to: package.heldDomainNames) { name in
      try deleteDomain(name)
    } add: { name in
      try insertDomain(name, of: package)
    }
    try change(from: old.stackUsers.map(\.userID), to: package.stackUsers.map(\.userID)) { user in
      try deleteUser(user, of: package)
    } add: { user in
      try insertUser(user, of: package)
    }
    switch (old.deleteTime == nil, package.deleteTime == nil) {
    case (true, false): try addToLiveCount(-1, accountID: package.accountID)
    case (false, true): try addToLiveCount(1, accountID: package.accountID)
    default: break
    }
    changedPackages[package.id] = .written(package)
  }

  func purgeHostingPackage(_ id: ULID) throws {
    guard let old = try package(id)?.record else { throw StorageError.hostingPackageMissing }
    for query in [
      Query.deleteHostingPackage, .deletePackageResources, .deletePackageResourceCounts,
      .deleteBandwidth, .deleteDiskScan, .deleteDiskScanContent,
    ] {
      try delete(query) { statement throws(StorageError) in try statement.bind(1, id) }
    }
    try delete(Query.deletePackageCredentials) { statement throws(StorageError) in
      try statement.bind(1, old.username)
    }
    for name in old.heldDomainNames { try deleteDomain(name) }
    for user in old.stackUsers { try deleteUser(user.userID, of: old) }
    if old.deleteTime == nil { try addToLiveCount(-1, accountID: old.accountID) }
    changedPackages[id] = .removed
  }

  // MARK: What follows from a package

  /// A name that the package itself has twice is taken, too.
  private func checkDomainNames(of package: HostingPackageRecord) throws {
    var names: Set<ExactText> = []
    for name in package.heldDomainNames {
      let holder = try packageID(domainName: name)
      guard names.insert(ExactText(name)).inserted, holder == nil || holder == package.id else {
        throw StorageError.domainNameTaken
      }
    }
  }

  /// Removes what only `old` has and adds what only `new` has, told apart by their bytes.
  private func change(
    from old: [String], to new: [String], remove: (String) throws -> Void,
    add: (String) throws -> Void
  ) throws {
    let before = Set(old.map { ExactText($0) })
    let after = Set(new.map { ExactText($0) })
    for text in before.subtracting(after) { try remove(text.text) }
    for text in after.subtracting(before) { try add(text.text) }
  }

  private func insertDomain(
    _ name: String, of package: HostingPackageRecord
  ) throws(StorageError) {
    try write(Query.insertPackageDomain) { row throws(StorageError) in
      try row.add(name)
      try row.add(package.id)
      try row.write()
    }
    try write(Query.insertDomainOrder) { row throws(StorageError) in
      try row.write(ReversedName(name), of: package.accountID)
    }
  }

  private func deleteDomain(_ name: String) throws(StorageError) {
    try delete(Query.deletePackageDomain) { statement throws(StorageError) in
      try statement.bind(1, name)
    }
    try delete(Query.deleteDomainOrder) { statement throws(StorageError) in
      try statement.bind(1, ReversedName(name).text)
    }
  }

  private func insertUser(
    _ userID: String, of package: HostingPackageRecord
  ) throws(StorageError) {
    try write(Query.insertPackageUser) { row throws(StorageError) in
      try row.add(package.accountID)
      try row.add(userID)
      try row.add(package.id)
      try row.write()
    }
  }

  private func deleteUser(
    _ userID: String, of package: HostingPackageRecord
  ) throws(StorageError) {
    try delete(Query.deletePackageUser) { statement throws(StorageError) in
      try statement.bind(1, package.accountID)
      try statement.bind(2, userID)
      try statement.bind(3, package.id)
    }
  }

  private func addToLiveCount(_ change: Int64, accountID: String) throws {
    let count = Int64(try liveHostingPackageCount(accountID: accountID)) + change
    if count < 0 { throw damaged("an account's packages are not counted right") }
    if count == 0 {
      try delete(Query.deletePackageCount) { statement throws(StorageError) in
        try statement.bind(1, accountID)
      }
    } else {
      try write(Query.setPackageCount) { row throws(StorageError) in
        try row.add(accountID)
        try row.add(count)
        try row.write()
      }
    }
  }

  // MARK: Resources

  func insert(_ resource: PackageResourceRecord) throws {
    let holder = try first(Query.packageResourceByID) { statement throws(StorageError) in
      try statement.bind(1, resource.id)
    } read: { row throws(StorageError) in
      try row.packageResource()
    }
    guard holder == nil else { throw StorageError.packageResourceIDTaken }
    let namesake = try packageResource(
      resource.kind, named: resource.name, of: resource.packageID)
    guard namesake == nil else { throw StorageError.packageResourceNameTaken }
    guard try hasPackage(resource.packageID) else { throw StorageError.hostingPackageMissing }
    try write(Query.insertPackageResource) { row throws(StorageError) in try row.write(resource) }
    try addToCount(1, of: resource.packageID, resource.kind)
    noteChange(of: resource.packageID)
  }

  func deletePackageResource(_ id: ULID, of packageID: ULID) throws {
    guard let resource = try packageResource(id, of: packageID) else {
      throw StorageError.packageResourceMissing
    }
    try delete(Query.deletePackageResource) { statement throws(StorageError) in
      try statement.bind(1, packageID)
      try statement.bind(2, id)
    }
    try addToCount(-1, of: packageID, resource.kind)
    noteChange(of: packageID)
  }

  /// With one statement each for the resources and their counts: the writer has others to serve.
  func deletePackageResources(of packageID: ULID) throws -> Int {
    guard try hasPackage(packageID) else { throw StorageError.hostingPackageMissing }
    try delete(Query.deletePackageResources) { statement throws(StorageError) in
      try statement.bind(1, packageID)
    }
    let count = connection.changes
    try delete(Query.deletePackageResourceCounts) { statement throws(StorageError) in
      try statement.bind(1, packageID)
    }
    noteChange(of: packageID)
    return count
  }

  private func addToCount(
    _ change: Int64, of packageID: ULID, _ kind: PackageResourceRecord.Kind
  ) throws(StorageError) {
    let count = try resourceCount(of: packageID, kind) + change
    if count < 0 { throw damaged("a package's resources are not counted right") }
    try write(Query.setPackageResourceCount) { row throws(StorageError) in
      try row.add(packageID)
      try row.add(Int64(kind.rawValue))
      try row.add(count)
      try row.write()
    }
  }

  // MARK: What others need

  func hasPackage(_ id: ULID) throws(StorageError) -> Bool {
    if knownPackage(id) != nil { return true }
    return try first(Query.hasHostingPackage) { statement throws(StorageError) in
      try statement.bind(1, id)
    } read: { row in
      row.int64() != 0
    } ?? false
  }

  /// Notes that something of the package was changed, though not its record.
  func noteChange(of id: ULID) {
    if changedPackages[id] == nil { changedPackages[id] = .touched }
  }

  func delete(
    _ query: Query, _ bind: (SQLiteStatement) throws(StorageError) -> Void
  ) throws(StorageError) {
    try run(query) { statement throws(StorageError) in
      try bind(statement)
      _ = try statement.step()
    }
  }
}
