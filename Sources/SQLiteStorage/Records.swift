internal import Storage

/// An audit record, and the id of the one before it in its chain.
struct StoredAuditRecord {
  let record: AuditRecord
  let previousID: Int64?
}

/// The end of a chain, and the id of the record there.
struct StoredAuditHead {
  let partition: String
  let id: Int64
  let head: AuditHead
}

/// How each record is laid out in its row. The order is that of the columns in `Migrations`
/// and `Query`, and may not change.
extension RowWriter {
  mutating func write(_ plan: PlanRecord) throws(StorageError) {
    try add(plan.id)
    try add(plan.code)
    try add(plan.name)
    try add(plan.description)
    try add(Int64(plan.kind.rawValue))
    try add(plan.diskSpaceMB)
    try add(plan.bandwidthMB)
    try add(plan.emailAccounts)
    try add(plan.databases)
    try add(plan.price.currencyCode)
    try add(plan.price.units)
    try add(Int64(plan.price.nanos))
    try add(plan.setupFee?.currencyCode)
    try add(plan.setupFee?.units)
    try add((plan.setupFee?.nanos).map(Int64.init))
    try add(TextList.text(plan.features))
    try add(plan.isActive ? 1 : 0 as Int64)
    try add(Int64(plan.version))
    try add(plan.createTime.nanosecondsSinceEpoch)
    try add(plan.updateTime.nanosecondsSinceEpoch)
    try add(Int64(plan.diskSpaceOveruse.rawValue))
    try add(Int64(plan.bandwidthOveruse.rawValue))
    try write()
  }

  mutating func write(_ replay: ReplayRecord) throws(StorageError) {
    try add(replay.key.caller)
    try add(replay.key.method)
    try add(replay.key.requestID)
    try add(replay.requestHash)
    try add(Int64(replay.statusCode))
    try add(replay.statusMessage)
    try add(replay.statusDetails)
    try add(replay.response)
    try add(replay.createTime.nanosecondsSinceEpoch)
    try add(replay.expireTime?.nanosecondsSinceEpoch)
    try write()
  }

  mutating func write(
    _ record: AuditRecord, id: Int64, after previousID: Int64?
  ) throws(StorageError) {
    try add(id)
    try add(previousID)
    try addFields(record)
    try write()
  }

  /// The columns that say what happened.
  mutating func addFields(_ record: AuditRecord) throws(StorageError) {
    try add(record.partition)
    try add(record.sequence)
    try add(record.actor)
    try add(record.method)
    try add(record.resource)
    try add(record.beforeETag)
    try add(record.afterETag)
    try add(record.time.nanosecondsSinceEpoch)
    try add(record.requestID)
    try add(record.previousHash)
    try add(record.hash)
  }

  mutating func write(_ head: StoredAuditHead) throws(StorageError) {
    try add(head.partition)
    try add(head.id)
    try add(head.head.sequence)
    try add(head.head.hash)
    try write()
  }

  /// `NULL` is unlimited.
  mutating func add(_ quota: QuotaRecord) throws(StorageError) {
    switch quota {
    case .limit(let limit): try add(limit)
    case .unlimited: try add(nil as Int64?)
    }
  }
}

extension RowReader {
  mutating func plan() throws(StorageError) -> PlanRecord {
    let id = int64()
    let code = text()
    let name = text()
    let description = text()
    let kind = PlanRecord.Kind(rawValue: int32())
    let quotas = (quota(), quota(), quota(), quota())
    let price = MoneyRecord(currencyCode: text(), units: int64(), nanos: int32())
    let setupFee = (optionalText(), optionalInt64(), optionalInt64())
    let features = texts()
    let isActive = int64() != 0
    let version = int32()
    let createTime = Instant(nanosecondsSinceEpoch: int64())
    let updateTime = Instant(nanosecondsSinceEpoch: int64())
    let diskSpaceOveruse = overuse()
    let bandwidthOveruse = overuse()
    try verify()
    guard let kind, let features, let diskSpaceOveruse, let bandwidthOveruse else {
      throw .damaged(path: path, reason: "a plan has a kind or features that nobody wrote")
    }
    return PlanRecord(
      id: id, code: code, name: name, description: description, kind: kind,
      diskSpaceMB: quotas.0, bandwidthMB: quotas.1, emailAccounts: quotas.2,
      databases: quotas.3, price: price, setupFee: Self.money(setupFee), features: features,
      isActive: isActive, diskSpaceOveruse: diskSpaceOveruse, bandwidthOveruse: bandwidthOveruse,
      version: version, createTime: createTime, updateTime: updateTime)
  }

  mutating func replay() throws(StorageError) -> ReplayRecord {
    let record = ReplayRecord(
      key: ReplayKey(caller: text(), method: text(), requestID: text()), requestHash: blob(),
      statusCode: int32(), statusMessage: text(), statusDetails: blob(), response: blob(),
      createTime: Instant(nanosecondsSinceEpoch: int64()),
      expireTime: optionalInt64().map(Instant.init(nanosecondsSinceEpoch:)))
    try verify()
    return record
  }

  mutating func auditRecord() throws(StorageError) -> StoredAuditRecord {
    _ = int64()
    let previousID = optionalInt64()
    let record = auditRecordFields()
    try verify()
    return StoredAuditRecord(record: record, previousID: previousID)
  }

  /// The columns that say what happened.
  mutating func auditRecordFields() -> AuditRecord {
    AuditRecord(
      partition: text(), sequence: int64(), actor: text(), method: text(), resource: text(),
      beforeETag: text(), afterETag: text(), time: Instant(nanosecondsSinceEpoch: int64()),
      requestID: text(), previousHash: blob(), hash: blob())
  }

  mutating func auditHead() throws(StorageError) -> StoredAuditHead {
    let head = StoredAuditHead(
      partition: text(), id: int64(), head: AuditHead(sequence: int64(), hash: blob()))
    try verify()
    return head
  }

  /// The value of a row that is a name and a value.
  mutating func setting() throws(StorageError) -> String {
    _ = text()
    let value = text()
    try verify()
    return value
  }

  /// The number of a row that is a name and the last number given out.
  mutating func sequence() throws(StorageError) -> Int64 {
    _ = text()
    let last = int64()
    try verify()
    return last
  }

  mutating func quota() -> QuotaRecord {
    optionalInt64().map { .limit($0) } ?? .unlimited
  }

  /// Plans of before there was a choice notify.
  private mutating func overuse() -> PlanRecord.Overuse? {
    guard let value = addedInt64() else { return .notify }
    return PlanRecord.Overuse(rawValue: Int32(truncatingIfNeeded: value))
  }

  private static func money(_ columns: (String?, Int64?, Int64?)) -> MoneyRecord? {
    guard let currencyCode = columns.0, let units = columns.1, let nanos = columns.2 else {
      return nil
    }
    return MoneyRecord(
      currencyCode: currencyCode, units: units, nanos: Int32(truncatingIfNeeded: nanos))
  }
}
