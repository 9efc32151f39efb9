/// A hosting package that was sold to an account.
package struct HostingPackageRecord: Hashable, Sendable {
  package var id: ULID
  package var accountID: String
  package var name: String
  /// In lower case with A-labels, as all domain names here.
  package var domainName: String
  package var extraDomainNames: [String]
  /// By domain name; a domain that is not in it is served from the default directory.
  package var documentRoots: [String: String]
  package var planID: Int64
  /// The plan's code, which never changes, and so names it as well as the id does.
  package var planCode: String
  package var planVersion: Int32
  /// At most one of each kind, oldest first.
  package var suspensions: [SuspensionRecord]
  package var username: String
  /// By user id, ascending in UTF-8 bytes, each once.
  package var stackUsers: [StackUserRecord]
  package var configuration: PackageConfigurationRecord
  package var createTime: Instant
  package var updateTime: Instant
  /// Set, with `purgeTime`, for as long as the package is deleted.
  package var deleteTime: Instant?
  package var purgeTime: Instant?
  /// From 1, counted up with every write.
  package var revision: Int64

  package init(
    id: ULID, accountID: String, name: String, domainName: String, extraDomainNames: [String],
    documentRoots: [String: String], planID: Int64, planCode: String, planVersion: Int32,
    suspensions: [SuspensionRecord], username: String, stackUsers: [StackUserRecord],
    configuration: PackageConfigurationRecord, createTime: Instant, updateTime: Instant,
    deleteTime: Instant?, purgeTime: Instant?, revision: Int64
  ) {
    self.id = id
    self.accountID = accountID
    self.name = name
    self.domainName = domainName
    self.extraDomainNames = extraDomainNames
    self.documentRoots = documentRoots
    self.planID = planID
    self.planCode = planCode
    self.planVersion = planVersion
    self.suspensions = suspensions
    self.username = username
    self.stackUsers = stackUsers
    self.configuration = configuration
    self.createTime = createTime
    self.updateTime = updateTime
    self.deleteTime = deleteTime
    self.purgeTime = purgeTime
    self.revision = revision
  }

  /// The domains that nobody else may have: those of a deleted package are free.
  package var heldDomainNames: [String] {
    deleteTime == nil ? [domainName] + extraDomainNames : []
  }
}

/// Why a package does not serve.
package struct SuspensionRecord: Hashable, Sendable {
  package enum Kind: Int32, Sendable, CaseIterable {
    case admin = 1
    case billing = 2
    case overuse = 3
    case abuse = 4
  }

  package var kind: Kind
  package var reason: String
  package var createTime: Instant
  package var suspendedBy: String

  package init(kind: Kind, reason: String, createTime: Instant, suspendedBy: String) {
    self.kind = kind
    self.reason = reason
    self.createTime = createTime
    self.suspendedBy = suspendedBy
  }
}

/// A user with access to a package.
package struct StackUserRecord: Hashable, Sendable {
  package var userID: String
  package var createTime: Instant
  package var addedBy: String

  package init(userID: String, createTime: Instant, addedBy: String) {
    self.userID = userID
    self.createTime = createTime
    self.addedBy = addedBy
  }
}

package struct PackageConfigurationRecord: Hashable, Sendable {
  package var phpVersion: String
  package var phpMemoryLimitMB: Int32
  package var phpMaxExecutionTimeS: Int32
  package var phpUploadMaxMB: Int32
  package var sslEnabled: Bool
  package var forceHTTPS: Bool
  package var backupEnabled: Bool
  package var http2Enabled: Bool
  package var custom: [String: String]
  package var updateTime: Instant
  /// From 1, counted up with every write of the configuration.
  package var revision: Int64

  package init(
    phpVersion: String, phpMemoryLimitMB: Int32, phpMaxExecutionTimeS: Int32,
    phpUploadMaxMB: Int32, sslEnabled: Bool, forceHTTPS: Bool, backupEnabled: Bool,
    http2Enabled: Bool, custom: [String: String], updateTime: Instant, revision: Int64
  ) {
    self.phpVersion = phpVersion
    self.phpMemoryLimitMB = phpMemoryLimitMB
    self.phpMaxExecutionTimeS = phpMaxExecutionTimeS
    self.phpUploadMaxMB = phpUploadMaxMB
    self.sslEnabled = sslEnabled
    self.forceHTTPS = forceHTTPS
    self.backupEnabled = backupEnabled
    self.http2Enabled = http2Enabled
    self.custom = custom
    self.updateTime = updateTime
    self.revision = revision
  }
}

/// What a package's username is checked against. Kept apart from the package, so that the hash
/// goes nowhere by accident.
package struct PackageCredentialsRecord: Hashable, Sendable {
  package var packageID: ULID
  /// Argon2id, in its standard text form.
  package var passwordHash: String

  package init(packageID: ULID, passwordHash: String) {
    self.packageID = packageID
    self.passwordHash = passwordHash
  }
}

/// One page of an account's packages, newest first.
package struct HostingPackageQuery: Hashable, Sendable {
  package var accountID: String
  /// Only packages that this user has access to.
  package var stackUser: String?
  /// Only packages made before this one.
  package var before: ULID?
  package var limit: Int

  package init(accountID: String, stackUser: String? = nil, before: ULID? = nil, limit: Int) {
    self.accountID = accountID
    self.stackUser = stackUser
    self.before = before
    self.limit = limit
  }
}

package protocol HostingPackageReads {
  func hostingPackage(_ id: ULID) throws -> PackageSnapshot?
  /// Up to `query.limit` packages, deleted ones among them.
  func hostingPackages(_ query: HostingPackageQuery) throws -> [PackageSnapshot]
  /// How many packages of the account are not deleted. Takes the same time for any number.
  func liveHostingPackageCount(accountID: String) throws -> Int
  /// The package that is not deleted and has this domain.
  func hostingPackageID(domainName: String) throws -> ULID?
  /// A package that is not deleted, of another account, with a domain below this one:
  /// "shop.example.com" is below "example.com". Looks at the account's own domains there, too.
  func hostingPackageID(below domainName: String, notOf accountID: String) throws -> ULID?
  func packageCredentials(username: String) throws -> PackageCredentialsRecord?
  /// Up to `limit` ids of packages on any version of the plan, deleted ones among them, ascending.
  func hostingPackageIDs(onPlan planID: Int64, limit: Int) throws -> [ULID]
  /// How many packages, deleted ones among them, are on any version of the plan.
  func hostingPackageCount(onPlan planID: Int64) throws -> Int
  /// Up to `limit` deleted packages whose `purgeTime` is not after `time`, the longest due first.
  func hostingPackagesToPurge(at time: Instant, limit: Int) throws -> [ULID]
}

package protocol HostingPackageWrites {
  /// Adds a package and its credentials.
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id, username or held domain, in
  ///   this order.
  func insert(_ package: HostingPackageRecord, passwordHash: String) throws
  /// Replaces the package of that id. Id, account, username and creation time stay as they are.
  /// - Throws: ``StorageError/missing(table:)``, or `duplicate` for a held domain that is taken.
  func update(_ package: HostingPackageRecord) throws
  /// Removes a package with all that is kept of it: credentials, resources, bandwidth, scan.
  /// Its changes and its usage events stay until they expire.
  /// - Throws: ``StorageError/missing(table:)``.
  func purgeHostingPackage(_ id: ULID) throws
}

extension HostingPackageRecord {
  /// The record with the fields that an update leaves as they are.
  package func keepingIdentity(of stored: HostingPackageRecord) -> HostingPackageRecord {
    var record = self
    record.accountID = stored.accountID
    record.username = stored.username
    record.createTime = stored.createTime
    return record
  }
}
