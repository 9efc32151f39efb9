internal import Storage

extension PlanSnapshot: CachedSnapshot {
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

extension PackageSnapshot: CachedSnapshot {
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
