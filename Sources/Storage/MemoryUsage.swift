/// What a ``MemoryStore`` holds of the use of packages, in the manner of ``MemoryTables``.
final class MemoryUsage {
  struct EventKey: Hashable, Comparable {
    var accountID: ExactText
    var eventID: ExactText

    static func < (a: Self, b: Self) -> Bool {
      (a.accountID, a.eventID) < (b.accountID, b.eventID)
    }
  }

  /// Where an event stands in the order of age.
  struct EventAge: Comparable {
    var time: Instant
    var key: EventKey

    static func < (a: Self, b: Self) -> Bool { (a.time, a.key) < (b.time, b.key) }
  }

  /// The hours, or the months, of a package.
  struct BandwidthList: Hashable {
    var packageID: ULID
    var span: BandwidthRecord.Span
  }

  struct BandwidthKey: Hashable {
    var list: BandwidthList
    var startTime: Instant
  }

  /// Where an hour or month stands in the order of age.
  struct BandwidthAge: Comparable {
    var startTime: Instant
    var packageID: ULID

    static func < (a: Self, b: Self) -> Bool {
      (a.startTime, a.packageID) < (b.startTime, b.packageID)
    }
  }

  struct StoredScan {
    var record: DiskScanRecord
    var content: [UInt8]
  }

  private(set) var events: [EventKey: UsageEventRecord] = [:]
  private(set) var eventAges = SortedSet<EventAge>()
  private(set) var bandwidth: [BandwidthKey: BandwidthRecord] = [:]
  private(set) var bandwidthTimes: [BandwidthList: SortedSet<Instant>] = [:]
  private(set) var bandwidthAges: [BandwidthRecord.Span: SortedSet<BandwidthAge>] = [:]
  private(set) var scans: [ULID: StoredScan] = [:]

  func putEvent(_ key: EventKey, _ event: UsageEventRecord?) -> UsageEventRecord? {
    let old = events[key]
    if let old { eventAges.remove(EventAge(time: old.observedTime, key: key)) }
    events[key] = event
    if let event { eventAges.insert(EventAge(time: event.observedTime, key: key)) }
    return old
  }

  func putBandwidth(_ key: BandwidthKey, _ record: BandwidthRecord?) -> BandwidthRecord? {
    let old = bandwidth[key]
    bandwidth[key] = record
    guard (old == nil) != (record == nil) else { return old }
    let age = BandwidthAge(startTime: key.startTime, packageID: key.list.packageID)
    bandwidthTimes.change(key.list) { times in
      if record == nil { times.remove(key.startTime) } else { times.insert(key.startTime) }
    }
    bandwidthAges.change(key.list.span) { ages in
      if record == nil { ages.remove(age) } else { ages.insert(age) }
    }
    return old
  }

  func putScan(_ packageID: ULID, _ scan: StoredScan?) -> StoredScan? {
    let old = scans[packageID]
    scans[packageID] = scan
    return old
  }
}
