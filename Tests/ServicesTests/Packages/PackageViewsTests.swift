internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("PackageService views")
struct PackageViewsTests {
  private static let megabyte: Int64 = 1_048_576

  private func usage(
    _ world: World, _ package: HostingPackage
  ) async throws -> (PackageUsage, isImmediate: Bool) {
    let reply: World.Reply<GetPackageUsageResponse> = try await world.call(
      .getPackageUsage, GetPackageUsageRequest(packageID: package.id))
    return (try #require(try reply.get().usage), reply.isImmediate)
  }

  private func measure(
    _ world: World, _ package: HostingPackage, diskBytes: Int64? = nil, outBytes: Int64? = nil
  ) async throws {
    let id = try #require(PackageID.parse(package.id))
    let time = world.clock.time
    try await world.store.write { transaction in
      if let diskBytes {
        try transaction.setDiskScan(
          DiskScanRecord(packageID: id, scanTime: time, totalBytes: diskBytes, totalFiles: 1),
          content: [])
      }
      if let outBytes {
        _ = try transaction.add(
          BandwidthRecord(
            startTime: CalendarMonth(of: time).start, inBytes: 0, outBytes: outBytes,
            requests: 1, asOf: time),
          to: .month, of: id)
      }
    }
  }

  @Test("web info names every domain, the main one first, and where each is served from")
  func webInfo() async throws {
    let world = try await World()
    _ = try await world.create(.sample(code: "basic"))
    var draft = HostingPackage.sample()
    draft.extraDomainNames = ["www.site.example", "a.example"]
    draft.documentRoots = ["a.example": "a/web"]
    let created: World.Reply<CreatePackageResponse> = try await world.call(
      .createPackage, CreatePackageRequest(draft))
    let package = try #require(try created.get().hostingPackage)
    let configuration = try #require(package.configuration)
    var expected = PackageWebInfo()
    expected.packageID = package.id
    expected.domains = [
      WebDomain(domainName: "site.example", documentRoot: "public_html"),
      WebDomain(domainName: "www.site.example", documentRoot: "public_html"),
      WebDomain(domainName: "a.example", documentRoot: "a/web"),
    ]
    expected.phpVersion = configuration.phpVersion
    expected.phpMemoryLimitMB = configuration.phpMemoryLimitMB
    expected.phpMaxExecutionTimeS = configuration.phpMaxExecutionTimeS
    expected.phpUploadMaxMB = configuration.phpUploadMaxMB
    expected.sslEnabled = configuration.sslEnabled
    expected.forceHTTPS = configuration.forceHTTPS
    expected.http2Enabled = configuration.http2Enabled
    #expect(try await webInfo(world, package) == expected)
  }

  private func webInfo(_ world: World, _ package: HostingPackage) async throws -> PackageWebInfo? {
    var request = GetPackageWebInfoRequest()
    request.packageID = package.id
    let reply: World.Reply<GetPackageWebInfoResponse> = try await world.call(
      .getPackageWebInfo, request)
    return try reply.get().webInfo
  }

  @Test("nothing is served while a package is suspended or deleted")
  func servingDisabled() async throws {
    let world = try await World()
    let package = try await world.package()
    #expect(try await webInfo(world, package)?.servingDisabled == false)
    let suspended: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .abuse))
    _ = try suspended.get()
    #expect(try await webInfo(world, package)?.servingDisabled == true)
    let lifted: World.Reply<UnsuspendPackageResponse> = try await world.call(
      .unsuspendPackage, UnsuspendPackageRequest(package.id, .all(true)))
    _ = try lifted.get()
    #expect(try await webInfo(world, package)?.servingDisabled == false)
    let deleted: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(package.id))
    _ = try deleted.get()
    #expect(try await webInfo(world, package)?.servingDisabled == true)
  }

  @Test("limits are the plan version's, in order, beside what is used")
  func limits() async throws {
    let world = try await World()
    let package = try await world.package()
    try await measure(
      world, package, diskBytes: Self.megabyte + 1, outBytes: 3 * Self.megabyte)
    _ = try await world.attach(.database, "a", to: package).get()
    // What is sold stays as it is when the plan is changed.
    var plan = Plan.sample(code: "basic")
    plan.id = package.planID
    plan.diskSpaceMB = Quota(Quota.Kind.limit(1))
    let updated: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(plan))
    _ = try updated.get()
    var request = GetPackageLimitsRequest()
    request.packageID = package.id
    let reply: World.Reply<GetPackageLimitsResponse> = try await world.call(
      .getPackageLimits, request)
    let limits = try reply.get().limits
    #expect(limits.map(\.kind) == [.diskSpace, .bandwidth, .emailAccounts, .databases])
    #expect(limits.map(\.unit) == [.megabyte, .megabyte, .count, .count])
    #expect(
      limits.map(\.limit) == [
        Quota(Quota.Kind.limit(1024)), Quota(Quota.Kind.unlimited(true)),
        Quota(Quota.Kind.limit(0)), Quota(Quota.Kind.limit(3)),
      ])
    #expect(limits.map(\.used) == [2, 3, 0, 1])
    #expect(limits.allSatisfy { $0.planID == package.planID && $0.planVersion == 1 })
  }

  @Test("services are enabled unless their limit is 0 or the configuration switches them off")
  func services() async throws {
    let world = try await World()
    let package = try await world.package(stackUsers: ["u1", "u2"])
    for (kind, name) in [
      (ResourceKind.database, "a"), (.sslCertificate, "site.example"), (.backup, "x"),
      (.backup, "y"), (.subdomain, "www.site.example"),
    ] {
      _ = try await world.attach(kind, name, to: package).get()
    }
    var update = UpdatePackageConfigurationRequest()
    update.packageID = package.id
    update.configuration = PackageConfiguration()
    update.updateMask = FieldMask(paths: ["backup_enabled"])
    let updated: World.Reply<UpdatePackageConfigurationResponse> = try await world.call(
      .updatePackageConfiguration, update)
    let isSecure = try #require(try updated.get().configuration).sslEnabled
    var request = GetPackageServicesRequest()
    request.packageID = package.id
    let reply: World.Reply<GetPackageServicesResponse> = try await world.call(
      .getPackageServices, request)
    let services = try #require(try reply.get().services)
    func use(_ enabled: Bool, _ used: Int64, _ limit: Quota.Kind) -> PackageServiceUse {
      PackageServiceUse(enabled: enabled, used: used, limit: Quota(limit))
    }
    #expect(services.packageID == package.id)
    #expect(services.email == use(false, 0, .limit(0)))
    #expect(services.databases == use(true, 1, .limit(3)))
    #expect(services.ssl == use(isSecure, 1, .unlimited(true)))
    #expect(services.backups == use(false, 2, .unlimited(true)))
    #expect(services.ftp == use(true, 1, .limit(1)))
    #expect(services.stackUsers == use(true, 2, .limit(100)))
  }

  @Test("usage has its limits and times, and none where nothing was measured yet")
  func usageFigures() async throws {
    let world = try await World()
    let package = try await world.package()
    let start = Timestamp(world.clock.time)
    func figure(_ used: Int64, _ limit: Quota.Kind, _ asOf: Timestamp?) -> UsageFigure {
      UsageFigure(used: used, limit: Quota(limit), asOf: asOf)
    }
    var expected = PackageUsage()
    expected.packageID = package.id
    expected.diskSpaceMB = figure(0, .limit(1024), nil)
    expected.bandwidthMB = figure(0, .unlimited(true), nil)
    expected.emailAccounts = figure(0, .limit(0), start)
    expected.databases = figure(0, .limit(3), start)
    #expect(try await usage(world, package).0 == expected)
    world.clock.advance(seconds: 60)
    try await measure(world, package, diskBytes: 1, outBytes: Self.megabyte)
    world.clock.advance(seconds: 60)
    expected.diskSpaceMB = figure(1, .limit(1024), Timestamp(seconds: start.seconds + 60))
    expected.bandwidthMB = figure(
      1, .unlimited(true), Timestamp(seconds: start.seconds + 60))
    let now = Timestamp(world.clock.time)
    expected.emailAccounts?.asOf = now
    expected.databases?.asOf = now
    #expect(try await usage(world, package).0 == expected)
  }

  @Test("usage is answered at once until something of the package changes, or the month ends")
  func usageCache() async throws {
    let world = try await World()
    let package = try await world.package()
    let (first, isImmediate) = try await usage(world, package)
    #expect(!isImmediate)
    world.clock.advance(seconds: 3600)
    let again = try await usage(world, package)
    #expect(again.isImmediate && again.0 == first)
    let resource = try await world.attach(.database, "a", to: package).get()
    let attached = try await usage(world, package)
    #expect(!attached.isImmediate && attached.0.databases?.used == 1)
    #expect(try await usage(world, package).isImmediate)
    _ = try await world.detach(resource).get()
    #expect(try await usage(world, package).0.databases?.used == 0)
    try await measure(world, package, outBytes: 7 * Self.megabyte)
    #expect(try await usage(world, package).0.bandwidthMB?.used == 7)
    try await measure(world, package, diskBytes: 9 * Self.megabyte)
    #expect(try await usage(world, package).0.diskSpaceMB?.used == 9)
    #expect(try await usage(world, package).isImmediate)
    // The clock began on 1 January, an hour ago.
    world.clock.advance(seconds: 31 * 86_400 - 3601)
    let last = try await usage(world, package)
    #expect(last.isImmediate && last.0.bandwidthMB?.used == 7)
    world.clock.advance(seconds: 1)
    let next = try await usage(world, package)
    #expect(!next.isImmediate && next.0.bandwidthMB?.used == 0)
    #expect(next.0.bandwidthMB?.asOf == nil && next.0.diskSpaceMB?.used == 9)
  }

  @Test("a stack user's usage is theirs until their access ends, whatever is kept")
  func usageAccess() async throws {
    let world = try await World()
    let package = try await world.package(stackUsers: ["u1"])
    let request = GetPackageUsageRequest(packageID: package.id)
    func get(
      _ user: String, account: String? = nil
    ) async throws -> World.Reply<GetPackageUsageResponse> {
      try await world.call(
        .getPackageUsage, request, as: .stackUser, user: user, account: account)
    }
    _ = try await get("u1").get()
    #expect(try await get("u1").isImmediate)
    #expect(try await get("u2").status().code == .notFound)
    #expect(try await get("u1", account: "other").status().code == .notFound)
    let removed: World.Reply<RemovePackageStackUserResponse> = try await world.call(
      .removePackageStackUser, RemovePackageStackUserRequest(package.id, "u1"))
    _ = try removed.get()
    #expect(try await get("u1").status().code == .notFound)
  }

  @Test("package types are the active plans at their current version, by id, paged")
  func types() async throws {
    let world = try await World()
    var expected: [Plan] = []
    for number in 0..<5 {
      var plan = Plan.sample(code: "p\(9 - number)")
      plan.isActive = number != 2
      let created = try await world.create(plan)
      if plan.isActive { expected.append(created) }
    }
    var changed = expected[1]
    changed.name = "Changed"
    let updated: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(changed))
    expected[1] = try #require(try updated.get().plan)
    for size in [0, 1, 3] as [Int32] {
      var request = ListPackageTypesRequest()
      request.pageSize = size
      var found: [Plan] = []
      repeat {
        let reply: World.Reply<ListPackageTypesResponse> = try await world.call(
          .listPackageTypes, request, as: .stackUser, user: "u1")
        found += try reply.get().packageTypes
        request.pageToken = try reply.get().nextPageToken
      } while !request.pageToken.isEmpty
      #expect(found == expected)
    }
    var request = ListPackageTypesRequest()
    request.pageSize = -1
    request.pageToken = "x"
    let reply: World.Reply<ListPackageTypesResponse> = try await world.call(
      .listPackageTypes, request)
    #expect(try Details(reply.status()).fields == ["page_size", "page_token"])
  }

  @Test("a view of no package is a violation, and of one that is not there NOT_FOUND")
  func absent() async throws {
    let world = try await World()
    for (id, code) in [
      ("", Status.Code.invalidArgument), ("package-x", .notFound),
      ("package-" + String(repeating: "0", count: 26), .notFound),
    ] {
      let reply: World.Reply<GetPackageUsageResponse> = try await world.call(
        .getPackageUsage, GetPackageUsageRequest(packageID: id))
      #expect(reply.status().code == code)
      var limits = GetPackageLimitsRequest()
      limits.packageID = id
      let other: World.Reply<GetPackageLimitsResponse> = try await world.call(
        .getPackageLimits, limits)
      #expect(other.status().code == code)
    }
  }
}
