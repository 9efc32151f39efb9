internal import API
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite struct OveruseTests {
  private static let megabyte: Int64 = 1_048_576

  private func fixture(
    _ overuse: PlanRecord.Overuse, disk: QuotaRecord = .limit(10), month: QuotaRecord = .limit(10)
  ) async throws -> UsageFixture {
    var plan = Sample.plan(1)
    plan.diskSpaceMB = disk
    plan.bandwidthMB = month
    plan.diskSpaceOveruse = overuse
    plan.bandwidthOveruse = overuse
    return try await UsageFixture(plan: plan)
  }

  private func kinds(_ fixture: UsageFixture) async throws -> [PackageChangeRecord.Kind] {
    try await fixture.changes().map(\.kind)
  }

  @Test("a crossing is told once, not with every event that is over the limit")
  func notify() async throws {
    let fixture = try await fixture(.notify)
    let full = 10 * Self.megabyte
    _ = try await fixture.send([fixture.traffic("1", in: full / 2, out: full / 2)])
    #expect(try await kinds(fixture).isEmpty)
    _ = try await fixture.send([
      fixture.traffic("2", in: 1, out: 0), fixture.traffic("3", in: full, out: 0),
    ])
    _ = try await fixture.send([fixture.traffic("4", in: full, out: 0)])
    #expect(try await kinds(fixture) == [.limitExceeded])
    for (index, more) in [0, 1, 2, 0, full].enumerated() {
      _ = try await fixture.send([fixture.scan("scan-\(index)", bytes: full + more)])
    }
    #expect(try await kinds(fixture) == [.limitExceeded, .limitExceeded, .limitExceeded])
    #expect(try await fixture.record()?.suspensions == [])
    #expect(try await fixture.record()?.revision == 1)
  }

  @Test("each month is crossed anew, and one that is over is not")
  func months() async throws {
    let fixture = try await fixture(.block)
    let over = 11 * Self.megabyte
    // Into December, which it is no more.
    _ = try await fixture.send([fixture.traffic("1", in: over, ago: 1)])
    #expect(try await kinds(fixture).isEmpty)
    _ = try await fixture.send([fixture.traffic("2", in: over)])
    #expect(try await kinds(fixture) == [.limitExceeded])
    fixture.clock.advance(seconds: 31 * 86_400)
    _ = try await fixture.send([fixture.traffic("3", in: over)])
    #expect(try await kinds(fixture) == [.limitExceeded, .limitExceeded])
    #expect(try await fixture.record()?.suspensions == [])
  }

  @Test("where the plan says so, the package is suspended in the same transaction, with a record")
  func suspend() async throws {
    let fixture = try await fixture(.suspend)
    let before = try #require(try await fixture.record())
    let over = 10 * Self.megabyte + 1
    _ = try await fixture.send([
      fixture.traffic("1", in: over, out: 0), fixture.scan("2", bytes: over),
    ])
    #expect(try await kinds(fixture) == [.limitExceeded, .suspended, .limitExceeded])
    let record = try #require(try await fixture.record())
    #expect(
      record.suspensions == [
        SuspensionRecord(
          kind: .overuse, reason: "used 11 of 10 disk_space_mb", createTime: fixture.clock.time,
          suspendedBy: "packd")
      ])
    #expect(record.revision == 2)
    let account = fixture.account
    let audit = try #require(
      try await fixture.store.read {
        try $0.auditRecords(partition: "account/\(account)", after: 0, limit: 9)
      }.last)
    #expect(audit.actor == "packd")
    #expect(audit.resource == before.resource)
    #expect(audit.beforeETag == before.etag)
    #expect(audit.afterETag == record.etag)
    #expect(
      try await fixture.store.read {
        try AuditChain.verify(partition: "account/\(account)", in: $0)
      } == 1)
    // The change holds the package as it is then.
    let changes = try await fixture.changes()
    #expect(try HostingPackage(decoding: changes[1].package).suspensions.count == 1)
    #expect(try HostingPackage(decoding: changes[0].package).suspensions.isEmpty)
  }

  @Test("what is ahead of the clock counts in the month that it comes into")
  func nextMonth() async throws {
    let fixture = try await fixture(.suspend)
    fixture.clock.advance(seconds: 31 * 86_400 - 60)
    let over = 11 * Self.megabyte
    _ = try await fixture.send([fixture.traffic("1", in: over, ago: -120)])
    #expect(try await kinds(fixture) == [.limitExceeded, .suspended])
    #expect(try await fixture.record()?.suspensions.map(\.kind) == [.overuse])
    fixture.clock.advance(seconds: 120)
    _ = try await fixture.send([fixture.traffic("2", in: over)])
    #expect(try await kinds(fixture) == [.limitExceeded, .suspended])
  }

  @Test("months of one batch are looked at each for itself, in their order")
  func twoMonths() async throws {
    let fixture = try await fixture(.suspend)
    fixture.clock.advance(seconds: 31 * 86_400 - 60)
    let over = 11 * Self.megabyte
    _ = try await fixture.send([
      fixture.traffic("1", in: 2 * over, ago: -120), fixture.traffic("2", in: over, out: 0),
    ])
    #expect(try await kinds(fixture) == [.limitExceeded, .suspended, .limitExceeded])
    #expect(
      try await fixture.record()?.suspensions.map(\.reason) == ["used 11 of 10 bandwidth_mb"])
  }

  @Test("whoever lifts the suspension is not overruled until the limit is crossed anew")
  func lifted() async throws {
    let fixture = try await fixture(.suspend, disk: .unlimited)
    let over = 11 * Self.megabyte
    _ = try await fixture.send([fixture.traffic("1", in: over)])
    let package = fixture.package
    try await fixture.store.write { transaction in
      guard var record = try transaction.hostingPackage(package)?.record else { return }
      record.suspensions = []
      record.revision += 1
      try transaction.update(record)
    }
    _ = try await fixture.send([
      fixture.traffic("2", in: over), fixture.scan("3", bytes: .max >> 20),
    ])
    #expect(try await fixture.record()?.suspensions == [])
    fixture.clock.advance(seconds: 31 * 86_400)
    _ = try await fixture.send([fixture.traffic("4", in: over)])
    #expect(try await fixture.record()?.suspensions.count == 1)
  }

  @Test("a suspension of another kind stays beside it, and whoever watches is woken")
  func beside() async throws {
    let fixture = try await fixture(.suspend)
    let (package, time) = (fixture.package, fixture.clock.time)
    try await fixture.store.write { transaction in
      guard var record = try transaction.hostingPackage(package)?.record else { return }
      record.suspensions = [
        SuspensionRecord(kind: .billing, reason: "", createTime: time, suspendedBy: "7")
      ]
      try transaction.update(record)
    }
    let signals = fixture.service.feed.signals(of: fixture.account)
    fixture.service.feed.begin(fixture.account, at: 0)
    _ = try await fixture.send([fixture.scan("1", bytes: 20 * Self.megabyte)])
    var iterator = signals.makeAsyncIterator()
    #expect(await iterator.next() != nil)
    #expect(try await fixture.record()?.suspensions.map(\.kind) == [.billing, .overuse])
  }

  @Test("what a deleted package uses has no consequence")
  func deleted() async throws {
    let fixture = try await fixture(.suspend)
    let (package, time) = (fixture.package, fixture.clock.time)
    try await fixture.store.write { transaction in
      guard var record = try transaction.hostingPackage(package)?.record else { return }
      record.deleteTime = time
      record.purgeTime = time
      try transaction.update(record)
    }
    _ = try await fixture.send([fixture.scan("1", bytes: 20 * Self.megabyte)])
    #expect(try await kinds(fixture).isEmpty)
    #expect(try await fixture.record()?.suspensions == [])
  }
}
