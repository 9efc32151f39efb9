internal import API
internal import Storage

/// Usage events that are counted in one transaction.
struct UsageBatch: Sendable {
  let events: [CheckedUsageEvent]
  let access: PackageAccess
  let time: Instant

  /// What became of the events, in their order.
  struct Outcome: Sendable {
    var responses: [IngestUsageResponse] = []
    /// Whether the account's log of changes has grown.
    var hasChanges = false
  }

  /// Whether any of them has to be looked up.
  var needsStore: Bool {
    events.contains { if case .candidate = $0 { true } else { false } }
  }

  /// The responses when none has.
  var rejections: [IngestUsageResponse] {
    events.compactMap { if case .rejected(let response) = $0 { response } else { nil } }
  }

  /// Counts what is new. May run again: whatever it learns lives in the run.
  func count(in transaction: any WriteTransaction) throws -> Outcome {
    var run = UsageRun(access: access, time: time)
    var outcome = Outcome()
    outcome.responses.reserveCapacity(events.count)
    for event in events {
      switch event {
      case .rejected(let response): outcome.responses.append(response)
      case .candidate(let candidate):
        outcome.responses.append(try run.response(to: candidate, in: transaction))
      }
    }
    outcome.hasChanges = try run.finish(in: transaction)
    return outcome
  }
}

/// One run of a batch through its transaction: each package is looked up once, and what its
/// events add to an hour or a month is added once.
private struct UsageRun {
  private struct Bucket: Hashable {
    let packageID: ULID
    let startTime: Instant
  }

  private let access: PackageAccess
  private let time: Instant
  /// nil for one that the caller cannot see.
  private var packages: [ULID: HostingPackageRecord?] = [:]
  private var hours: [Bucket: BandwidthRecord] = [:]
  private var overuse: OveruseRule

  init(access: PackageAccess, time: Instant) {
    self.access = access
    self.time = time
    overuse = OveruseRule(time: time, method: .ingestUsage)
  }

  mutating func response(
    to candidate: UsageCandidate, in transaction: any WriteTransaction
  ) throws -> IngestUsageResponse {
    let id = candidate.event.eventID
    let package = candidate.isLate ? nil : try package(candidate.packageID, in: transaction)
    guard let package else {
      // It may have been counted when it was not late, and the package there.
      let known = try transaction.usageEvent(
        accountID: candidate.event.accountID, eventID: id)
      if let known { return repeated(candidate.event, known) }
      return candidate.isLate
        ? IngestUsageResponse(eventID: id, verdict: .late) : .packageNotFound(id)
    }
    if let known = try transaction.insertIfNew(candidate.event) {
      return repeated(candidate.event, known)
    }
    switch candidate.measurement {
    case .traffic(let traffic): add(traffic, to: package.id)
    case .scan(let scan, let content):
      try set(scan, content: content, of: package, in: transaction)
    }
    return IngestUsageResponse(eventID: id, verdict: .accepted)
  }

  private func repeated(
    _ event: UsageEventRecord, _ known: UsageEventRecord
  ) -> IngestUsageResponse {
    IngestUsageResponse(
      eventID: event.eventID,
      verdict: event.contentHash == known.contentHash ? .duplicate : .conflict)
  }

  private mutating func package(
    _ id: ULID, in transaction: any WriteTransaction
  ) throws -> HostingPackageRecord? {
    if let known = packages[id] { return known }
    let found = try transaction.hostingPackage(id)
    let package = found.flatMap { access.admits($0) ? $0.record : nil }
    packages[id] = .some(package)
    return package
  }

  private mutating func add(_ traffic: BandwidthRecord, to packageID: ULID) {
    let hour = traffic.asOf.hourStart
    var record = traffic
    record.startTime = hour
    hours[Bucket(packageID: packageID, startTime: hour), default: record.emptied].add(record)
  }

  private mutating func set(
    _ scan: DiskScanRecord, content: [UInt8], of package: HostingPackageRecord,
    in transaction: any WriteTransaction
  ) throws {
    let before = try transaction.diskScan(of: package.id)
    if let before, before.scanTime > scan.scanTime { return }
    try transaction.setDiskScan(scan, content: content)
    try overuse.noteDisk(
      of: package, before: before?.totalBytes ?? 0, after: scan.totalBytes, in: transaction)
  }

  /// Adds what was gathered; returns whether anything follows from it.
  mutating func finish(in transaction: any WriteTransaction) throws -> Bool {
    var months: [Bucket: BandwidthRecord] = [:]
    for (bucket, traffic) in hours {
      _ = try transaction.add(traffic, to: .hour, of: bucket.packageID)
      var traffic = traffic
      traffic.startTime = CalendarMonth(of: bucket.startTime).start
      let month = Bucket(packageID: bucket.packageID, startTime: traffic.startTime)
      months[month, default: traffic.emptied].add(traffic)
    }
    // In the order of ids and months, so that what follows is the same whenever the body runs.
    let order = months.sorted {
      ($0.key.packageID, $0.key.startTime) < ($1.key.packageID, $1.key.startTime)
    }
    for (bucket, traffic) in order {
      let sum = try transaction.add(traffic, to: .month, of: bucket.packageID)
      guard
        overuse.looks(at: CalendarMonth(of: bucket.startTime)),
        case let package?? = packages[bucket.packageID]
      else { continue }
      try overuse.noteBandwidth(of: package, added: traffic, sum: sum, in: transaction)
    }
    return overuse.hasChanges
  }
}

extension BandwidthRecord {
  /// Of the same time, with nothing in it.
  fileprivate var emptied: BandwidthRecord {
    BandwidthRecord(startTime: startTime, inBytes: 0, outBytes: 0, requests: 0, asOf: asOf)
  }
}
