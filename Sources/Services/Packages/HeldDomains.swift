internal import Storage

/// The domains that a package is to hold, beside those of all others: no two packages have the same
/// one, and no account has one below, or above, that of another account, so that nobody answers in
/// a part of somebody else's domain.
struct HeldDomains {
  private let package: HostingPackageRecord
  private let accountID: String
  /// What it holds already; nil for nothing.
  private let before: HostingPackageRecord?

  /// - Parameter accountID: the account that the package is of, or will be.
  init(
    of package: HostingPackageRecord, accountID: String, before: HostingPackageRecord? = nil
  ) {
    self.package = package
    self.accountID = accountID
    self.before = before
  }

  /// - Throws: ``PackageRefusal/domainNameTaken(_:)`` for the first domain that another package
  ///   has, else ``PackageRefusal/domainAccountConflict(_:above:)`` for the first that is new and
  ///   lies in another account's, or has one of another account's below it.
  func check(in transaction: any ReadTransaction) throws {
    for domain in package.heldDomainNames {
      if let holder = try transaction.hostingPackageID(domainName: domain), holder != package.id {
        throw PackageRefusal.domainNameTaken(domain)
      }
    }
    // What is held already was let in by the rules of its time.
    let known = Set(before?.heldDomainNames ?? [])
    for domain in package.heldDomainNames where !known.contains(domain) {
      try checkAbove(domain, in: transaction)
      guard try transaction.hostingPackageID(below: domain, notOf: accountID) == nil else {
        throw PackageRefusal.domainAccountConflict(domain, above: nil)
      }
    }
  }

  private func checkAbove(_ domain: String, in transaction: any ReadTransaction) throws {
    var rest = Substring(domain)
    while let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) {
      rest = rest[rest.utf8.index(after: dot)...]
      let name = String(rest)
      guard let holder = try transaction.hostingPackageID(domainName: name) else { continue }
      let account = try transaction.hostingPackage(holder)?.record.accountID
      guard account.map(ExactText.init) == ExactText(accountID) else {
        throw PackageRefusal.domainAccountConflict(domain, above: name)
      }
    }
  }
}
