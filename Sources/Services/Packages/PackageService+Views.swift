internal import API
internal import Storage

extension PackageService {
  func getPackageWebInfo(
    _ request: GetPackageWebInfoRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageWebInfoResponse> {
    let package = try await package(request.packageID, for: caller, .getPackageWebInfo)
    return Answer(GetPackageWebInfoResponse(webInfo: PackageWebInfo(package)))
  }

  func getPackageLimits(
    _ request: GetPackageLimitsRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageLimitsResponse> {
    let time = now()
    let view = try await view(of: request.packageID, for: caller, .getPackageLimits) {
      try PackageView($0, at: time, in: $1)
    }
    let limits = LimitedQuantity.allCases.map { quantity in
      PackageLimit(
        kind: quantity.kind, unit: quantity.unit, limit: Quota(quantity.limit(in: view.plan)),
        used: view.use.used(quantity), planID: view.package.planID,
        planVersion: view.package.planVersion)
    }
    return Answer(GetPackageLimitsResponse(limits: limits))
  }

  func getPackageServices(
    _ request: GetPackageServicesRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageServicesResponse> {
    let time = now()
    let (view, certificates, backups) = try await view(
      of: request.packageID, for: caller, .getPackageServices
    ) { package, transaction in
      (
        try PackageView(package, at: time, in: transaction),
        try transaction.packageResourceCount(of: package.id, kind: .sslCertificate),
        try transaction.packageResourceCount(of: package.id, kind: .backup)
      )
    }
    let (package, plan, use) = (view.package, view.plan, view.use)
    var services = PackageServices()
    services.packageID = PackageID.text(package.id)
    services.email = PackageServiceUse(
      use.used(.emailAccounts), of: LimitedQuantity.emailAccounts.limit(in: plan))
    services.databases = PackageServiceUse(
      use.used(.databases), of: LimitedQuantity.databases.limit(in: plan))
    services.ssl = PackageServiceUse(
      Int64(certificates), of: .unlimited, isOn: package.configuration.sslEnabled)
    services.backups = PackageServiceUse(
      Int64(backups), of: .unlimited, isOn: package.configuration.backupEnabled)
    // Files are transferred with the package's username, which is its one login.
    services.ftp = PackageServiceUse(1, of: .limit(1))
    services.stackUsers = PackageServiceUse(
      Int64(package.stackUsers.count), of: .limit(Int64(Limits.maxStackUsers)))
    return Answer(GetPackageServicesResponse(services: services))
  }

  func listPackageTypes(
    _ request: ListPackageTypesRequest, _ caller: Caller
  ) async throws -> Answer<ListPackageTypesResponse> {
    let page = try PlanPage(
      caller.method, size: request.pageSize, token: request.pageToken, kind: .unspecified,
      activeOnly: true, orderBy: "")
    let (plans, token) = try await page.read(from: store)
    return Answer(ListPackageTypesResponse(packageTypes: plans, nextPageToken: token))
  }

  /// GetPackageUsage without waiting, when the store knows the package, the caller may see it, and
  /// the answer was given before and still holds.
  func cachedPackageUsage(
    _ request: GetPackageUsageRequest, _ principal: Principal
  ) -> Answer<GetPackageUsageResponse>? {
    guard
      let id = PackageID.parse(request.packageID), let package = store.cachedHostingPackage(id),
      PackageAccess(principal, .getPackageUsage).admits(package),
      let bytes = package.usageResponse(at: now())
    else { return nil }
    return Answer(encoded: bytes, isReplay: false)
  }

  /// The answer is kept until something of the package changes, or the month ends: what is counted
  /// at any time was so when the answer was made, which its `as_of` says.
  func getPackageUsage(
    _ request: GetPackageUsageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageUsageResponse> {
    let time = now()
    // Taken before the transaction: see ``PackageSnapshot/keepUsageResponse(_:from:until:)``.
    let snapshot = PackageID.parse(request.packageID).flatMap(store.cachedHostingPackage)
    let view = try await view(of: request.packageID, for: caller, .getPackageUsage) {
      try PackageView($0, at: time, in: $1)
    }
    func figure(_ quantity: LimitedQuantity) -> UsageFigure {
      let asOf: Instant? =
        switch quantity {
        case .diskSpace, .bandwidth: view.use.measured(quantity)
        case .emailAccounts, .databases: time
        }
      return UsageFigure(
        used: view.use.used(quantity), limit: Quota(quantity.limit(in: view.plan)),
        asOf: asOf.map { Timestamp($0) })
    }
    var usage = PackageUsage()
    usage.packageID = PackageID.text(view.package.id)
    usage.diskSpaceMB = figure(.diskSpace)
    usage.bandwidthMB = figure(.bandwidth)
    usage.emailAccounts = figure(.emailAccounts)
    usage.databases = figure(.databases)
    let bytes = GetPackageUsageResponse(usage: usage).encoded()
    snapshot?.keepUsageResponse(
      bytes, from: time, until: CalendarMonth(of: time).next.start)
    return Answer(encoded: bytes, isReplay: false)
  }

  /// What `read` makes of the package that a request names.
  private func view<Result: Sendable>(
    of id: String, for caller: Caller, _ method: PackageMethod,
    _ read: @escaping @Sendable (HostingPackageRecord, any ReadTransaction) throws -> Result
  ) async throws -> Result {
    var violations = Violations()
    violations.checkPackageID("package_id", id)
    try violations.check()
    let access = PackageAccess(caller, method)
    return try await store.read { transaction in
      try read(access.package(id, in: transaction).record, transaction)
    }
  }
}

/// A package with its plan version and what it uses.
private struct PackageView: Sendable {
  let package: HostingPackageRecord
  let plan: PlanRecord
  let use: PackageUse

  init(
    _ package: HostingPackageRecord, at time: Instant, in transaction: any ReadTransaction
  ) throws {
    self.package = package
    plan = try package.plan(in: transaction)
    use = try PackageUse.read(of: package.id, at: time, in: transaction)
  }
}

extension PackageWebInfo {
  init(_ package: HostingPackageRecord) {
    self.init()
    packageID = PackageID.text(package.id)
    domains = ([package.domainName] + package.extraDomainNames).map {
      WebDomain(
        domainName: $0, documentRoot: package.documentRoots[$0] ?? DocumentRoot.standard)
    }
    phpVersion = package.configuration.phpVersion
    phpMemoryLimitMB = package.configuration.phpMemoryLimitMB
    phpMaxExecutionTimeS = package.configuration.phpMaxExecutionTimeS
    phpUploadMaxMB = package.configuration.phpUploadMaxMB
    sslEnabled = package.configuration.sslEnabled
    forceHTTPS = package.configuration.forceHTTPS
    http2Enabled = package.configuration.http2Enabled
    servingDisabled = package.status != .active
  }
}

extension PackageServiceUse {
  /// - Parameter isOn: what the package's configuration says of it, if it says anything.
  fileprivate init(_ used: Int64, of limit: QuotaRecord, isOn: Bool = true) {
    self.init(enabled: isOn && limit != .limit(0), used: used, limit: Quota(limit))
  }
}
