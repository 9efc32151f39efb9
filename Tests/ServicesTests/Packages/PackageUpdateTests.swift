internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("UpdatePackage")
struct PackageUpdateTests {
  private func update(
    _ world: World, _ package: HostingPackage?, mask: [String]? = nil, requestID: String = "",
    validateOnly: Bool = false
  ) async throws -> World.Reply<UpdatePackageResponse> {
    try await world.call(
      .updatePackage,
      UpdatePackageRequest(package, mask: mask, requestID: requestID, validateOnly: validateOnly))
  }

  /// A plan with these limits.
  private func plan(
    _ world: World, _ code: String, disk: Int64? = nil, bandwidth: Int64? = nil,
    mailboxes: Int64? = nil, databases: Int64? = nil, isActive: Bool = true
  ) async throws -> Plan {
    func quota(_ limit: Int64?) -> Quota {
      Quota(limit.map { Quota.Kind.limit($0) } ?? .unlimited(true))
    }
    var plan = Plan.sample(code: code)
    plan.diskSpaceMB = quota(disk)
    plan.bandwidthMB = quota(bandwidth)
    plan.emailAccounts = quota(mailboxes)
    plan.databases = quota(databases)
    plan.isActive = isActive
    return try await world.create(plan)
  }

  @Test(
    "without a mask, with an empty one or \"*\", every field is replaced",
    arguments: [nil, [], ["*"]] as [[String]?])
  func whole(mask: [String]?) async throws {
    let world = try await World()
    let package = try await world.package(stackUsers: ["user"])
    world.clock.advance(seconds: 5)
    var edit = HostingPackage()
    edit.id = package.id
    edit.domainName = "New.example"
    edit.extraDomainNames = ["site.example"]
    edit.documentRoots = ["site.example": "old"]
    edit.packageType = "basic"
    let written = try #require(try await update(world, edit, mask: mask).get().hostingPackage)
    var expected = package
    expected.name = "new.example"
    expected.domainName = "new.example"
    expected.extraDomainNames = ["site.example"]
    expected.documentRoots = ["site.example": "old"]
    expected.updateTime = Timestamp(seconds: 1_767_225_605)
    expected.etag = written.etag
    #expect(written == expected && written.etag != package.etag)
    #expect(try await world.getPackage(package.id).get().hostingPackage == written)
    // What it gave up is free, what it took is not.
    edit.domainName = "other.example"
    edit.extraDomainNames = []
    edit.documentRoots = [:]
    _ = try await update(world, edit).get()
    _ = try await world.package("new")
  }

  @Test("a mask writes what it names and nothing else")
  func masks() async throws {
    let world = try await World()
    var first = try await world.package()
    first.extraDomainNames = ["a.example", "b.example"]
    first.documentRoots = ["a.example": "a", "site.example": "s"]
    first.etag = ""
    first = try #require(try await update(world, first).get().hostingPackage)
    var edit = HostingPackage()
    edit.id = first.id
    edit.etag = first.etag
    edit.name = "New"
    edit.domainName = "not used"
    let named = try #require(
      try await update(world, edit, mask: ["name", "name"]).get().hostingPackage)
    #expect(named.name == "New" && named.domainName == "site.example")
    #expect(named.extraDomainNames == first.extraDomainNames)
    edit.etag = named.etag
    edit.extraDomainNames = ["b.example"]
    let fewer = try #require(
      try await update(world, edit, mask: ["extra_domain_names"]).get().hostingPackage)
    #expect(fewer.extraDomainNames == ["b.example"])
    #expect(fewer.documentRoots == ["site.example": "s"])
    edit.etag = ""
    edit.documentRoots = ["b.example": "b"]
    let rooted = try #require(
      try await update(world, edit, mask: ["document_roots"]).get().hostingPackage)
    #expect(rooted.documentRoots == ["b.example": "b"])
  }

  @Test("what a mask cannot name, and what does not fit together, is told at once")
  func invalid() async throws {
    let world = try await World()
    let package = try await world.package()
    #expect(try Details(try await update(world, nil).status()).fields == ["hosting_package"])
    #expect(
      try Details(try await update(world, HostingPackage(), mask: ["name"]).status()).fields
        == ["hosting_package.id"])
    var edit = package
    edit.username = "other"
    edit.domainName = "bad"
    edit.extraDomainNames = ["a.example", "A.example"]
    edit.documentRoots = ["c.example": "x"]
    edit.packageType = "gone"
    edit.etag = String(repeating: "x", count: 65)
    #expect(
      try Details(
        try await update(world, edit, mask: ["*", "frob", "id", "stack_users"]).status()
      ).fields == [
        "hosting_package.document_roots[\"c.example\"]", "hosting_package.domain_name",
        "hosting_package.etag", "hosting_package.extra_domain_names[1]",
        "hosting_package.package_type", "hosting_package.username", "update_mask",
      ])
    for path in [
      "id", "account_id", "plan_id", "plan_version", "status", "suspensions", "username",
      "stack_users", "configuration", "create_time", "update_time", "delete_time", "purge_time",
      "etag", "nothing",
    ] {
      let status = try await update(world, package, mask: [path]).status()
      #expect(try Details(status).fields == ["update_mask"])
      #expect(status.message.contains("\"\(path)\""))
    }
    let many = [String](repeating: "name", count: 33)
    #expect(
      try Details(try await update(world, package, mask: many).status()).fields == ["update_mask"])
    #expect(try await world.getPackage(package.id).get().hostingPackage == package)
  }

  @Test("a stale etag is ABORTED, and a domain of another package ALREADY_EXISTS")
  func refused() async throws {
    let world = try await World()
    let package = try await world.package()
    _ = try await world.package("taken")
    var edit = package
    edit.name = "New"
    let written = try #require(try await update(world, edit).get().hostingPackage)
    let stale = try await update(world, edit).status()
    #expect(stale.code == .aborted)
    #expect(try Details(stale).reason == "ETAG_MISMATCH")
    #expect(try Details(stale).resource?.resourceName == "packages/" + package.id)
    edit = written
    edit.extraDomainNames = ["free.example", "taken.example"]
    let taken = try await update(world, edit).status()
    #expect(taken.code == .alreadyExists)
    #expect(try Details(taken).resource?.resourceName == "domains/taken.example")
    #expect(try await world.getPackage(package.id).get().hostingPackage == written)
  }

  @Test("a move goes to the plan's current version; one that stays keeps the version it has")
  func moves() async throws {
    let world = try await World()
    let package = try await world.package()
    let wide = try await plan(world, "wide")
    for code in ["basic", "wide"] {
      let id: Int64 = code == "wide" ? wide.id : 1
      var edit = try #require(try await world.get(id).get().plan)
      edit.description = "Edited."
      let reply: World.Reply<UpdatePlanResponse> = try await world.call(
        .updatePlan, UpdatePlanRequest(edit))
      _ = try reply.get()
    }
    let stayed = try #require(
      try await update(world, package, mask: ["package_type"]).get().hostingPackage)
    #expect(stayed.planID == 1 && stayed.planVersion == 1)
    var edit = stayed
    edit.packageType = "wide"
    let moved = try #require(try await update(world, edit).get().hostingPackage)
    #expect(moved.packageType == "wide" && moved.planID == wide.id && moved.planVersion == 2)
    // From here on the old plan is free to go, and the new one is not.
    let old: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(1))
    _ = try old.get()
    let new: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(wide.id))
    #expect(new.status().code == .failedPrecondition)
  }

  @Test("a package may stay on a plan that is no longer sold, and not move to one")
  func inactivePlans() async throws {
    let world = try await World()
    var package = try await world.package()
    var basic = try #require(try await world.get(1).get().plan)
    basic.isActive = false
    let reply: World.Reply<UpdatePlanResponse> = try await world.call(
      .updatePlan, UpdatePlanRequest(basic))
    _ = try reply.get()
    _ = try await plan(world, "old", isActive: false)
    package.name = "New"
    package = try #require(try await update(world, package).get().hostingPackage)
    #expect(package.packageType == "basic" && package.planVersion == 1)
    package.packageType = "old"
    let status = try await update(world, package).status()
    #expect(try Details(status).fields == ["hosting_package.package_type"])
  }

  @Test("a move is refused with every limit that the present use exceeds, and only those")
  func limits() async throws {
    let world = try await World()
    _ = try await plan(world, "wide")
    let package = try await world.package(type: "wide")
    let id = try #require(PackageID.parse(package.id))
    let time = world.clock.time
    try await world.store.write { transaction in
      try transaction.setDiskScan(
        DiskScanRecord(
          packageID: id, scanTime: time, totalBytes: 10 * 1_048_576 + 1, totalFiles: 1),
        content: [])
      for start in [time, time.adding(seconds: -1000 * 86_400)] {
        _ = try transaction.add(
          BandwidthRecord(
            startTime: start, inBytes: 1_048_576, outBytes: 1, requests: 1, asOf: time),
          to: .month, of: id)
      }
      for (number, kind) in [
        PackageResourceRecord.Kind.mailbox, .mailbox, .database, .subdomain,
      ].enumerated() {
        try transaction.insert(
          PackageResourceRecord(
            id: ULID(value: UInt128(number)), packageID: id, kind: kind, name: "n\(number)",
            createTime: time))
      }
    }
    _ = try await plan(world, "small", disk: 10, bandwidth: 1, mailboxes: 1, databases: 0)
    _ = try await plan(world, "fits", disk: 11, bandwidth: 2, mailboxes: 2, databases: 1)
    var edit = package
    edit.packageType = "small"
    let status = try await update(world, edit).status()
    #expect(status.code == .failedPrecondition)
    let details = try Details(status)
    #expect(details.reason == "LIMITS_EXCEEDED")
    #expect(
      details.precondition?.violations.map(\.subject)
        == ["disk_space_mb", "bandwidth_mb", "email_accounts", "databases"].map {
          "packages/\(package.id)/\($0)"
        })
    for text in ["disk_space_mb is 10, 11 are used", "databases is 0, 1 are used"] {
      #expect(status.message.contains(text))
    }
    edit.packageType = "fits"
    let moved = try await update(world, edit).get().hostingPackage
    #expect(moved?.packageType == "fits")
  }

  @Test("a domain is dropped once nothing lies in it; the first 50 are named and all counted")
  func droppedDomains() async throws {
    let world = try await World()
    var package = try await world.package()
    package.extraDomainNames = ["old.example", "deep.site.example"]
    package = try #require(try await update(world, package).get().hostingPackage)
    let id = try #require(PackageID.parse(package.id))
    let time = world.clock.time
    let inTheWay =
      [(.mailbox, "info@old.example"), (.sslCertificate, "*.old.example")]
      + (0..<1010).map { (.subdomain, "s\($0).old.example") }
      as [(PackageResourceRecord.Kind, String)]
    let others: [(PackageResourceRecord.Kind, String)] = [
      (.mailbox, "info@site.example"), (.subdomain, "a.deep.site.example"),
      (.sslCertificate, "deep.site.example"), (.backup, "old.example"), (.database, "old"),
    ]
    try await world.store.write { transaction in
      for (number, (kind, name)) in (others + inTheWay).enumerated() {
        try transaction.insert(
          PackageResourceRecord(
            id: ULID(value: UInt128(number)), packageID: id, kind: kind, name: name,
            createTime: time))
      }
    }
    var edit = package
    edit.extraDomainNames = []
    edit.etag = ""
    for validateOnly in [true, false] {
      let status = try await update(world, edit, validateOnly: validateOnly).status()
      #expect(status.code == .failedPrecondition)
      let details = try Details(status)
      #expect(details.reason == "RESOURCES_ATTACHED")
      #expect(details.info?.metadata["resource_count"] == "1012")
      let violations = try #require(details.precondition?.violations)
      let subdomains = violations.count - 3
      #expect(subdomains > 40)
      #expect(
        violations.dropLast().map(\.subject)
          == ["MAILBOX info@old.example", "SSL_CERTIFICATE *.old.example"]
          + (0..<subdomains).map { "SUBDOMAIN s\($0).old.example" })
      let leftOut = 1012 - 2 - subdomains
      #expect(violations.last?.description == "\(leftOut) more are attached to the package")
    }
    #expect(try await world.getPackage(package.id).get().hostingPackage == package)
    try await world.store.write { transaction in
      for number in others.count..<others.count + inTheWay.count {
        try transaction.deletePackageResource(ULID(value: UInt128(number)), of: id)
      }
    }
    // What else there was lies in what stays.
    let fewer = try await update(world, edit).get().hostingPackage
    #expect(fewer?.extraDomainNames == [])
    // A domain that changes its place is not dropped.
    edit.domainName = "new.example"
    edit.extraDomainNames = ["site.example"]
    _ = try await update(world, edit).get()
  }

  @Test("validate_only writes nothing, and a retry gets the first answer")
  func replay() async throws {
    let world = try await World()
    let package = try await world.package()
    var edit = package
    edit.name = "New"
    let dry = try await update(world, edit, requestID: "d", validateOnly: true)
    #expect(try dry.get().hostingPackage?.name == "New")
    #expect(try await world.getPackage(package.id).get().hostingPackage == package)
    let first = try await update(world, edit, requestID: "r")
    let second = try await update(world, edit, requestID: "r")
    #expect(!first.isReplay && second.isReplay && first.bytes == second.bytes)
    edit.name = "Newer"
    let other = try await update(world, edit, requestID: "r")
    #expect(try Details(other.status()).reason == "IDEMPOTENCY_MISMATCH")
  }
}
