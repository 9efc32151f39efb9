internal import API
internal import Storage

/// Which packages a call may see: those of its caller's account, and of these only the ones that
/// name the caller as a stack user when nothing but that role admits them to the method.
struct PackageAccess: Sendable {
  let accountID: String
  /// The user that a package must name; nil sees the whole account.
  let stackUser: String?

  init(accountID: String, stackUser: String?) {
    self.accountID = accountID
    self.stackUser = stackUser
  }

  init(_ caller: Caller, _ method: PackageMethod) {
    self.init(caller.principal, method)
  }

  init(_ principal: Principal, _ method: PackageMethod) {
    accountID = principal.account
    stackUser =
      if case .roles(let roles) = method.audience,
        roles.intersection(principal.roles) == .stackUser
      {
        principal.sub
      } else {
        nil
      }
  }

  /// Whether a package is one of them. Reads the fields through the snapshot: a copy of the
  /// record counts up every text in it.
  func admits(_ package: PackageSnapshot) -> Bool {
    guard ExactText(package.record.accountID) == ExactText(accountID) else { return false }
    guard let stackUser else { return true }
    return package.isOpen(to: ExactText(stackUser))
  }

  /// The package with this id, as clients write it.
  /// - Throws: ``PackageRefusal/notFound(id:)`` for one that is not there, and in the same words
  ///   for one that the caller may not see.
  func package(
    _ id: String, in transaction: any ReadTransaction
  ) throws -> PackageSnapshot {
    guard
      let ulid = PackageID.parse(id), let package = try transaction.hostingPackage(ulid),
      admits(package)
    else { throw PackageRefusal.notFound(id: id) }
    return package
  }

  /// The package with this id, to be changed.
  /// - Throws: as ``package(_:in:)``, ``PackageRefusal/deleted(resource:)`` for a deleted one, and
  ///   ``PackageRefusal/etagMismatch(resource:)`` unless `etag` is empty or its own.
  func livePackage(
    _ id: String, etag: String = "", in transaction: any ReadTransaction
  ) throws -> HostingPackageRecord {
    let package = try package(id, in: transaction).record
    guard package.deleteTime == nil else {
      throw PackageRefusal.deleted(resource: package.resource)
    }
    try package.check(etag: etag)
    return package
  }
}

extension HostingPackageRecord {
  /// - Throws: ``PackageRefusal/etagMismatch(resource:)`` unless `etag` is empty or its own.
  func check(etag: String) throws {
    guard etag.isEmpty || etag == self.etag else {
      throw PackageRefusal.etagMismatch(resource: resource)
    }
  }
}

extension PackageSnapshot {
  /// Whether the package names the user as a stack user.
  func isOpen(to user: ExactText) -> Bool {
    record.stackUsers.contains { ExactText($0.userID) == user }
  }
}
