internal import Storage

/// The domains that an update takes from a package: what lies in them must be detached first, or
/// it would stay attached to a package that has nothing to do with it.
struct DroppedDomains {
  private let dropped: Set<String>
  private let kept: Set<String>

  /// What stands in the way, as far as it is named, and how much of it there is.
  struct Attached: Equatable {
    /// As kind and name, by kind: "MAILBOX info@example.com".
    var resources: [String] = []
    var count = 0
  }

  init(from before: HostingPackageRecord, to after: HostingPackageRecord) {
    kept = Set(after.heldDomainNames)
    dropped = Set(before.heldDomainNames).subtracting(kept)
  }

  /// - Throws: ``PackageRefusal/domainsInUse(resource:resources:count:)`` when anything of the
  ///   package lies in a dropped domain and in none of those that it keeps.
  func check(_ package: HostingPackageRecord, in transaction: any ReadTransaction) throws {
    guard !dropped.isEmpty else { return }
    var attached = Attached()
    for kind in [PackageResourceRecord.Kind.mailbox, .sslCertificate, .subdomain] {
      try note(kind, of: package.id, in: transaction, &attached)
    }
    guard attached.count > 0 else { return }
    throw PackageRefusal.domainsInUse(
      resource: package.resource, resources: attached.resources, count: attached.count)
  }

  private func note(
    _ kind: PackageResourceRecord.Kind, of id: ULID, in transaction: any ReadTransaction,
    _ attached: inout Attached
  ) throws {
    var last: ULID?
    // A package has no more of a kind than this, so there is an end to the pages.
    for _ in 0...Limits.maxResourcesPerKind / Limits.walkedResourceBatchRecords {
      let page = try transaction.packageResources(
        of: id, kind: kind, after: last, limit: Limits.walkedResourceBatchRecords)
      for resource in page where isOrphaned(kind, resource.name) {
        attached.count += 1
        if attached.resources.count < Limits.maxNamedResources {
          attached.resources.append("\(kind.name) \(resource.name)")
        }
      }
      guard page.count == Limits.walkedResourceBatchRecords else { return }
      last = page.last?.id
    }
  }

  /// Whether a resource of this name lies in what goes, and not in what stays; names are as
  /// ``ResourceDraft`` makes them, and what it asks of them is what is asked here.
  func isOrphaned(_ kind: PackageResourceRecord.Kind, _ name: String) -> Bool {
    var domain = Substring(name)
    switch kind {
    case .mailbox:
      guard let at = name.utf8.lastIndex(of: UInt8(ascii: "@")) else { return false }
      return dropped.contains(String(name[name.utf8.index(after: at)...]))
    case .sslCertificate:
      if domain.hasPrefix("*.") { domain = domain.dropFirst(2) }
    case .subdomain:
      // It lies below a domain of the package, not at one.
      guard let above = Self.above(domain) else { return false }
      domain = above
    case .database, .backup: return false
    }
    var isDropped = false
    var next: Substring? = domain
    while let name = next.map(String.init) {
      if kept.contains(name) { return false }
      isDropped = isDropped || dropped.contains(name)
      next = Self.above(Substring(name))
    }
    return isDropped
  }

  /// "example.com" for "www.example.com", "com" for that, and nil for that.
  private static func above(_ domain: Substring) -> Substring? {
    domain.utf8.firstIndex(of: UInt8(ascii: ".")).map {
      domain[domain.utf8.index(after: $0)...]
    }
  }
}
