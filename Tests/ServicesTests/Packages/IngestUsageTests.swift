internal import API
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite struct IngestUsageTests {
  private static let day: Int64 = 86_400

  @Test("traffic goes into the hour and the month that it was observed in, whenever it comes")
  func buckets() async throws {
    let fixture = try await UsageFixture()
    // It is the first moment of 2026.
    let events = [
      fixture.traffic("now"), fixture.traffic("again", in: 10), fixture.traffic("ahead", ago: -300),
      fixture.traffic("before", ago: 1), fixture.traffic("late", ago: 35 * Self.day),
    ]
    #expect(try await fixture.verdicts(events).allSatisfy { $0 == .accepted })
    let hours = try await fixture.buckets(.hour)
    #expect(hours.map(\.requests) == [1, 1, 3])
    #expect(hours.map(\.inBytes) == [1, 1, 12])
    #expect(hours.map(\.outBytes) == [2, 2, 6])
    let start = fixture.clock.time
    #expect(
      hours.map(\.startTime) == [
        start.adding(seconds: -35 * Self.day), start.adding(seconds: -3600), start,
      ])
    let months = try await fixture.buckets(.month)
    #expect(
      months.map(\.startTime) == [
        start.adding(seconds: -61 * Self.day), start.adding(seconds: -31 * Self.day), start,
      ])
    #expect(months.map(\.requests) == [1, 1, 3])
    #expect(months.last?.asOf == start.adding(seconds: 300))
  }

  @Test("an event is counted once, be it sent again in its batch, later, or with other content")
  func counting() async throws {
    let fixture = try await UsageFixture()
    let event = fixture.traffic("e")
    let other = fixture.traffic("e", in: 7)
    #expect(
      try await fixture.verdicts([event, event, other]) == [.accepted, .duplicate, .conflict])
    #expect(try await fixture.verdicts([other, event]) == [.conflict, .duplicate])
    var another = event
    another.observedTime = Timestamp(fixture.clock.time.adding(seconds: 1))
    #expect(try await fixture.verdicts([another]) == [.conflict])
    #expect(try await fixture.buckets(.month).map(\.requests) == [1])
    #expect(try await fixture.buckets(.hour).map(\.inBytes) == [1])
  }

  @Test("fields that are unknown and another order of fields are not other content")
  func encoding() async throws {
    let fixture = try await UsageFixture()
    let event = fixture.traffic("e")
    #expect(try await fixture.verdicts([event]) == [.accepted])
    // The event in two parts, the second first, and a field 15.
    let time = UsageEvent(
      eventID: "", packageID: "", observedTime: event.observedTime, measurement: nil)
    var rest = event
    rest.observedTime = nil
    let bytes = rest.encoded() + time.encoded() + [0x78, 1]
    let message = [0x0a, UInt8(bytes.count)] + bytes
    let answers = try await fixture.service.ingest([message], of: fixture.access()).responses
    #expect(answers.map(\.verdict) == [.duplicate])
  }

  @Test("what was observed more than 35 days ago is late, unless it was counted in time")
  func late() async throws {
    let fixture = try await UsageFixture()
    let event = fixture.traffic("e", ago: 35 * Self.day)
    let other = fixture.traffic("e", in: 3, ago: 35 * Self.day)
    let never = fixture.traffic("f", ago: 35 * Self.day)
    #expect(try await fixture.verdicts([event]) == [.accepted])
    fixture.clock.advance(seconds: 1)
    #expect(try await fixture.verdicts([event, other, never]) == [.duplicate, .conflict, .late])
    #expect(try await fixture.buckets(.month).map(\.requests) == [1])
  }

  @Test("packages that are not there or not the account's are not found; deleted ones count")
  func packages() async throws {
    let fixture = try await UsageFixture()
    for id in ["", "package-", "package-00000000000000000000000001", fixture.id + "0"] {
      let answers = try await fixture.send([fixture.traffic("e", of: id)])
      #expect(answers.map(\.reason) == ["PACKAGE_NOT_FOUND"])
      #expect(answers.map(\.verdict) == [.rejected])
    }
    let others = try await fixture.send([fixture.traffic("e")], account: "other")
    #expect(others.map(\.reason) == ["PACKAGE_NOT_FOUND"])
    let (package, time) = (fixture.package, fixture.clock.time)
    try await fixture.store.write { transaction in
      guard var record = try transaction.hostingPackage(package)?.record else { return }
      record.deleteTime = time
      record.purgeTime = time
      record.revision += 1
      try transaction.update(record)
    }
    // Nothing above was taken for an event of this account.
    #expect(try await fixture.verdicts([fixture.traffic("e")]) == [.accepted])
    try await fixture.store.write { try $0.purgeHostingPackage(package) }
    let answers = try await fixture.send([fixture.traffic("e"), fixture.traffic("f")])
    #expect(answers.map(\.verdict) == [.duplicate, .rejected])
  }

  @Test("each fault of an event is named, and the events around it are counted")
  func faults() async throws {
    let fixture = try await UsageFixture()
    var event = fixture.traffic(String(repeating: "x", count: 129), in: -1, out: (1 << 50) + 1)
    event.observedTime = nil
    let answers = try await fixture.send([
      fixture.traffic("a"), event, fixture.traffic("b", ago: -301), fixture.traffic("c"),
    ])
    #expect(answers.map(\.verdict) == [.accepted, .rejected, .rejected, .accepted])
    #expect(answers[1].reason == "INVALID_FIELDS")
    #expect(answers[1].eventID == String(repeating: "x", count: 128))
    for field in ["event_id", "observed_time", "in_bytes", "out_bytes"] {
      #expect(answers[1].message.contains(field))
    }
    #expect(answers[2].message.contains("event.observed_time"))
    #expect(answers.map(\.eventID)[2...] == ["b", "c"])

    var nothing = fixture.traffic("d")
    nothing.measurement = nil
    for (event, field) in [(nothing, "bandwidth_delta"), (nil, "event is required")] {
      let message = IngestUsageRequest(event: event).encoded()
      let answers = try await fixture.service.ingest([message], of: fixture.access()).responses
      #expect(answers.first?.message.contains(field) == true)
    }
    #expect(try await fixture.buckets(.month).map(\.requests) == [2])
  }

  @Test("what cannot be decoded ends the stream once all before it is counted")
  func undecodable() async throws {
    let fixture = try await UsageFixture()
    let good = IngestUsageRequest(event: fixture.traffic("a")).encoded()
    let unsent = IngestUsageRequest(event: fixture.traffic("b")).encoded()
    let ingested = try await fixture.service.ingest(
      [good, [0x0a, 5, 1], unsent], of: fixture.access())
    #expect(ingested.responses.map(\.verdict) == [.accepted])
    #expect(ingested.error is DecodingError)
    #expect(try await fixture.verdicts([fixture.traffic("b")]) == [.accepted])
  }

  @Test("a body that runs twice counts once")
  func rerun() async throws {
    let fixture = try await UsageFixture(store: RerunningStore(MemoryStore()))
    #expect(
      try await fixture.verdicts([fixture.traffic("a"), fixture.traffic("a")])
        == [.accepted, .duplicate])
    #expect(try await fixture.buckets(.month).map(\.requests) == [1])
  }

  @Test("a failing store answers nothing")
  func failure() async throws {
    let fixture = try await UsageFixture()
    let service = PackageService(
      store: FailingStore(error: StorageError.overloaded),
      mutations: fixture.service.mutations, settings: PackageSettings(),
      ids: fixture.service.ids, now: fixture.service.now, feed: fixture.service.feed,
      passwords: fixture.service.passwords, attempts: fixture.service.attempts)
    let message = IngestUsageRequest(event: fixture.traffic("a")).encoded()
    await #expect(throws: StorageError.overloaded) {
      try await service.ingest([message], of: fixture.access())
    }
  }

  @Test("a scan replaces the one before, unless that was observed later")
  func scans() async throws {
    let fixture = try await UsageFixture()
    let package = fixture.package
    func kept() async throws -> DiskScanRecord? {
      try await fixture.store.read { try $0.diskScan(of: package) }
    }
    #expect(try await fixture.verdicts([fixture.scan("a", bytes: 10, ago: 60)]) == [.accepted])
    #expect(try await kept()?.totalBytes == 10)
    #expect(try await fixture.verdicts([fixture.scan("b", bytes: 20, ago: 120)]) == [.accepted])
    #expect(try await kept()?.totalBytes == 10)
    #expect(
      try await fixture.verdicts([
        fixture.scan("c", bytes: 30, ago: 30), fixture.scan("d", bytes: 40, ago: 30),
        fixture.scan("e", bytes: 50, ago: 31),
      ]) == [.accepted, .accepted, .accepted])
    #expect(try await kept()?.totalBytes == 40)
    #expect(try await kept()?.scanTime == fixture.clock.time.adding(seconds: -30))
    let content = try #require(
      try await fixture.store.read { try $0.diskScanContent(of: package) })
    #expect(DiskScanContent(decoding: content)?.fileTypes.map(\.bytes) == [40])
  }

  @Test("what is kept for a time only is deleted when it is over, and nothing else")
  func retention() async throws {
    let fixture = try await UsageFixture()
    let retention = PackageRetention(
      store: fixture.store, settings: PackageSettings(), now: fixture.service.now)
    _ = try await fixture.send([fixture.traffic("old"), fixture.traffic("new", ago: -300)])
    try await fixture.touch()
    fixture.clock.advance(seconds: 37 * Self.day)
    #expect(try await retention.purgeExpired() == 0)
    fixture.clock.advance(seconds: 1)
    #expect(try await retention.purgeExpired() == 1)
    try await fixture.touch(2)
    fixture.clock.advance(seconds: 7 * Self.day + 1)
    // The last change stays, for the next to follow it.
    #expect(try await retention.purgeExpired() == 1 + 2)
    #expect(try await fixture.changes().map(\.sequence) == [3])
    fixture.clock.advance(seconds: 400 * Self.day)
    #expect(try await retention.purgeExpired() == 1)
    #expect(try await fixture.buckets(.hour).isEmpty)
    #expect(try await fixture.buckets(.month).count == 1)
  }
}
