/// Why a package, or something of it, is not what a request needs it to be;
/// `StatusMapping+Packages.swift` says what the client gets.
enum PackageRefusal: Error, Equatable {
  /// A limit of a plan version beside what is used, in the limit's own unit.
  struct Excess: Equatable, Sendable {
    /// As in the plan: "disk_space_mb".
    let limitName: String
    let limit: Int64
    let used: Int64
  }

  /// `id` is as the client wrote it.
  case notFound(id: String)
  case deleted(resource: String)
  case notDeleted(resource: String)
  case etagMismatch(resource: String)
  case domainNameTaken(String)
  /// The domain lies in `above`, of another account, or another account's lie below it.
  case domainAccountConflict(String, above: String?)
  case usernameTaken(String)
  /// The account has as many packages as it may.
  case accountFull(accountID: String, limit: Int)
  /// What a package uses is more than the plan version allows that it is to be moved to.
  case limitsExceeded(resource: String, plan: String, [Excess])
  /// `resources` names the first few of `count`, as kind and name: "MAILBOX info@example.com".
  case resourcesAttached(resource: String, resources: [String], count: Int)
  /// `resources` names the first few of `count` that lie in domains that an update drops.
  case domainsInUse(resource: String, resources: [String], count: Int)
  /// A package has as many resources of a kind as its plan allows.
  case resourceLimitReached(resource: String, limitName: String, limit: Int64)
  /// A package has as many resources of a kind as any may; `kind` is as in the proto file.
  case tooManyResources(resource: String, kind: String, limit: Int)
  /// A package uses more than its plan allows, whose policy for that is to block.
  case overuseBlocks(resource: String, [Excess])
  case resourceNotFound(id: String)
  /// `kind` is as in the proto file: "MAILBOX".
  case resourceTaken(kind: String, name: String)
  case stackUserNotFound(userID: String)
  case tooManyStackUsers(resource: String, limit: Int)
  /// The package was never scanned.
  case scanNotFound(resource: String)
  /// The changes behind a resume token are no longer kept.
  case changesCompacted
}
