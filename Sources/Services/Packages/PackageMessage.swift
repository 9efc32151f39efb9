internal import API
internal import Storage

extension HostingPackage {
  /// The package as clients see it.
  init(_ record: HostingPackageRecord) {
    self.init()
    id = PackageID.text(record.id)
    accountID = record.accountID
    name = record.name
    domainName = record.domainName
    extraDomainNames = record.extraDomainNames
    documentRoots = StringMap(record.documentRoots)
    packageType = record.planCode
    planID = record.planID
    planVersion = record.planVersion
    status = record.status
    suspensions = record.suspensions.map { Suspension($0) }
    username = record.username
    stackUsers = record.stackUsers.map(\.userID)
    configuration = PackageConfiguration(record.configuration, of: record.id)
    createTime = Timestamp(record.createTime)
    updateTime = Timestamp(record.updateTime)
    deleteTime = record.deleteTime.map { Timestamp($0) }
    purgeTime = record.purgeTime.map { Timestamp($0) }
    etag = record.etag
  }
}

extension PackageConfiguration {
  init(_ record: PackageConfigurationRecord, of packageID: ULID) {
    self.init()
    phpVersion = record.phpVersion
    phpMemoryLimitMB = record.phpMemoryLimitMB
    phpMaxExecutionTimeS = record.phpMaxExecutionTimeS
    phpUploadMaxMB = record.phpUploadMaxMB
    sslEnabled = record.sslEnabled
    forceHTTPS = record.forceHTTPS
    backupEnabled = record.backupEnabled
    http2Enabled = record.http2Enabled
    custom = StringMap(record.custom)
    updateTime = Timestamp(record.updateTime)
    etag = record.etag(of: packageID)
  }
}

extension PackageStackUser {
  init(_ record: StackUserRecord) {
    self.init(
      userID: record.userID, createTime: Timestamp(record.createTime), addedBy: record.addedBy)
  }
}

extension Suspension {
  fileprivate init(_ record: SuspensionRecord) {
    self.init(
      kind: SuspensionKind(rawValue: record.kind.rawValue), reason: record.reason,
      createTime: Timestamp(record.createTime), suspendedBy: record.suspendedBy)
  }
}

extension StringMap {
  fileprivate init(_ entries: [String: String]) {
    self.init()
    for (key, value) in entries { self[key] = value }
  }
}

extension HostingPackageRecord {
  /// Made of id and revision alone, as a plan's is.
  var etag: String {
    ETag.text(ETag.mixed(id) &+ UInt64(bitPattern: revision))
  }

  /// Follows from the times and suspensions, and is kept nowhere.
  var status: HostingPackageStatus {
    if deleteTime != nil { return .deleted }
    return suspensions.isEmpty ? .active : .suspended
  }
}

extension PackageConfigurationRecord {
  /// Never one of the package's own: those count up from another number.
  func etag(of packageID: ULID) -> String {
    ETag.text(~ETag.mixed(packageID) &+ UInt64(bitPattern: revision))
  }
}

extension PackageResourceRecord.Kind {
  /// As in the proto file, without its prefix.
  var name: String {
    switch self {
    case .mailbox: "MAILBOX"
    case .database: "DATABASE"
    case .sslCertificate: "SSL_CERTIFICATE"
    case .backup: "BACKUP"
    case .subdomain: "SUBDOMAIN"
    }
  }
}
