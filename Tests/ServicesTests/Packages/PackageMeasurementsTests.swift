internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("PackageService disk usage")
struct PackageDiskUsageTests {
  private func scan(
    _ world: World, _ package: HostingPackage, _ paths: [String], types: [String] = []
  ) async throws {
    let id = try #require(PackageID.parse(package.id))
    let time = world.clock.time
    let scan = DiskScan(
      directories: paths.map { DirectoryUsage(path: $0, bytes: 10, files: 1) },
      fileTypes: types.enumerated().map {
        FileTypeUsage(fileType: $1, bytes: Int64($0), files: 1)
      })
    let content = try #require(DiskScanContent(scan: scan)).encoded()
    let bytes = Int64(paths.count) * 10
    let files = Int64(paths.count)
    try await world.store.write { transaction in
      try transaction.setDiskScan(
        DiskScanRecord(packageID: id, scanTime: time, totalBytes: bytes, totalFiles: files),
        content: content)
    }
  }

  private func get(
    _ world: World, _ package: HostingPackage, depth: Int32 = 64, size: Int32 = 0,
    token: String = ""
  ) async throws -> World.Reply<GetPackageDiskUsageResponse> {
    var request = GetPackageDiskUsageRequest()
    request.packageID = package.id
    request.depth = depth
    request.pageSize = size
    request.pageToken = token
    return try await world.call(.getPackageDiskUsage, request)
  }

  @Test("there is no disk usage before the first scan")
  func unscanned() async throws {
    let world = try await World()
    let package = try await world.package()
    let status = try await get(world, package).status()
    #expect(status.code == .notFound)
    #expect(try Details(status).reason == "SCAN_NOT_FOUND")
  }

  @Test("directories come with all below them, by path and to the depth that was asked for")
  func directories() async throws {
    let world = try await World()
    let package = try await world.package()
    try await scan(world, package, ["a/b/c", "a", "d"], types: ["php", "", "jpg"])
    let usage = try #require(try await get(world, package, depth: 1).get().diskUsage)
    #expect(usage.packageID == package.id)
    #expect(usage.scanTime == Timestamp(world.clock.time))
    #expect(usage.totalBytes == 30 && usage.totalFiles == 3)
    #expect(
      usage.directories == [
        DirectoryUsage(path: "", bytes: 30, files: 3),
        DirectoryUsage(path: "a", bytes: 20, files: 2),
        DirectoryUsage(path: "d", bytes: 10, files: 1),
      ])
    #expect(usage.fileTypes.map(\.fileType) == ["jpg", "", "php"])
    let home = try await get(world, package, depth: 0).get().diskUsage?.directories
    #expect(home?.map(\.path) == [""])
  }

  @Test("pages give each directory once; another scan makes their tokens invalid")
  func pages() async throws {
    let world = try await World()
    let package = try await world.package()
    try await scan(world, package, ["a/b", "c", "d/e/f"])
    var found: [String] = []
    var token = ""
    repeat {
      let page = try await get(world, package, size: 2, token: token).get()
      let directories = page.diskUsage?.directories.map(\.path) ?? []
      #expect((1...2).contains(directories.count))
      found += directories
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(found == ["", "a", "a/b", "c", "d", "d/e", "d/e/f"])
    token = try await get(world, package, size: 2).get().nextPageToken
    #expect(try await get(world, package, depth: 3, token: token).status().code == .invalidArgument)
    world.clock.advance(seconds: 1)
    try await scan(world, package, ["a/b", "c", "d/e/f"])
    let status = try await get(world, package, size: 2, token: token).status()
    #expect(try Details(status).fields == ["page_token"])
  }

  @Test("a page that has looked at enough is short and has a token; none but it goes on there")
  func shortPages() async throws {
    let world = try await World()
    let package = try await world.package()
    let below = (0..<Limits.maxWalkedDirectories).map { "a/\($0)" }
    try await scan(world, package, below + ["b"])
    let first = try await get(world, package, depth: 1).get()
    #expect(first.diskUsage?.directories.map(\.path) == ["", "a"])
    #expect(!first.nextPageToken.isEmpty)
    let last = try await get(world, package, depth: 1, token: first.nextPageToken).get()
    #expect(last.diskUsage?.directories.map(\.path) == ["b"])
    #expect(last.nextPageToken.isEmpty)
    #expect(
      try await get(world, package, depth: 2, token: first.nextPageToken).status().code
        == .invalidArgument)
    #expect(try await get(world, package, depth: 0).get().nextPageToken.isEmpty)
  }

  @Test("depth is 0 to 64; all faults are told at once")
  func violations() async throws {
    let world = try await World()
    let package = try await world.package()
    try await scan(world, package, ["a"])
    for depth in [-1, 65] as [Int32] {
      let status = try await get(world, HostingPackage(), depth: depth, size: -1).status()
      #expect(try Details(status).fields == ["depth", "package_id", "page_size"])
    }
    _ = try await get(world, package, depth: 64).get()
    let status = try await get(world, package, token: "x").status()
    #expect(try Details(status).fields == ["page_token"])
  }

  @Test("a scan that cannot be read is an internal error, and logged")
  func unreadable() async throws {
    let world = try await World()
    let package = try await world.package()
    let id = try #require(PackageID.parse(package.id))
    try await world.store.write { transaction in
      try transaction.setDiskScan(
        DiskScanRecord(
          packageID: id, scanTime: world.clock.time, totalBytes: 1, totalFiles: 1),
        content: [7])
    }
    #expect(try await get(world, package).status().code == .internal)
    #expect(world.log.lines.contains { $0.contains("UnreadableScan") })
  }
}

@Suite("PackageService bandwidth usage")
struct PackageBandwidthUsageTests {
  private func time(_ text: Int64...) -> Int64 {
    CalendarMonth(index: (text[0] - 1970) * 12 + text[1] - 1).start.secondsSinceEpoch
      + (text[2] - 1) * 86_400 + (text.count > 3 ? text[3] * 3600 : 0)
  }

  /// Adds to the hour and the month, as events do.
  private func add(
    _ world: World, _ package: HostingPackage, _ seconds: Int64, _ bytes: Int64
  ) async throws {
    let id = try #require(PackageID.parse(package.id))
    let observed = Instant(secondsSinceEpoch: seconds)
    try await world.store.write { transaction in
      let starts = [
        (BandwidthRecord.Span.hour, observed.hourStart),
        (.month, CalendarMonth(of: observed).start),
      ]
      for (span, start) in starts {
        let traffic = BandwidthRecord(
          startTime: start, inBytes: bytes, outBytes: 2 * bytes, requests: 1, asOf: observed)
        _ = try transaction.add(traffic, to: span, of: id)
      }
    }
  }

  private func get(
    _ world: World, _ package: HostingPackage, _ interval: BandwidthInterval, from start: Int64?,
    until end: Int64? = nil, size: Int32 = 0, token: String = ""
  ) async throws -> World.Reply<GetPackageBandwidthUsageResponse> {
    var request = GetPackageBandwidthUsageRequest()
    request.packageID = package.id
    request.interval = interval
    request.startTime = start.map { Timestamp(seconds: $0) }
    request.endTime = end.map { Timestamp(seconds: $0) }
    request.pageSize = size
    request.pageToken = token
    return try await world.call(.getPackageBandwidthUsage, request)
  }

  @Test("hours, days and months have the same traffic, with gaps as zeros")
  func intervals() async throws {
    let world = try await World()
    let package = try await world.package()
    for (seconds, bytes) in [
      (time(2025, 2, 28, 23) + 3599, 1), (time(2025, 3, 1), 10), (time(2025, 3, 1, 2), 100),
      (time(2025, 3, 3, 5), 1000),
    ] as [(Int64, Int64)] {
      try await add(world, package, seconds, bytes)
    }
    let hours = try #require(
      try await get(
        world, package, .hour, from: time(2025, 2, 28, 23) + 60, until: time(2025, 3, 1, 3)
      ).get().bandwidthUsage)
    #expect(hours.packageID == package.id)
    #expect(hours.buckets.map(\.inBytes) == [1, 10, 0, 100])
    #expect(hours.buckets.map(\.outBytes) == [2, 20, 0, 200])
    #expect(hours.buckets.map(\.requests) == [1, 1, 0, 1])
    #expect(
      hours.buckets.map { $0.startTime?.seconds }
        == (0..<4).map {
          time(2025, 2, 28, 23) + $0 * 3600
        })
    #expect(
      hours.total
        == BandwidthBucket(
          startTime: Timestamp(seconds: time(2025, 2, 28, 23)), inBytes: 111, outBytes: 222,
          requests: 3))
    let days = try #require(
      try await get(
        world, package, .day, from: time(2025, 2, 28, 12), until: time(2025, 3, 3, 1)
      ).get().bandwidthUsage)
    #expect(days.buckets.map(\.inBytes) == [1, 110, 0, 1000])
    #expect(days.total?.inBytes == 1111)
    let months = try #require(
      try await get(
        world, package, .month, from: time(2025, 1, 31), until: time(2025, 4, 1) + 1
      ).get().bandwidthUsage)
    #expect(months.buckets.map(\.inBytes) == [0, 1, 1110, 0])
    #expect(
      months.buckets.map { $0.startTime?.seconds } == (1...4).map { time(2025, $0, 1) })
    #expect(months.total?.inBytes == 1111)
  }

  @Test("without an end it is until now, and the bucket of now is the last")
  func untilNow() async throws {
    let world = try await World()
    let package = try await world.package()
    let now = world.clock.time.secondsSinceEpoch
    world.clock.advance(seconds: 5400)
    try await add(world, package, now + 5399, 5)
    let usage = try await get(world, package, .hour, from: now).get().bandwidthUsage
    #expect(usage?.buckets.map(\.inBytes) == [0, 5])
    #expect(usage?.total?.inBytes == 5)
  }

  @Test("a span without any traffic is zeros, and so is its total")
  func empty() async throws {
    let world = try await World()
    let package = try await world.package()
    let usage = try await get(
      world, package, .day, from: time(2025, 1, 1), until: time(2025, 1, 3)
    ).get().bandwidthUsage
    #expect(usage?.buckets.count == 2)
    #expect(
      usage?.total
        == BandwidthBucket(
          startTime: Timestamp(seconds: time(2025, 1, 1)), inBytes: 0, outBytes: 0, requests: 0))
  }

  @Test("pages give each bucket once, and each page the whole span's total")
  func pages() async throws {
    let world = try await World()
    let package = try await world.package()
    for day in 1...10 as ClosedRange<Int64> {
      try await add(world, package, time(2025, 6, day, 23), day)
    }
    for size in [1, 3, 10, 1000] as [Int32] {
      var found: [Int64] = []
      var token = ""
      repeat {
        let page = try await get(
          world, package, .day, from: time(2025, 6, 1), until: time(2025, 6, 11), size: size,
          token: token
        ).get()
        found += page.bandwidthUsage?.buckets.map(\.inBytes) ?? []
        #expect(page.bandwidthUsage?.total?.inBytes == 55)
        token = page.nextPageToken
      } while !token.isEmpty
      #expect(found == Array(1...10))
    }
  }

  @Test("a page token is good for its own query alone")
  func token() async throws {
    let world = try await World()
    let package = try await world.package()
    let (start, end) = (time(2025, 6, 1), time(2025, 7, 1))
    let token = try await get(
      world, package, .day, from: start, until: end, size: 3
    ).get().nextPageToken
    // Within the first bucket it is the same query.
    _ = try await get(world, package, .day, from: start + 5, until: end, token: token).get()
    for reply in [
      try await get(world, package, .hour, from: start, until: end, token: token),
      try await get(world, package, .day, from: start + 86_400, until: end, token: token),
      try await get(world, package, .day, from: start, until: end + 1, token: token),
      try await get(world, package, .day, from: start, token: token),
    ] {
      #expect(try Details(reply.status()).fields == ["page_token"])
    }
  }

  @Test("times, their order, the interval and the number of buckets are checked")
  func violations() async throws {
    let world = try await World()
    let package = try await world.package()
    let now = world.clock.time.secondsSinceEpoch
    func fields(
      _ interval: BandwidthInterval, _ start: Int64?, _ end: Int64?
    ) async throws -> [String] {
      let reply = try await get(world, package, interval, from: start, until: end)
      #expect(reply.status().code == .invalidArgument)
      return try Details(reply.status()).fields
    }
    #expect(try await fields(.unspecified, nil, nil) == ["interval", "start_time"])
    #expect(try await fields(BandwidthInterval(rawValue: 4), now, now + 1) == ["interval"])
    #expect(try await fields(.hour, now, now) == ["end_time"])
    #expect(try await fields(.hour, now + 1, now) == ["end_time"])
    #expect(try await fields(.hour, now, nil) == ["start_time"])
    #expect(try await fields(.hour, .max, .min) == ["end_time", "start_time"])
    #expect(try await fields(.hour, now - 100_001 * 3600, now) == ["start_time"])
    let longest = try await get(world, package, .hour, from: now - 100_000 * 3600, until: now)
    #expect(try longest.get().bandwidthUsage?.buckets.count == 50)
    let all = try await get(
      world, package, .month, from: Limits.bandwidthTimeSeconds.lowerBound,
      until: Limits.bandwidthTimeSeconds.upperBound, size: 1000)
    #expect(try all.get().bandwidthUsage?.buckets.count == 1000)
    var request = GetPackageBandwidthUsageRequest()
    request.packageID = package.id
    request.interval = .hour
    request.startTime = Timestamp(seconds: 0, nanos: -1)
    request.endTime = Timestamp(seconds: 1, nanos: 1_000_000_000)
    let reply: World.Reply<GetPackageBandwidthUsageResponse> = try await world.call(
      .getPackageBandwidthUsage, request)
    #expect(try Details(reply.status()).fields == ["end_time", "start_time"])
  }
}
