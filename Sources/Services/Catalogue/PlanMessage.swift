internal import API
internal import Storage

extension Plan {
  /// The plan as clients see it. Copies no text and allocates nothing.
  init(_ record: PlanRecord) {
    self.init()
    id = record.id
    code = record.code
    name = record.name
    description = record.description
    kind = PlanKind(rawValue: record.kind.rawValue)
    diskSpaceMB = Quota(record.diskSpaceMB)
    bandwidthMB = Quota(record.bandwidthMB)
    emailAccounts = Quota(record.emailAccounts)
    databases = Quota(record.databases)
    price = Money(record.price)
    setupFee = record.setupFee.map { Money($0) }
    features = record.features
    isActive = record.isActive
    diskSpaceOveruse = OveruseAction(rawValue: record.diskSpaceOveruse.rawValue)
    bandwidthOveruse = OveruseAction(rawValue: record.bandwidthOveruse.rawValue)
    version = record.version
    createTime = Timestamp(record.createTime)
    updateTime = Timestamp(record.updateTime)
    etag = record.etag
  }
}

extension PlanRecord {
  /// Made of id and version alone.
  var etag: String {
    ETag.text(ETag.mixed(UInt64(bitPattern: id)) &+ UInt64(UInt32(bitPattern: version)))
  }

  /// What audit records and error details call it.
  var resource: String { "plans/\(id)" }
}

extension Quota {
  init(_ record: QuotaRecord) {
    switch record {
    case .limit(let limit): self.init(Kind.limit(limit))
    case .unlimited: self.init(Kind.unlimited(true))
    }
  }
}

extension Money {
  init(_ record: MoneyRecord) {
    self.init(currencyCode: record.currencyCode, units: record.units, nanos: record.nanos)
  }
}

extension Timestamp {
  init(_ instant: Instant) {
    var (seconds, nanos) = instant.nanosecondsSinceEpoch.quotientAndRemainder(
      dividingBy: 1_000_000_000)
    // Before 1970, too, nanos count forward.
    if nanos < 0 {
      nanos += 1_000_000_000
      seconds -= 1
    }
    self.init(seconds: seconds, nanos: Int32(truncatingIfNeeded: nanos))
  }
}
