internal import Storage
internal import Testing

extension ContractCase {
  static let usage = [
    ContractCase("an event counts once for each account", eventsCountOnce),
    ContractCase("of racing inserts of one event one is new", racingEvents),
    ContractCase("events are deleted by age, the oldest first, up to a limit", eventsExpire),
    ContractCase("traffic adds up in its hour or month", trafficAddsUp),
    ContractCase("sums of traffic stay at the largest number", trafficIsBounded),
    ContractCase("hours and months are read by their beginning", trafficRanges),
    ContractCase("hours and months are deleted by age, up to a limit", trafficExpires),
    ContractCase("a scan replaces the one before, content and all", scansReplace),
    ContractCase("there is no use of a package that is not there", usageOfNobody),
    ContractCase("concurrent additions of traffic all count", additionsAllCount),
  ]

  private static func eventsCountOnce(_ store: any Store) async throws {
    let events = [
      Sample.event("", account: "", hash: 0, time: .min),
      Sample.event("a", hash: .max, time: .max), Sample.event("a", account: "other", hash: 1 << 64),
      Sample.event("e\u{301}"), Sample.event("é"), Sample.event("\0", hash: 1 << 63),
    ]
    try await store.write { transaction throws in
      for event in events { #expect(try transaction.insertIfNew(event) == nil) }
    }
    try await store.write { transaction throws in
      for event in events {
        var again = event
        again.contentHash &+= 1
        again.observedTime = Sample.at(5)
        #expect(try transaction.insertIfNew(again) == event)
        #expect(try transaction.insertIfNew(event) == event)
      }
    }
    try await store.read { transaction throws in
      for event in events {
        #expect(
          try transaction.usageEvent(accountID: event.accountID, eventID: event.eventID) == event)
      }
      #expect(try transaction.usageEvent(accountID: "default", eventID: "") == nil)
      #expect(try transaction.usageEvent(accountID: "other", eventID: "é") == nil)
    }
  }

  private static func racingEvents(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    let outcomes = await concurrently(32) { number in
      try await store.write { transaction throws in
        guard try transaction.insertIfNew(Sample.event("same", hash: UInt128(number))) == nil else {
          throw BodyFailure()
        }
        _ = try transaction.add(Sample.traffic(0), to: .hour, of: ULID(value: 1))
      }
    }
    #expect(outcomes.count { $0 == nil } == 1)
    let total = try await total(of: 1, in: store)
    #expect(total?.requests == 3)
  }

  private static func total(of id: UInt128, in store: any Store) async throws -> BandwidthRecord? {
    try await store.read {
      try $0.bandwidthTotal(
        of: ULID(value: id), .hour, from: Sample.at(0), until: Sample.at(.max))
    }
  }

  private static func eventsExpire(_ store: any Store) async throws {
    let times: [Int64] = [5, 3, 9, 1, 7, .min, 3]
    try await store.write { transaction throws in
      for (number, time) in times.enumerated() {
        _ = try transaction.insertIfNew(Sample.event("\(number)", time: time))
      }
      _ = try transaction.insertIfNew(Sample.event("0", account: "a", time: 3))
    }
    func expire(_ time: Int64, _ limit: Int) async throws -> Int {
      try await store.write {
        try $0.deleteUsageEvents(observedBefore: Sample.at(time), limit: limit)
      }
    }
    func left() async throws -> [Int] {
      try await store.read { transaction throws in
        try times.indices.filter {
          try transaction.usageEvent(accountID: "default", eventID: "\($0)") != nil
        }
      }
    }
    #expect(try await expire(.max, 0) == 0)
    #expect(try await expire(.max, -1) == 0)
    #expect(try await expire(6, 2) == 2)
    #expect(try await left() == [0, 1, 2, 4, 6])
    // Those of one time in the order of account and id.
    #expect(try await expire(6, 2) == 2)
    #expect(try await left() == [0, 2, 4, 6])
    #expect(try await expire(5, 9) == 1)
    #expect(try await left() == [0, 2, 4])
    #expect(try await expire(.max, 9) == 3)
    #expect(try await expire(.max, 9) == 0)
    // What was deleted is new again.
    #expect(try await store.write { try $0.insertIfNew(Sample.event("1")) } == nil)
  }

  private static func trafficAddsUp(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    let id = ULID(value: 1)
    try await store.write { transaction throws in
      let first = Sample.traffic(100, in: 1, out: 10, requests: 100, asOf: 50)
      #expect(try transaction.add(first, to: .hour, of: id) == first)
      let later = Sample.traffic(100, in: 2, out: 20, requests: 200, asOf: 70)
      #expect(
        try transaction.add(later, to: .hour, of: id)
          == Sample.traffic(100, in: 3, out: 30, requests: 300, asOf: 70))
      // The latest observation, not the last one.
      _ = try transaction.add(Sample.traffic(100, in: 0, out: 0, asOf: 60), to: .hour, of: id)
      // Another hour, another span, another package.
      _ = try transaction.add(Sample.traffic(101), to: .hour, of: id)
      _ = try transaction.add(Sample.traffic(100), to: .month, of: id)
      _ = try transaction.add(Sample.traffic(100), to: .hour, of: ULID(value: 2))
    }
    try await store.read { transaction throws in
      let hours = try transaction.bandwidth(
        of: id, .hour, from: Sample.at(0), until: Sample.at(.max), limit: 9)
      #expect(
        hours == [
          Sample.traffic(100, in: 3, out: 30, requests: 303, asOf: 70), Sample.traffic(101),
        ])
      let months = try transaction.bandwidth(
        of: id, .month, from: Sample.at(0), until: Sample.at(.max), limit: 9)
      #expect(months == [Sample.traffic(100)])
      let total = try transaction.bandwidthTotal(
        of: id, .hour, from: Sample.at(7), until: Sample.at(.max))
      #expect(total == Sample.traffic(7, in: 4, out: 32, requests: 306, asOf: 70))
    }
  }

  private static func trafficIsBounded(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    let id = ULID(value: 1)
    try await store.write { transaction throws in
      for start in [1, 1, 2] as [Int64] {
        let sum = try transaction.add(
          Sample.traffic(start, in: .max, out: .max - 1, requests: 1), to: .hour, of: id)
        #expect(sum.inBytes == .max)
      }
      let total = try transaction.bandwidthTotal(
        of: id, .hour, from: Sample.at(0), until: Sample.at(9))
      #expect(total == Sample.traffic(0, in: .max, out: .max, requests: 3))
    }
  }

  private static func trafficRanges(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    let id = ULID(value: 1)
    let starts: [Int64] = [.min, -5, 0, 10, 20, 30, .max]
    try await store.write { transaction throws in
      for start in starts.reversed() {
        _ = try transaction.add(Sample.traffic(start, asOf: start), to: .month, of: id)
      }
    }
    try await store.read { transaction throws in
      for (from, until, limit) in [
        (.min, .max, 99), (.min, .max, 2), (0, 30, 99), (1, 31, 99), (10, 10, 99), (10, 11, 99),
        (20, 10, 99), (.max, .max, 99), (.min, .min, 99), (0, 99, 0), (0, 99, -1),
      ] as [(Int64, Int64, Int)] {
        let expected = starts.filter { $0 >= from && $0 < until }
        let found = try transaction.bandwidth(
          of: id, .month, from: Sample.at(from), until: Sample.at(until), limit: limit)
        #expect(
          found.map(\.startTime) == expected.prefix(max(0, limit)).map { Sample.at($0) })
        let total = try transaction.bandwidthTotal(
          of: id, .month, from: Sample.at(from), until: Sample.at(until))
        let count = Int64(expected.count)
        #expect(
          total
            == expected.last.map {
              Sample.traffic(from, in: count, out: 2 * count, requests: 3 * count, asOf: $0)
            })
      }
    }
  }

  private static func trafficExpires(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    try await store.write { transaction throws in
      for id in [2, 1] as [UInt128] {
        for start in [30, 10, 20] as [Int64] {
          _ = try transaction.add(Sample.traffic(start), to: .hour, of: ULID(value: id))
          _ = try transaction.add(Sample.traffic(start), to: .month, of: ULID(value: id))
        }
      }
    }
    func expire(_ time: Int64, _ limit: Int) async throws -> Int {
      try await store.write {
        try $0.deleteBandwidth(.hour, startedBefore: Sample.at(time), limit: limit)
      }
    }
    func left(_ id: UInt128, _ span: BandwidthRecord.Span = .hour) async throws -> [Int64] {
      try await store.read {
        try $0.bandwidth(
          of: ULID(value: id), span, from: Sample.at(0), until: Sample.at(99), limit: 9)
      }.map(\.startTime.nanosecondsSinceEpoch)
    }
    #expect(try await expire(99, 0) == 0)
    #expect(try await expire(99, -1) == 0)
    #expect(try await expire(30, 1) == 1)
    #expect(try await left(1) == [20, 30])
    #expect(try await left(2) == [10, 20, 30])
    #expect(try await expire(20, 9) == 1)
    #expect(try await expire(30, 9) == 2)
    #expect(try await left(1) == [30])
    #expect(try await left(2) == [30])
    #expect(try await left(1, .month) == [10, 20, 30])
  }

  private static func scansReplace(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1), Sample.hostingPackage(2)], into: store)
    let id = ULID(value: 1)
    #expect(try await store.read { try $0.diskScan(of: id) } == nil)
    #expect(try await store.read { try $0.diskScanContent(of: id) } == nil)
    let large = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for (bytes, content) in [(0, [1, 2]), (.max, large), (7, [])] as [(Int64, [UInt8])] {
      try await store.write { try $0.setDiskScan(Sample.scan(1, bytes: bytes), content: content) }
      #expect(try await store.read { try $0.diskScan(of: id) } == Sample.scan(1, bytes: bytes))
      #expect(try await store.read { try $0.diskScanContent(of: id) } == content)
    }
    #expect(try await store.read { try $0.diskScan(of: ULID(value: 2)) } == nil)
  }

  private static func usageOfNobody(_ store: any Store) async throws {
    await #expect(throws: StorageError.hostingPackageMissing) {
      try await store.write { try $0.setDiskScan(Sample.scan(1), content: []) }
    }
    for span in BandwidthRecord.Span.allCases {
      await #expect(throws: StorageError.hostingPackageMissing) {
        try await store.write { try $0.add(Sample.traffic(1), to: span, of: ULID(value: 1)) }
      }
    }
    #expect(try await total(of: 1, in: store) == nil)
  }

  private static func additionsAllCount(_ store: any Store) async throws {
    try await insert([Sample.hostingPackage(1)], into: store)
    let outcomes = await concurrently(16) { _ in
      for _ in 1...20 {
        try await store.write {
          _ = try $0.add(Sample.traffic(4), to: .hour, of: ULID(value: 1))
        }
      }
    }
    #expect(failures(outcomes) == [])
    #expect(try await total(of: 1, in: store)?.requests == 960)
  }
}
