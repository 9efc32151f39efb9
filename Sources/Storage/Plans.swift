internal import Synchronization

/// A hosting plan at one of its versions.
package struct PlanRecord: Hashable, Sendable {
  package enum Kind: Int32, Sendable, CaseIterable {
    case shared = 1
    case reseller = 2
    case vps = 3
    case dedicated = 4
  }

  /// What follows when a package uses more than the plan allows.
  package enum Overuse: Int32, Sendable, CaseIterable {
    /// The limit is soft: whoever watches is told.
    case notify = 1
    /// Nothing more can be attached until the use is within the limit again.
    case block = 2
    /// The package is suspended.
    case suspend = 3
  }

  package var id: Int64
  /// Unique among all plans.
  package var code: String
  package var name: String
  package var description: String
  package var kind: Kind
  package var diskSpaceMB: QuotaRecord
  package var bandwidthMB: QuotaRecord
  package var emailAccounts: QuotaRecord
  package var databases: QuotaRecord
  package var price: MoneyRecord
  package var setupFee: MoneyRecord?
  package var features: [String]
  package var isActive: Bool
  package var diskSpaceOveruse: Overuse
  package var bandwidthOveruse: Overuse
  /// From 1, counted up at each update.
  package var version: Int32
  package var createTime: Instant
  package var updateTime: Instant

  package init(
    id: Int64, code: String, name: String, description: String, kind: Kind,
    diskSpaceMB: QuotaRecord, bandwidthMB: QuotaRecord, emailAccounts: QuotaRecord,
    databases: QuotaRecord, price: MoneyRecord, setupFee: MoneyRecord?, features: [String],
    isActive: Bool, diskSpaceOveruse: Overuse = .notify, bandwidthOveruse: Overuse = .notify,
    version: Int32, createTime: Instant, updateTime: Instant
  ) {
    self.id = id
    self.code = code
    self.name = name
    self.description = description
    self.kind = kind
    self.diskSpaceMB = diskSpaceMB
    self.bandwidthMB = bandwidthMB
    self.emailAccounts = emailAccounts
    self.databases = databases
    self.price = price
    self.setupFee = setupFee
    self.features = features
    self.isActive = isActive
    self.diskSpaceOveruse = diskSpaceOveruse
    self.bandwidthOveruse = bandwidthOveruse
    self.version = version
    self.createTime = createTime
    self.updateTime = updateTime
  }
}

/// A plan that nobody changes any more, to be handed around as one reference: a copy of the
/// record itself counts up each of its strings and arrays.
package final class PlanSnapshot: Sendable {
  package let record: PlanRecord
  private let getPlanResponse = AtomicLazyReference<Encoding>()

  package init(_ record: PlanRecord) {
    self.record = record
  }

  /// The encoded GetPlanResponse of the record, and of no other message: `encode` makes it at
  /// the first call, and it is kept for as long as the snapshot lives. So it is encoded once,
  /// however often the plan is asked for.
  package func getPlanResponse(_ encode: (PlanRecord) -> [UInt8]) -> [UInt8] {
    if let encoding = getPlanResponse.load() { return encoding.bytes }
    return getPlanResponse.storeIfNil(Encoding(bytes: encode(record))).bytes
  }

  private final class Encoding: Sendable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
      self.bytes = bytes
    }
  }
}

/// What names a plan.
package enum PlanKey: Hashable, Sendable {
  case id(Int64)
  case code(String)
}

/// One page of current plans: a filter, an order, and where to go on.
package struct PlanQuery: Hashable, Sendable {
  /// Ties are broken by id, so that every order is total.
  package enum Order: Int32, Sendable, CaseIterable {
    case id = 0
    /// By the name's UTF-8 bytes.
    case name = 1
    /// By currency code, units, nanos.
    case price = 2
  }

  /// The position of the last plan of the page before, in the query's order.
  package enum Cursor: Hashable, Sendable {
    case id(Int64)
    case name(String, id: Int64)
    case price(MoneyRecord, id: Int64)
  }

  /// The cursor is of another order than the query.
  package struct InvalidCursor: Error {
    package init() {}
  }

  package var kind: PlanRecord.Kind?
  package var activeOnly: Bool
  package var order: Order
  /// Strictly after this; must be of the same order.
  package var after: Cursor?
  package var limit: Int

  package init(
    kind: PlanRecord.Kind? = nil, activeOnly: Bool = false, order: Order = .id,
    after: Cursor? = nil, limit: Int
  ) {
    self.kind = kind
    self.activeOnly = activeOnly
    self.order = order
    self.after = after
    self.limit = limit
  }
}

package protocol PlanReads {
  /// The plan at its current version.
  func plan(_ key: PlanKey) throws -> PlanRecord?
  /// The plan at `version`.
  func plan(id: Int64, version: Int32) throws -> PlanRecord?
  /// Up to `query.limit` current plans.
  /// - Throws: ``PlanQuery/InvalidCursor``.
  func plans(_ query: PlanQuery) throws -> [PlanRecord]
  /// Up to `limit` versions of a plan, newest first, all below `version` when that is given.
  func planVersions(id: Int64, below version: Int32?, limit: Int) throws -> [PlanRecord]
}

package protocol PlanWrites {
  /// A fresh plan id, from 1, above every id that a plan ever had (unless the transaction is
  /// rolled back).
  /// - Throws: ``StorageError/full`` when the ids are used up.
  func nextPlanID() throws -> Int64
  /// Adds a plan and keeps it as a version.
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id or code, in this order.
  func insert(_ plan: PlanRecord) throws
  /// Replaces the current plan of that id and keeps it as a version beside all earlier ones.
  /// - Throws: ``StorageError/missing(table:)``, or `duplicate` for a taken version or code, in
  ///   this order.
  func update(_ plan: PlanRecord) throws
  /// Removes the plan and its versions.
  /// - Throws: ``StorageError/missing(table:)``.
  func deletePlan(id: Int64) throws
}
