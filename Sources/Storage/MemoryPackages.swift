/// What a ``MemoryStore`` holds of hosting packages, in the manner of ``MemoryTables``: each table
/// is changed by its one `put` function, which keeps the indexes in step and returns what was
/// there.
final class MemoryPackages {
  struct StackUserKey: Hashable {
    var accountID: ExactText
    var userID: ExactText
  }

  /// Where a deleted package stands in the order of purging.
  struct Purge: Comparable {
    var time: Instant
    var id: ULID

    static func < (a: Self, b: Self) -> Bool { (a.time, a.id) < (b.time, b.id) }
  }

  struct ResourceName: Hashable {
    var packageID: ULID
    var kind: PackageResourceRecord.Kind
    var name: ExactText
  }

  /// The resources of a package, of one kind or of all.
  struct ResourceList: Hashable {
    var packageID: ULID
    var kind: PackageResourceRecord.Kind?
  }

  private(set) var snapshots: [ULID: PackageSnapshot] = [:]
  private(set) var credentials: [ExactText: PackageCredentialsRecord] = [:]
  private(set) var idsByDomain: [ExactText: ULID] = [:]
  private(set) var domains = SortedSet<ReversedName>()
  private(set) var idsByAccount: [ExactText: SortedSet<ULID>] = [:]
  private(set) var idsByStackUser: [StackUserKey: SortedSet<ULID>] = [:]
  private(set) var idsByPlan: [Int64: SortedSet<ULID>] = [:]
  private(set) var liveCounts: [ExactText: Int] = [:]
  private(set) var purges = SortedSet<Purge>()
  private(set) var resources: [ULID: PackageResourceRecord] = [:]
  private(set) var resourceIDsByName: [ResourceName: ULID] = [:]
  private(set) var resourceIDs: [ResourceList: SortedSet<ULID>] = [:]
  let usage = MemoryUsage()
  let changes = MemoryChanges()

  func put(_ id: ULID, _ package: PackageSnapshot?) -> PackageSnapshot? {
    let old = snapshots[id]
    if let old { removeFromIndexes(old.record) }
    snapshots[id] = package
    if let package { addToIndexes(package.record) }
    return old
  }

  /// Replaces the snapshot by one of the same record.
  func renew(_ id: ULID, _ package: PackageSnapshot) {
    snapshots[id] = package
  }

  func putCredentials(
    _ username: ExactText, _ record: PackageCredentialsRecord?
  ) -> PackageCredentialsRecord? {
    let old = credentials[username]
    credentials[username] = record
    return old
  }

  func putResource(_ id: ULID, _ resource: PackageResourceRecord?) -> PackageResourceRecord? {
    let old = resources[id]
    if let old {
      resourceIDsByName[ResourceName(old)] = nil
      for kind in [nil, old.kind] {
        resourceIDs.change(ResourceList(packageID: old.packageID, kind: kind)) { $0.remove(id) }
      }
    }
    resources[id] = resource
    if let resource {
      resourceIDsByName[ResourceName(resource)] = id
      for kind in [nil, resource.kind] {
        resourceIDs.change(ResourceList(packageID: resource.packageID, kind: kind)) {
          $0.insert(id)
        }
      }
    }
    return old
  }

  private func addToIndexes(_ package: HostingPackageRecord) {
    let accountID = ExactText(package.accountID)
    idsByAccount.change(accountID) { $0.insert(package.id) }
    idsByPlan.change(package.planID) { $0.insert(package.id) }
    for user in package.stackUsers {
      let key = StackUserKey(accountID: accountID, userID: ExactText(user.userID))
      idsByStackUser.change(key) { $0.insert(package.id) }
    }
    for name in package.heldDomainNames {
      idsByDomain[ExactText(name)] = package.id
      domains.insert(ReversedName(name))
    }
    if package.deleteTime == nil { liveCounts[accountID, default: 0] += 1 }
    if let purge = Purge(package) { purges.insert(purge) }
  }

  private func removeFromIndexes(_ package: HostingPackageRecord) {
    let accountID = ExactText(package.accountID)
    idsByAccount.change(accountID) { $0.remove(package.id) }
    idsByPlan.change(package.planID) { $0.remove(package.id) }
    for user in package.stackUsers {
      let key = StackUserKey(accountID: accountID, userID: ExactText(user.userID))
      idsByStackUser.change(key) { $0.remove(package.id) }
    }
    for name in package.heldDomainNames {
      idsByDomain[ExactText(name)] = nil
      domains.remove(ReversedName(name))
    }
    if package.deleteTime == nil, let count = liveCounts[accountID] {
      liveCounts[accountID] = count > 1 ? count - 1 : nil
    }
    if let purge = Purge(package) { purges.remove(purge) }
  }
}

extension MemoryPackages.Purge {
  /// - Returns: `nil` for a package that is not deleted.
  init?(_ package: HostingPackageRecord) {
    guard package.deleteTime != nil, let time = package.purgeTime else { return nil }
    self.init(time: time, id: package.id)
  }
}

extension MemoryPackages.ResourceName {
  init(_ resource: PackageResourceRecord) {
    self.init(
      packageID: resource.packageID, kind: resource.kind, name: ExactText(resource.name))
  }
}
