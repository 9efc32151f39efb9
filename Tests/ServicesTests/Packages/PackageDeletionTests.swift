internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("Deletion of packages")
struct PackageDeletionTests {
  private func delete(
    _ world: World, _ request: DeletePackageRequest
  ) async throws -> World.Reply<DeletePackageResponse> {
    try await world.call(.deletePackage, request)
  }

  private func undelete(
    _ world: World, _ request: UndeletePackageRequest
  ) async throws -> World.Reply<UndeletePackageResponse> {
    try await world.call(.undeletePackage, request)
  }

  private func attach(_ count: Int, to package: HostingPackage, in world: World) async throws {
    let id = try #require(PackageID.parse(package.id))
    let time = world.clock.time
    try await world.store.write { transaction in
      for number in 0..<count {
        try transaction.insert(
          PackageResourceRecord(
            id: ULID(value: UInt128(number + 1)), packageID: id, kind: .subdomain,
            name: "s\(number)", createTime: time))
      }
    }
  }

  @Test("a deleted package is found until it is purged, and its purge_time is 30 days on")
  func softly() async throws {
    let world = try await World()
    let package = try await world.package()
    world.clock.advance(seconds: 5)
    let gone = try #require(
      try await delete(world, DeletePackageRequest(package.id)).get().hostingPackage)
    #expect(gone.status == .deleted && gone.etag != package.etag)
    #expect(gone.deleteTime == Timestamp(seconds: 1_767_225_605))
    #expect(gone.purgeTime == Timestamp(seconds: 1_767_225_605 + 30 * 86_400))
    #expect(try await world.getPackage(package.id).get().hostingPackage == gone)
    let back = try #require(
      try await undelete(world, UndeletePackageRequest(package.id)).get().hostingPackage)
    var expected = package
    expected.updateTime = Timestamp(seconds: 1_767_225_605)
    expected.etag = back.etag
    #expect(back == expected && back.etag != gone.etag)
  }

  @Test(
    "attached resources keep a package, named as far as fits and all counted; force releases them")
  func resources() async throws {
    let world = try await World()
    let package = try await world.package()
    try await attach(1200, to: package, in: world)
    let status = try await delete(world, DeletePackageRequest(package.id)).status()
    #expect(status.code == .failedPrecondition)
    let details = try Details(status)
    #expect(details.reason == "RESOURCES_ATTACHED")
    #expect(details.info?.metadata["resource_count"] == "1200")
    let violations = try #require(details.precondition?.violations)
    let named = violations.count - 1
    #expect(named > 60)
    #expect(violations.dropLast().map(\.subject) == (0..<named).map { "SUBDOMAIN s\($0)" })
    #expect(violations.last?.subject == "packages/\(package.id)")
    #expect(violations.last?.description == "\(1200 - named) more are attached to the package")
    #expect(status.details.count * 4 / 3 < 8000)
    _ = try await delete(world, DeletePackageRequest(package.id, force: true)).get()
    let id = try #require(PackageID.parse(package.id))
    let left = try await world.store.read {
      try $0.packageResources(of: id, kind: nil, after: nil, limit: 10)
    }
    #expect(left.isEmpty)
  }

  @Test("a deletion that fails in the end has released nothing")
  func atomic() async throws {
    let world = try await World()
    let package = try await world.package()
    try await attach(3, to: package, in: world)
    let id = try #require(PackageID.parse(package.id))
    var dry = DeletePackageRequest(package.id, force: true)
    dry.validateOnly = true
    #expect(try await delete(world, dry).get().hostingPackage?.status == .deleted)
    let stale = DeletePackageRequest(package.id, etag: "stale", force: true)
    #expect(try Details(try await delete(world, stale).status()).reason == "ETAG_MISMATCH")
    let count = try await world.store.read {
      try $0.packageResourceCount(of: id, kind: .subdomain)
    }
    #expect(count == 3)
    #expect(try await world.getPackage(package.id).get().hostingPackage == package)
  }

  @Test("the domains of a deleted package are free; while another has one it cannot come back")
  func domains() async throws {
    let world = try await World()
    let package = try await world.package("first")
    _ = try await delete(world, DeletePackageRequest(package.id)).get()
    var other = HostingPackage.sample("second")
    other.domainName = "first.example"
    let taker: World.Reply<CreatePackageResponse> = try await world.call(
      .createPackage, CreatePackageRequest(other), account: "acme")
    let id = try #require(try taker.get().hostingPackage?.id)
    let status = try await undelete(world, UndeletePackageRequest(package.id)).status()
    #expect(status.code == .alreadyExists)
    #expect(try Details(status).reason == "DOMAIN_TAKEN")
    var username = HostingPackage.sample("first")
    username.domainName = "third.example"
    let taken: World.Reply<CreatePackageResponse> = try await world.call(
      .createPackage, CreatePackageRequest(username))
    #expect(try Details(taken.status()).reason == "USERNAME_TAKEN")
    let gone: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(id), account: "acme")
    _ = try gone.get()
    _ = try await undelete(world, UndeletePackageRequest(package.id)).get()
  }

  /// A deleted package of a plan that suspends what uses more than 1 MB.
  private func overused(
    in world: World, month: Int64 = 0, nextMonth: Int64 = 0, disk: Int64 = 0
  ) async throws -> HostingPackage {
    var plan = Plan.sample(code: "basic")
    plan.diskSpaceMB = Quota(Quota.Kind.limit(1))
    plan.bandwidthMB = Quota(Quota.Kind.limit(1))
    plan.diskSpaceOveruse = .suspend
    plan.bandwidthOveruse = .suspend
    _ = try await world.create(plan)
    let package = try await world.package()
    _ = try await delete(world, DeletePackageRequest(package.id)).get()
    let id = try #require(PackageID.parse(package.id))
    let time = world.clock.time
    let start = CalendarMonth(of: time)
    try await world.store.write { transaction in
      try transaction.setDiskScan(
        DiskScanRecord(packageID: id, scanTime: time, totalBytes: disk, totalFiles: 1),
        content: [])
      for (start, bytes) in [(start.start, month), (start.next.start, nextMonth)] {
        _ = try transaction.add(
          BandwidthRecord(startTime: start, inBytes: bytes, outBytes: 0, requests: 1, asOf: time),
          to: .month, of: id)
      }
    }
    return package
  }

  @Test("what came while a package was deleted has its consequence when it comes back")
  func overuse() async throws {
    let world = try await World()
    let package = try await overused(in: world, disk: 1_048_577)
    var dry = UndeletePackageRequest(package.id)
    dry.validateOnly = true
    let told = try await undelete(world, dry).get().hostingPackage
    #expect(told?.status == .suspended)
    #expect(try await world.record(package)?.deleteTime != nil)
    let back = try #require(
      try await undelete(world, UndeletePackageRequest(package.id)).get().hostingPackage)
    #expect(back == told && back.suspensions.map(\.kind) == [.overuse])
    #expect(back.suspensions.map(\.reason) == ["used 2 of 1 disk_space_mb"])
    #expect(try await world.getPackage(package.id).get().hostingPackage == back)
    let (changes, audit) = try await world.store.read { transaction in
      _ = try AuditChain.verify(partition: "account/default", in: transaction)
      return (
        try transaction.packageChanges(accountID: "default", after: 2, limit: 9).map(\.kind),
        try transaction.auditRecords(partition: "account/default", after: 2, limit: 9)
      )
    }
    #expect(changes == [.undeleted, .limitExceeded, .suspended])
    #expect(audit.map(\.actor).contains("packd") && audit.count == 2)
    #expect(Set(audit.map(\.method)) == [PackageMethod.undeletePackage.path])
    #expect(audit.first { $0.actor == "packd" }?.afterETag == back.etag)
    // From one to the other.
    #expect(audit.first { $0.actor == "packd" }?.beforeETag == audit.last?.afterETag)
  }

  @Test(
    "bandwidth of this month and the next counts for a package that comes back",
    arguments: [(1_048_576, 0), (1_048_577, 0), (0, 1_048_577)] as [(Int64, Int64)])
  func overuseOfMonths(month: Int64, next: Int64) async throws {
    let world = try await World()
    let package = try await overused(in: world, month: month, nextMonth: next)
    let back = try #require(
      try await undelete(world, UndeletePackageRequest(package.id)).get().hostingPackage)
    #expect(back.status == (max(month, next) > 1_048_576 ? .suspended : .active))
  }

  @Test("a package whose purge_time has come is not brought back, purged or not")
  func tooLate() async throws {
    let world = try await World()
    let package = try await world.package()
    _ = try await delete(world, DeletePackageRequest(package.id)).get()
    world.clock.advance(seconds: 30 * 86_400)
    #expect(
      try await undelete(world, UndeletePackageRequest(package.id)).status().code == .notFound)
    #expect(try await world.services.purgeHostingPackages() == 1)
    #expect(
      try await undelete(world, UndeletePackageRequest(package.id)).status().code == .notFound)
  }

  @Test("etags guard deletion and its taking back")
  func etags() async throws {
    let world = try await World()
    let package = try await world.package()
    let stale = try await delete(world, DeletePackageRequest(package.id, etag: "x")).status()
    #expect(stale.code == .aborted)
    let gone = try await delete(
      world, DeletePackageRequest(package.id, etag: package.etag)
    ).get().hostingPackage
    let old = UndeletePackageRequest(package.id, etag: package.etag)
    #expect(try Details(try await undelete(world, old).status()).reason == "ETAG_MISMATCH")
    _ = try await undelete(world, UndeletePackageRequest(package.id, etag: gone?.etag ?? "")).get()
  }

  @Test("the purge takes what is due, in small parts, and leaves ids alone in the change")
  func purge() async throws {
    let counting = CountingStore()
    let world = try await World(store: counting)
    var ids: [String] = []
    for number in 0..<120 {
      let package = try await world.package("app\(number)")
      if number > 0 {
        _ = try await delete(world, DeletePackageRequest(package.id)).get()
        ids.append(package.id)
      }
    }
    world.clock.advance(seconds: 30 * 86_400 - 1)
    #expect(try await world.services.purgeHostingPackages() == 0)
    world.clock.advance(seconds: 1)
    let writes = counting.writes
    #expect(try await world.services.purgeHostingPackages() == 119)
    #expect(counting.writes - writes == 119 / Limits.packagePurgeBatchRecords + 1)
    let (changes, audit) = try await world.store.read { transaction in
      _ = try AuditChain.verify(partition: "account/default", in: transaction)
      let changes = try transaction.packageChanges(
        accountID: "default", after: 120 + 119, limit: 1000)
      let audit = try transaction.auditRecords(
        partition: "account/default", after: 120 + 119, limit: 1000)
      return (changes, audit)
    }
    #expect(changes.allSatisfy { $0.kind == .purged } && changes.count == 119)
    let messages = try changes.map { try HostingPackage(decoding: $0.package) }
    #expect(messages.map(\.id) == ids)
    #expect(messages.allSatisfy { $0.accountID == "default" && $0.username.isEmpty })
    #expect(audit.map(\.resource) == ids.map { "packages/" + $0 })
    #expect(audit.allSatisfy { $0.actor == "packd" && $0.afterETag.isEmpty })
    // What it held is free again.
    _ = try await world.package("app1")
  }

  @Test("a plan cannot be deleted while a deleted package may come back to it")
  func plans() async throws {
    let world = try await World()
    let package = try await world.package()
    _ = try await delete(world, DeletePackageRequest(package.id)).get()
    let used: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(1))
    #expect(used.status().code == .failedPrecondition)
    world.clock.advance(seconds: 30 * 86_400)
    _ = try await world.services.purgeHostingPackages()
    let free: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(1))
    _ = try free.get()
  }
}
