internal import Glibc
internal import SQLiteStorage
internal import Storage

/// How long each of many calls took.
struct Timings {
  /// Ascending.
  var nanoseconds: [Int64]
  var seconds: Double
  var commits: Int

  var perSecond: Double { Double(nanoseconds.count) / seconds }

  /// In nanoseconds.
  func percentile(_ percent: Int) -> Double {
    Double(nanoseconds[min(nanoseconds.count - 1, nanoseconds.count * percent / 100)])
  }

  func report(_ name: String) {
    print(
      """
      \(name): \(Int(perSecond)) per second, p50 \(fixed(percentile(50) / 1000, 0)) us, \
      p99 \(fixed(percentile(99) / 1000, 0)) us
      """)
  }
}

func nanosecondsNow() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func fixed(_ value: Double, _ digits: Int) -> String {
  let scale = pow(10, Double(digits))
  let rounded = (value * scale).rounded() / scale
  return digits == 0 ? "\(Int(rounded))" : "\(rounded)"
}

func fileBytes(_ path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : 0
}

func plan(_ id: Int64, _ prefix: String) -> PlanRecord {
  PlanRecord(
    id: id, code: "\(prefix)-plan-\(id)", name: "Shared hosting \(prefix) number \(id)",
    description: "Room for a shop, a blog and the mail of the people who run them.",
    kind: PlanRecord.Kind.allCases[Int(id % 4)], diskSpaceMB: .limit(10_000),
    bandwidthMB: .unlimited, emailAccounts: .limit(25), databases: .limit(5),
    price: MoneyRecord(currencyCode: "USD", units: 4 + id % 20 * 5, nanos: 990_000_000),
    setupFee: nil, features: ["SSL certificate", "Daily backup", "One-click installer"],
    isActive: id % 3 != 0, version: 1,
    createTime: Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000),
    updateTime: Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000))
}

func fill(_ store: SQLiteStore, plans count: Int64) async throws {
  try await store.write { transaction in
    for _ in 0..<count {
      try transaction.insert(plan(try transaction.nextPlanID(), "first"))
    }
  }
}

@Sendable func insert(_ transaction: any WriteTransaction, _ prefix: String) throws {
  try transaction.insert(plan(try transaction.nextPlanID(), prefix))
}

func insertOneByOne(_ store: SQLiteStore, count: Int) async throws -> Timings {
  var times: [Int64] = []
  let commits = store.commitCount
  let start = nanosecondsNow()
  for _ in 0..<count {
    let before = nanosecondsNow()
    try await store.write { try insert($0, "single") }
    times.append(nanosecondsNow() - before)
  }
  let seconds = Double(nanosecondsNow() - start) / 1e9
  return Timings(
    nanoseconds: times.sorted(), seconds: seconds, commits: store.commitCount - commits)
}

func insertAtOnce(_ store: SQLiteStore, callers: Int, count: Int) async throws -> Timings {
  let commits = store.commitCount
  let start = nanosecondsNow()
  let times = try await withThrowingTaskGroup(of: [Int64].self) { group in
    for _ in 0..<callers {
      group.addTask {
        var times: [Int64] = []
        for _ in 0..<count / callers {
          let before = nanosecondsNow()
          try await store.write { try insert($0, "grouped") }
          times.append(nanosecondsNow() - before)
        }
        return times
      }
    }
    var all: [Int64] = []
    for try await times in group { all += times }
    return all
  }
  let seconds = Double(nanosecondsNow() - start) / 1e9
  return Timings(
    nanoseconds: times.sorted(), seconds: seconds, commits: store.commitCount - commits)
}

func measureCachedRead(_ store: SQLiteStore) async throws {
  for id in 1...1000 as ClosedRange<Int64> { _ = try await store.read { try $0.plan(.id(id)) } }
  let any: any Store = store
  for (name, keys) in [
    ("id", (1...1000).map { PlanKey.id(Int64($0)) }),
    ("code", (1...1000).map { PlanKey.code("first-plan-\($0)") }),
  ] {
    var hits = 0
    let rounds = 2000
    let start = nanosecondsNow()
    for _ in 0..<rounds {
      for key in keys where any.cachedPlan(key) != nil { hits += 1 }
    }
    let each = Double(nanosecondsNow() - start) / Double(rounds * keys.count)
    let share = 100 * hits / (rounds * keys.count)
    print("cached plan by \(name): \(fixed(each, 1)) ns, \(share) % hits")
  }
}

func measureRead(_ store: SQLiteStore) async throws {
  let count = 20_000
  var start = nanosecondsNow()
  for number in 0..<count {
    let id = Int64(5000 + number % 5000)
    _ = try await store.read { try $0.plan(.id(id)) }
  }
  let alone = Double(nanosecondsNow() - start) / Double(count)
  start = nanosecondsNow()
  try await withThrowingTaskGroup(of: Void.self) { group in
    for caller in 0..<64 {
      group.addTask {
        for number in 0..<count / 64 {
          let id = Int64(5000 + (number * 64 + caller) % 5000)
          _ = try await store.read { try $0.plan(.id(id)) }
        }
      }
    }
    try await group.waitForAll()
  }
  let together = Double(nanosecondsNow() - start) / Double(count)
  let within = try await store.read { transaction in
    let start = nanosecondsNow()
    for number in 0..<count { _ = try transaction.plan(.id(Int64(5000 + number % 5000))) }
    return Double(nanosecondsNow() - start) / Double(count)
  }
  print(
    """
    read of one plan: \(fixed(alone / 1000, 1)) us alone, \(fixed(together / 1000, 1)) us each \
    by 64 callers, \(fixed(within / 1000, 1)) us each in one transaction
    """)
}

func measurePages(_ store: SQLiteStore) async throws {
  for order in PlanQuery.Order.allCases {
    var query = PlanQuery(kind: .vps, activeOnly: true, order: order, limit: 50)
    var first: Double = 0
    var last: Double = 0
    var pages = 0
    while true {
      let asked = query
      let start = nanosecondsNow()
      let page = try await store.read { try $0.plans(asked) }
      last = Double(nanosecondsNow() - start)
      if pages == 0 { first = last }
      pages += 1
      guard let end = page.last, page.count == query.limit else { break }
      switch order {
      case .id: query.after = .id(end.id)
      case .name: query.after = .name(end.name, id: end.id)
      case .price: query.after = .price(end.price, id: end.id)
      }
    }
    print(
      """
      page of 50 by \(order), filtered: the first \(fixed(first / 1000, 0)) us, \
      number \(pages) \(fixed(last / 1000, 0)) us
      """)
  }
}

func measureOpening(_ name: String, _ path: String) async throws {
  let bytes = fileBytes(path)
  let start = nanosecondsNow()
  let store = try SQLiteStore.open(path: path)
  let milliseconds = Double(nanosecondsNow() - start) / 1e6
  print("\(name): \(fixed(milliseconds, 1)) ms, \(fixed(Double(bytes) / 1e6, 1)) MB")
  await store.close()
}
