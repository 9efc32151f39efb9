internal import API
internal import Crypto
internal import Storage

/// A usage event that may be counted, if its package is there and it was not counted before.
struct UsageCandidate: Sendable {
  enum Measurement: Sendable {
    case traffic(BandwidthRecord)
    case scan(DiskScanRecord, content: [UInt8])
  }

  let event: UsageEventRecord
  let packageID: ULID
  /// Observed too long ago to be counted now; it may have been counted before.
  let isLate: Bool
  let measurement: Measurement
}

/// What is known of a usage event without looking at any record.
enum CheckedUsageEvent: Sendable {
  case candidate(UsageCandidate)
  case rejected(IngestUsageResponse)
}

/// Looks whether usage events are in order.
struct UsageEventCheck: Sendable {
  let accountID: String
  let time: Instant

  func check(_ request: IngestUsageRequest) -> CheckedUsageEvent {
    guard let event = request.event else {
      var violations = Violations()
      violations.add("event", "is required")
      return .rejected(.rejected("", violations))
    }
    var violations = Violations()
    checkID(event.eventID, &violations)
    let observed = checkTime(event.observedTime, &violations)
    let measured = Measured(event.measurement, &violations)
    guard violations.isEmpty, let observed, let measured else {
      return .rejected(.rejected(event.eventID, violations))
    }
    guard let packageID = PackageID.parse(event.packageID) else {
      return .rejected(.packageNotFound(event.eventID))
    }
    return .candidate(
      UsageCandidate(
        event: UsageEventRecord(
          accountID: accountID, eventID: event.eventID, contentHash: Self.contentHash(event),
          observedTime: observed),
        packageID: packageID,
        isLate: observed < time.adding(seconds: -Limits.maxUsageAgeSeconds),
        measurement: measured.measurement(of: packageID, at: observed)))
  }

  /// 128 bits of SHA-256 over the event as this daemon writes it: fields that it does not know
  /// do not count, nor does the order in which a client wrote the others.
  private static func contentHash(_ event: UsageEvent) -> UInt128 {
    var hash: UInt128 = 0
    for byte in SHA256.hash(data: event.encoded()).prefix(16) { hash = hash << 8 | UInt128(byte) }
    return hash
  }

  private func checkID(_ id: String, _ violations: inout Violations) {
    let isValid =
      !id.isEmpty && id.hasAtMost(Limits.maxRequestIDCharacters)
      && (id.isPlain || id.unicodeScalars.allSatisfy(\.isPrintable))
    if !isValid {
      violations.add(
        "event.event_id", "must be 1 to \(Limits.maxRequestIDCharacters) printable characters")
    }
  }

  private func checkTime(_ timestamp: Timestamp?, _ violations: inout Violations) -> Instant? {
    guard let timestamp else {
      violations.add("event.observed_time", "is required")
      return nil
    }
    guard
      Limits.timestampSeconds.contains(timestamp.seconds),
      (0..<1_000_000_000).contains(timestamp.nanos)
    else {
      violations.add("event.observed_time", "must be a time of the years 1 to 9999")
      return nil
    }
    let observed = Instant(
      secondsSinceEpoch: timestamp.seconds, nanoseconds: Int64(timestamp.nanos))
    if observed > time.adding(seconds: Limits.maxUsageAheadSeconds) {
      violations.add(
        "event.observed_time", "must be at most \(Limits.maxUsageAheadSeconds) s ahead")
      return nil
    }
    return observed
  }

  /// A measurement that is in order.
  private enum Measured {
    case delta(BandwidthDelta)
    case scan(DiskScanContent, ScanTotals)

    /// nil with a violation.
    init?(_ measurement: UsageEvent.Measurement?, _ violations: inout Violations) {
      switch measurement {
      case nil:
        violations.add("event.measurement", "must be a disk_scan or a bandwidth_delta")
        return nil
      case .bandwidthDelta(let delta):
        violations.checkUsage("event.bandwidth_delta.in_bytes", delta.inBytes)
        violations.checkUsage("event.bandwidth_delta.out_bytes", delta.outBytes)
        violations.checkUsage("event.bandwidth_delta.requests", delta.requests)
        self = .delta(delta)
      case .diskScan(let scan):
        guard let totals = DiskScanCheck.totals(of: scan, "event.disk_scan", &violations) else {
          return nil
        }
        guard let content = DiskScanContent(scan: scan) else {
          DiskScanCheck.addTooMany("event.disk_scan.directories", &violations)
          return nil
        }
        self = .scan(content, totals)
      }
    }

    func measurement(of packageID: ULID, at observed: Instant) -> UsageCandidate.Measurement {
      switch self {
      case .delta(let delta):
        .traffic(
          BandwidthRecord(
            startTime: observed, inBytes: delta.inBytes, outBytes: delta.outBytes,
            requests: delta.requests, asOf: observed))
      case .scan(let content, let totals):
        .scan(
          DiskScanRecord(
            packageID: packageID, scanTime: observed, totalBytes: totals.bytes,
            totalFiles: totals.files),
          content: content.encoded())
      }
    }
  }
}

extension String {
  /// Whether it is of ASCII's printable characters alone, which takes no table to tell.
  fileprivate var isPlain: Bool { utf8.allSatisfy { (0x20..<0x7f).contains($0) } }
}

extension Violations {
  /// How much was used.
  mutating func checkUsage(_ field: String, _ value: Int64) {
    if !(0...Limits.maxUsageNumber).contains(value) { add(field, "must be 0 to 2^50") }
  }
}

extension IngestUsageResponse {
  /// What is wrong with an event, the first few fields of it.
  static func rejected(_ eventID: String, _ violations: Violations) -> IngestUsageResponse {
    let named = violations.all.prefix(Limits.maxNamedViolations)
    var message = named.map { "\($0.field) \($0.description)" }.joined(separator: "; ")
    if violations.all.count > named.count {
      message += "; and \(violations.all.count - named.count) more"
    }
    return IngestUsageResponse(
      eventID: eventID.cutEventID, verdict: .rejected, reason: "INVALID_FIELDS", message: message)
  }

  static func packageNotFound(_ eventID: String) -> IngestUsageResponse {
    IngestUsageResponse(
      eventID: eventID.cutEventID, verdict: .rejected, reason: "PACKAGE_NOT_FOUND",
      message: "Package not found")
  }
}

extension String {
  /// As much of an event's id as comes back: one that is too long would come back as long.
  fileprivate var cutEventID: String {
    let count = Limits.maxRequestIDCharacters
    return hasAtMost(count)
      ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(count)))
  }
}
