/// A usage event that was counted, kept so that it is not counted again.
package struct UsageEventRecord: Hashable, Sendable {
  package var accountID: String
  /// As the client chose it; unique within the account.
  package var eventID: String
  /// Tells events with the same id apart.
  package var contentHash: UInt128
  package var observedTime: Instant

  package init(accountID: String, eventID: String, contentHash: UInt128, observedTime: Instant) {
    self.accountID = accountID
    self.eventID = eventID
    self.contentHash = contentHash
    self.observedTime = observedTime
  }
}

/// The traffic of a package in one hour or one calendar month, UTC.
package struct BandwidthRecord: Hashable, Sendable {
  package enum Span: Int32, Sendable, CaseIterable {
    case hour = 1
    case month = 3
  }

  /// Where the hour or month begins.
  package var startTime: Instant
  package var inBytes: Int64
  package var outBytes: Int64
  package var requests: Int64
  /// The latest observation that counts in it.
  package var asOf: Instant

  package init(
    startTime: Instant, inBytes: Int64, outBytes: Int64, requests: Int64, asOf: Instant
  ) {
    self.startTime = startTime
    self.inBytes = inBytes
    self.outBytes = outBytes
    self.requests = requests
    self.asOf = asOf
  }

  /// Both together; a sum that does not fit stays at the largest number.
  package mutating func add(_ other: BandwidthRecord) {
    inBytes = Self.sum(inBytes, other.inBytes)
    outBytes = Self.sum(outBytes, other.outBytes)
    requests = Self.sum(requests, other.requests)
    asOf = max(asOf, other.asOf)
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}

/// The totals of a package's last full scan.
package struct DiskScanRecord: Hashable, Sendable {
  package var packageID: ULID
  package var scanTime: Instant
  package var totalBytes: Int64
  package var totalFiles: Int64

  package init(packageID: ULID, scanTime: Instant, totalBytes: Int64, totalFiles: Int64) {
    self.packageID = packageID
    self.scanTime = scanTime
    self.totalBytes = totalBytes
    self.totalFiles = totalFiles
  }
}

package protocol PackageUsageReads {
  func usageEvent(accountID: String, eventID: String) throws -> UsageEventRecord?
  /// Up to `limit` hours or months that have traffic, oldest first, that begin at `start` or later
  /// and before `end`.
  func bandwidth(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant,
    limit: Int
  ) throws -> [BandwidthRecord]
  /// Their sum, whose `startTime` is `start`; nil without any.
  func bandwidthTotal(
    of packageID: ULID, _ span: BandwidthRecord.Span, from start: Instant, until end: Instant
  ) throws -> BandwidthRecord?
  func diskScan(of packageID: ULID) throws -> DiskScanRecord?
  /// What the service kept of the scan's directories and file types, in its own encoding.
  func diskScanContent(of packageID: ULID) throws -> [UInt8]?
}

package protocol PackageUsageWrites {
  /// Adds an event unless the account has one of that id; returns that one.
  func insertIfNew(_ event: UsageEventRecord) throws -> UsageEventRecord?
  /// Deletes up to `limit` events observed before `time`, the oldest first; returns how many.
  func deleteUsageEvents(observedBefore time: Instant, limit: Int) throws -> Int
  /// Adds to the hour or month that begins at `traffic.startTime`; returns what it holds now.
  /// The package must be there: ``StorageError/missing(table:)``.
  func add(
    _ traffic: BandwidthRecord, to span: BandwidthRecord.Span, of packageID: ULID
  ) throws -> BandwidthRecord
  /// Deletes up to `limit` hours or months that began before `time`, the oldest first; returns how
  /// many.
  func deleteBandwidth(
    _ span: BandwidthRecord.Span, startedBefore time: Instant, limit: Int
  ) throws -> Int
  /// Replaces the package's scan. The package must be there: ``StorageError/missing(table:)``.
  func setDiskScan(_ scan: DiskScanRecord, content: [UInt8]) throws
}
