internal import Glibc
internal import SQLiteStorage
internal import Storage

func package(_ number: Int, account: String = "default") -> HostingPackageRecord {
  let time = Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000 + Int64(number))
  return HostingPackageRecord(
    id: packageID(number), accountID: account, name: "Shop number \(number)",
    domainName: "shop-\(number).example", extraDomainNames: ["www.shop-\(number).example"],
    documentRoots: [:], planID: 1, planCode: "shared-basic", planVersion: 1, suspensions: [],
    username: "shop-\(number)",
    stackUsers: [StackUserRecord(userID: "user-\(number)", createTime: time, addedBy: "admin-1")],
    configuration: PackageConfigurationRecord(
      phpVersion: "8.4", phpMemoryLimitMB: 256, phpMaxExecutionTimeS: 30, phpUploadMaxMB: 64,
      sslEnabled: true, forceHTTPS: true, backupEnabled: true, http2Enabled: true, custom: [:],
      updateTime: time, revision: 1),
    createTime: time, updateTime: time, deleteTime: nil, purgeTime: nil, revision: 1)
}

func packageID(_ number: Int) -> ULID {
  ULID(
    milliseconds: 1_700_000_000_000 + UInt64(number),
    random: UInt128(UInt64(number) &* 0x9E37_79B9_7F4A_7C15))
}

func fill(_ store: SQLiteStore, packages count: Int) async throws {
  for start in stride(from: 0, to: count, by: 1000) {
    try await store.write { transaction in
      for number in start..<min(start + 1000, count) {
        try transaction.insert(package(number), passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$")
      }
    }
  }
}

/// CPU time of this process, or of one thread of it.
func cpuNanosecondsNow(_ clock: clockid_t = CLOCK_PROCESS_CPUTIME_ID) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func measurePackagePages(_ store: SQLiteStore, count: Int) async throws {
  for (name, before) in [("first", nil), ("last", packageID(50))] as [(String, ULID?)] {
    let query = HostingPackageQuery(accountID: "default", before: before, limit: 50)
    var times: [Double] = []
    for rounds in [1, 2000] {
      let start = cpuNanosecondsNow()
      for _ in 0..<rounds {
        let page = try await store.read { try $0.hostingPackages(query) }
        precondition(page.count == 50)
      }
      times.append(Double(cpuNanosecondsNow() - start) / Double(rounds) / 1000)
    }
    print(
      """
      page of 50 of \(count) packages, the \(name): \(fixed(times[0], 0)) us CPU from rows, \
      \(fixed(times[1], 1)) us CPU cached
      """)
  }
  // Every page of all, so that none is cached.
  var query = HostingPackageQuery(accountID: "default", limit: 50)
  var pages = 0
  let start = cpuNanosecondsNow()
  while true {
    let asked = query
    let page = try await store.read { try $0.hostingPackages(asked) }
    guard let last = page.last else { break }
    pages += 1
    query.before = last.record.id
  }
  let each = Double(cpuNanosecondsNow() - start) / Double(pages) / 1000
  print("page of 50 of \(count) packages, each of \(pages) once: \(fixed(each, 0)) us CPU")
}

func measurePackageReads(_ store: SQLiteStore) async throws {
  let ids = (0..<1000).map { packageID($0 * 7) }
  for id in ids { _ = try await store.read { try $0.hostingPackage(id) } }
  let any: any Store = store
  var hits = 0
  let rounds = 1000
  let start = nanosecondsNow()
  for _ in 0..<rounds {
    for id in ids where any.cachedHostingPackage(id) != nil { hits += 1 }
  }
  let each = Double(nanosecondsNow() - start) / Double(rounds * ids.count)
  let share = 100 * hits / (rounds * ids.count)
  print("cached package by id: \(fixed(each, 1)) ns, \(share) % hits")
  let count = 20_000
  let within = try await store.read { transaction in
    let start = cpuNanosecondsNow(CLOCK_THREAD_CPUTIME_ID)
    for number in 0..<count {
      _ = try transaction.hostingPackage(packageID(20_000 + number))
    }
    return Double(cpuNanosecondsNow(CLOCK_THREAD_CPUTIME_ID) - start) / Double(count)
  }
  print("read of one package, not cached: \(fixed(within / 1000, 1)) us CPU in a transaction")
}

/// Events of 8 clients, whose ids ascend each, in transactions of 500, with the traffic of a
/// package's hour and month added once for each package and transaction.
func measureIngest(_ store: SQLiteStore, events count: Int, path: String) async throws {
  let clients = 8
  let size = 500
  let commits = store.commitCount
  let cpu = cpuNanosecondsNow()
  let start = nanosecondsNow()
  let inserting = try await withThrowingTaskGroup(of: Int64.self) { group in
    for client in 0..<clients {
      group.addTask {
        var inserting: Int64 = 0
        for batch in 0..<count / clients / size {
          inserting += try await store.write { transaction in
            try ingest(transaction, client: client, batch: batch, size: size)
          }
        }
        return inserting
      }
    }
    return try await group.reduce(0, +)
  }
  let seconds = Double(nanosecondsNow() - start) / 1e9
  let cpuEach = Double(cpuNanosecondsNow() - cpu) / Double(count) / 1000
  let transactions = count / size
  print(
    """
    ingest: \(Int(Double(count) / seconds)) events per second, \(fixed(cpuEach, 2)) us CPU each, \
    \(Int(Double(count) / (Double(inserting) / 1e9))) insertions per second of CPU, \
    \(fixed(Double(transactions) / Double(store.commitCount - commits), 1)) transactions per \
    commit, file \(fileBytes(path) >> 20) MiB, log \(fileBytes(path + "-wal") >> 20) MiB
    """)
}

/// - Returns: how many nanoseconds of CPU time the insertions took by themselves.
private func ingest(
  _ transaction: any WriteTransaction, client: Int, batch: Int, size: Int
) throws -> Int64 {
  let time = Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000 + Int64(batch) * 1_000_000)
  let before = cpuNanosecondsNow(CLOCK_THREAD_CPUTIME_ID)
  for number in 0..<size {
    let event = UsageEventRecord(
      accountID: "default", eventID: "log-\(client)-\(100_000_000 + batch * size + number)",
      contentHash: UInt128(number) << 64 | UInt128(batch), observedTime: time)
    guard try transaction.insertIfNew(event) == nil else { continue }
  }
  let inserting = cpuNanosecondsNow(CLOCK_THREAD_CPUTIME_ID) - before
  for number in 0..<10 {
    let id = packageID((client * 100 + batch + number) % 1000)
    guard try transaction.hostingPackage(id) != nil else { continue }
    let traffic = BandwidthRecord(
      startTime: Instant(nanosecondsSinceEpoch: 0), inBytes: 1, outBytes: 1, requests: 1,
      asOf: time)
    for span in BandwidthRecord.Span.allCases {
      _ = try transaction.add(traffic, to: span, of: id)
    }
  }
  return inserting
}
