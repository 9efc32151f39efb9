internal import API
internal import Glibc
internal import Storage

/// What a ListPackages request asks for, checked.
struct PackagePage: Sendable {
  private let access: PackageAccess
  private let limit: Int
  private let before: ULID?
  private let status: HostingPackageStatus
  private let packageType: String
  /// In lower case, as domain names are.
  private let domainPart: [UInt8]
  private let stackUser: String?
  private let showsDeleted: Bool
  private let tokenQuery: PageToken.Query

  init(_ request: ListPackagesRequest, _ access: PackageAccess) throws {
    var violations = Violations()
    limit = violations.checkPageSize(request.pageSize)
    if !HostingPackageStatus.known.contains(request.status) {
      violations.add("status", "must be one of the statuses, or unspecified")
    } else if request.status == .deleted && !request.showDeleted {
      violations.add("status", "can be DELETED only together with show_deleted")
    }
    violations.checkText(
      "package_type", request.packageType, 0...Limits.maxPlanCodeCharacters)
    violations.checkText(
      "domain_contains", request.domainContains, 0...Limits.maxDomainFilterCharacters)
    violations.checkText("stack_user", request.stackUser, 0...Limits.maxUserIDCharacters)
    self.access = access
    status = request.status
    packageType = request.packageType
    domainPart =
      violations.contains("domain_contains") ? [] : Array(request.domainContains.lowercased().utf8)
    stackUser = request.stackUser.isEmpty ? nil : request.stackUser
    showsDeleted = request.showDeleted
    tokenQuery = PageToken.Query(
      PackageMethod.listPackages.path, access.accountID, access.stackUser ?? "",
      String(status.rawValue), packageType, request.domainContains, request.stackUser,
      String(showsDeleted))
    before = PageToken.decode(request.pageToken, of: tokenQuery, as: \.id, &violations)
    try violations.check()
  }

  /// The encoded response: the packages' own encodings, one behind the other, and the token.
  ///
  /// It ends with as many packages as the page has, or as its bytes allow, or as may be looked
  /// at: so a page may have few packages or none, and yet a token.
  func read(in transaction: any ReadTransaction) throws -> [UInt8] {
    var query = HostingPackageQuery(
      accountID: access.accountID, stackUser: access.stackUser ?? stackUser, before: before,
      limit: 0)
    var response: [UInt8] = []
    var found = 0
    var scanned = 0
    while true {
      // One more than fits tells whether the page is the last one. Once a filter has kept
      // something back, nobody knows how many it takes.
      query.limit =
        found == scanned
        ? min(limit - found, Limits.maxFetchedRecords) + 1 : Limits.maxFetchedRecords
      let packages = try transaction.hostingPackages(query)
      for package in packages {
        guard scanned < Limits.maxScannedPackages else {
          return end(response, at: query.before)
        }
        if matches(package) {
          let bytes = package.getPackageResponse
          let fits = found == 0 || response.count + bytes.count <= Limits.maxPageBytes
          guard found < limit, fits else { return end(response, at: query.before) }
          response += bytes
          found += 1
        }
        scanned += 1
        query.before = package.record.id
      }
      if packages.count < query.limit { return response }
    }
  }

  private func end(_ response: [UInt8], at last: ULID?) -> [UInt8] {
    let token = last.map { PageToken.encode(.id($0), of: tokenQuery) } ?? ""
    return response + ListPackagesResponse(hostingPackages: [], nextPageToken: token).encoded()
  }

  /// Fields are read through the snapshot: a copy of the record counts up every text in it.
  private func matches(_ package: PackageSnapshot) -> Bool {
    guard access.admits(package), showsDeleted || package.record.deleteTime == nil else {
      return false
    }
    if status != .unspecified && status != package.record.status { return false }
    if !packageType.isEmpty && packageType != package.record.planCode { return false }
    if let stackUser, !package.isOpen(to: ExactText(stackUser)) { return false }
    return domainPart.isEmpty || contains(package.record.domainName)
      || package.record.extraDomainNames.contains { contains($0) }
  }

  private func contains(_ domain: String) -> Bool {
    domain.utf8.span.bytes.withUnsafeBytes { domain in
      domainPart.withUnsafeBytes { part in
        guard
          let start = domain.baseAddress, let text = part.baseAddress, part.count <= domain.count
        else { return false }
        return (0...(domain.count - part.count)).contains {
          memcmp(start + $0, text, part.count) == 0
        }
      }
    }
  }
}

extension HostingPackageStatus {
  fileprivate static let known: Set<HostingPackageStatus> = [
    .unspecified, .active, .suspended, .deleted,
  ]
}
