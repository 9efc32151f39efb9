internal import Storage

extension PlanSnapshot: CachedRecord {
  var state: PlanRecord { record }
  var id: Int64 { record.id }
  var code: ExactText? { ExactText(record.code) }

  /// Nothing that belongs to a plan changes without it.
  convenience init(renewing other: PlanSnapshot) {
    self.init(other.record)
  }

  static func withOwnTexts(_ record: PlanRecord) -> PlanRecord {
    var copy = record
    copy.code = record.code.owned
    copy.name = record.name.owned
    copy.description = record.description.owned
    copy.price.currencyCode = record.price.currencyCode.owned
    if let setupFee = record.setupFee { copy.setupFee?.currencyCode = setupFee.currencyCode.owned }
    copy.features = record.features.map(\.owned)
    return copy
  }

  /// The kept encoding, which comes later, is counted from the start: it holds the same texts and
  /// numbers, and is no larger.
  static func approximateBytes(_ record: PlanRecord) -> Int {
    var bytes = MemoryLayout<PlanRecord>.size + 128
    for text in [record.code, record.name, record.description] + record.features {
      bytes += text.utf8.count + 48
    }
    return 2 * bytes
  }
}

extension PackageSnapshot: CachedRecord {
  var state: HostingPackageRecord { record }
  var id: ULID { record.id }
  var code: ExactText? { nil }

  static func withOwnTexts(_ record: HostingPackageRecord) -> HostingPackageRecord {
    var copy = record
    copy.accountID = record.accountID.owned
    copy.name = record.name.owned
    copy.domainName = record.domainName.owned
    copy.extraDomainNames = record.extraDomainNames.map(\.owned)
    copy.documentRoots = record.documentRoots.owned
    copy.planCode = record.planCode.owned
    copy.suspensions = record.suspensions.map { suspension in
      var copy = suspension
      copy.reason = suspension.reason.owned
      copy.suspendedBy = suspension.suspendedBy.owned
      return copy
    }
    copy.username = record.username.owned
    copy.stackUsers = record.stackUsers.map { user in
      StackUserRecord(
        userID: user.userID.owned, createTime: user.createTime, addedBy: user.addedBy.owned)
    }
    copy.configuration.phpVersion = record.configuration.phpVersion.owned
    copy.configuration.custom = record.configuration.custom.owned
    return copy
  }

  /// The kept encoding is counted as a plan's is, and so is the answer about the usage, whose size
  /// is always about the same.
  static func approximateBytes(_ record: HostingPackageRecord) -> Int {
    var bytes = MemoryLayout<HostingPackageRecord>.size + 512
    func count(_ text: String) { bytes += text.utf8.count + 48 }
    for text in [record.accountID, record.name, record.domainName, record.username] {
      count(text)
    }
    for text in record.extraDomainNames { count(text) }
    for map in [record.documentRoots, record.configuration.custom] {
      for (key, value) in map {
        count(key)
        count(value)
      }
    }
    for suspension in record.suspensions {
      count(suspension.reason)
      count(suspension.suspendedBy)
    }
    for user in record.stackUsers {
      count(user.userID)
      count(user.addedBy)
    }
    return 2 * bytes
  }
}

/// What an ``EntitlementSnapshot`` is made of.
struct Entitlement: Sendable {
  var purchase: PurchaseRecord
  var slots: ListingSlotCounts
}

/// What a commit makes of a user's entitlement.
enum EntitlementChange: Sendable {
  case written(Entitlement)
  /// The purchase is as it was.
  case slots(ListingSlotCounts)
  /// It has to be read.
  case unknown

  /// What both make of it, one after the other.
  func followed(by next: EntitlementChange) -> EntitlementChange {
    switch (self, next) {
    case (.written(var entitlement), .slots(let slots)):
      entitlement.slots = slots
      return .written(entitlement)
    case (.unknown, .slots): return .unknown
    default: return next
    }
  }
}

extension EntitlementSnapshot: CachedSnapshot {
  var state: Entitlement { Entitlement(purchase: record, slots: slots) }
  var id: ExactText { ExactText(record.userID) }
  var code: ExactText? { nil }

  convenience init(_ state: Entitlement) {
    self.init(state.purchase, slots: state.slots)
  }

  func changed(by change: EntitlementChange) -> EntitlementSnapshot? {
    switch change {
    case .written(let entitlement): EntitlementSnapshot(Self.withOwnTexts(entitlement))
    case .slots(let slots): EntitlementSnapshot(record, slots: slots)
    case .unknown: nil
    }
  }

  static func withOwnTexts(_ state: Entitlement) -> Entitlement {
    var copy = state
    let purchase = state.purchase
    copy.purchase.userID = purchase.userID.owned
    copy.purchase.packageName = purchase.packageName.owned
    copy.purchase.features = purchase.features.map(\.owned)
    copy.purchase.periods = purchase.periods.map { period in
      var copy = period
      copy.price.currencyCode = period.price.currencyCode.owned
      return copy
    }
    copy.purchase.transactionID = purchase.transactionID.owned
    copy.purchase.amountCharged.currencyCode = purchase.amountCharged.currencyCode.owned
    copy.purchase.credit.currencyCode = purchase.credit.currencyCode.owned
    copy.purchase.receiptNumber = purchase.receiptNumber.owned
    return copy
  }

  /// The answers are counted as a plan's encoding is: they hold the same texts and numbers.
  static func approximateBytes(_ state: Entitlement) -> Int {
    let purchase = state.purchase
    var bytes = MemoryLayout<Entitlement>.size + 384
    for text in [purchase.userID, purchase.packageName, purchase.transactionID] {
      bytes += text.utf8.count + 48
    }
    for text in purchase.features { bytes += text.utf8.count + 48 }
    bytes += purchase.periods.count * (MemoryLayout<PurchaseRecord.Period>.stride + 48)
    return 2 * bytes
  }
}

extension String {
  fileprivate var owned: String {
    var text = self
    return text.withUTF8 { String(decoding: $0, as: UTF8.self) }
  }
}

extension [String: String] {
  fileprivate var owned: [String: String] {
    var copy: [String: String] = [:]
    for (key, value) in self { copy[key.owned] = value.owned }
    return copy
  }
}
