internal import API
internal import Storage

/// What a CreatePackage request asks for, checked as far as that goes without the store.
struct PackageDraft: Sendable {
  private let record: HostingPackageRecord
  private let stackUserIDs: [String]

  init(
    _ request: CreatePackageRequest, _ settings: PackageSettings, _ violations: inout Violations
  ) {
    violations.checkPassword("password", request.password)
    let package = request.hostingPackage ?? HostingPackage()
    stackUserIDs = PackageDraft.stackUsers(package.stackUsers, &violations)
    var record = HostingPackageRecord.blank()
    record.configuration = settings.firstConfiguration
    if request.hostingPackage == nil {
      violations.add("hosting_package", "is required")
    } else {
      for field in PackageField.allCases {
        field.copy(from: package, to: &record, &violations)
      }
      record.settle(&violations)
      record.username = package.username
      violations.checkUsername("hosting_package.username", package.username)
    }
    self.record = record
  }

  private static func stackUsers(
    _ ids: [String], _ violations: inout Violations
  ) -> [String] {
    let path = "hosting_package.stack_users"
    guard ids.count <= Limits.maxStackUsers else {
      violations.add(path, "must be at most \(Limits.maxStackUsers)")
      return []
    }
    var known: Set<ExactText> = []
    for (index, id) in ids.enumerated() {
      violations.checkUserID("\(path)[\(index)]", id)
      if !known.insert(ExactText(id)).inserted {
        violations.add("\(path)[\(index)]", "is a user that was named before")
      }
    }
    return known.sorted().map(\.text)
  }

  /// Says that its type is none, when it is none, beside what else is wrong with the request.
  func checkType(in transaction: any ReadTransaction, _ violations: inout Violations) throws {
    guard PlanCode.isValid(record.planCode) else { return }
    if try transaction.activePlan(record.planCode) == nil { violations.addUnknownType() }
  }

  /// The plan that the package comes on.
  ///
  /// - Throws: why there is no room for it: ``Refusal/invalidFields(_:)`` for a type that is none,
  ///   then the account's bound, then the first domain that is taken, then the username.
  func plan(
    for accountID: String, _ settings: PackageSettings, in transaction: any ReadTransaction
  ) throws -> PlanRecord {
    guard let plan = try transaction.activePlan(record.planCode) else {
      var violations = Violations()
      violations.addUnknownType()
      throw Refusal.invalidFields(violations)
    }
    try settings.checkRoom(in: accountID, transaction)
    try HeldDomains(of: record, accountID: accountID).check(in: transaction)
    guard try transaction.packageCredentials(username: record.username) == nil else {
      throw PackageRefusal.usernameTaken(record.username)
    }
    return plan
  }

  /// The package as it is to be written.
  func package(
    _ id: ULID, on plan: PlanRecord, by principal: Principal, at time: Instant
  ) -> HostingPackageRecord {
    var package = record
    package.id = id
    package.accountID = principal.account
    package.planID = plan.id
    package.planVersion = plan.version
    package.stackUsers = stackUserIDs.map {
      StackUserRecord(userID: $0, createTime: time, addedBy: principal.sub)
    }
    package.createTime = time
    package.updateTime = time
    package.configuration.updateTime = time
    return package
  }
}

extension PackageSettings {
  fileprivate var firstConfiguration: PackageConfigurationRecord {
    PackageConfigurationRecord(
      phpVersion: phpVersions.first ?? "", phpMemoryLimitMB: 128, phpMaxExecutionTimeS: 30,
      phpUploadMaxMB: 32, sslEnabled: true, forceHTTPS: true, backupEnabled: true,
      http2Enabled: true, custom: [:], updateTime: Instant(nanosecondsSinceEpoch: 0),
      revision: 1)
  }

  /// - Throws: ``PackageRefusal/accountFull(accountID:limit:)`` when the account has as many
  ///   packages as it may.
  func checkRoom(in accountID: String, _ transaction: any ReadTransaction) throws {
    guard
      try transaction.liveHostingPackageCount(accountID: accountID) < maxPackagesPerAccount
    else {
      throw PackageRefusal.accountFull(accountID: accountID, limit: maxPackagesPerAccount)
    }
  }
}

extension ReadTransaction {
  /// The plan that packages can be created on or moved to.
  func activePlan(_ code: String) throws -> PlanRecord? {
    let plan = try plan(.code(code))
    return plan?.isActive == true ? plan : nil
  }
}
