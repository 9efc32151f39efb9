internal import API
internal import Storage

/// A field of a plan that clients set and may change, named as in an update mask. The code is
/// none of them: it is set once.
enum PlanField: String, CaseIterable {
  case name
  case description
  case kind
  case diskSpaceMB = "disk_space_mb"
  case bandwidthMB = "bandwidth_mb"
  case emailAccounts = "email_accounts"
  case databases
  case price
  case setupFee = "setup_fee"
  case features
  case isActive = "is_active"
  case diskSpaceOveruse = "disk_space_overuse"
  case bandwidthOveruse = "bandwidth_overuse"

  /// Writes the field's value into `record`, once it is checked; what is wrong with it joins
  /// `violations`.
  func copy(from plan: Plan, to record: inout PlanRecord, _ violations: inout Violations) {
    let path = "plan." + rawValue
    switch self {
    case .name:
      record.name = plan.name
      violations.checkText(path, plan.name, 1...Limits.maxPlanNameCharacters)
    case .description:
      record.description = plan.description
      violations.checkText(
        path, plan.description, 0...Limits.maxPlanDescriptionCharacters, hasLines: true)
    case .kind:
      if let kind = PlanRecord.Kind(rawValue: plan.kind.rawValue) {
        record.kind = kind
      } else {
        violations.add(path, "must be one of the kinds")
      }
    case .diskSpaceMB: violations.checkQuota(path, plan.diskSpaceMB, to: &record.diskSpaceMB)
    case .bandwidthMB: violations.checkQuota(path, plan.bandwidthMB, to: &record.bandwidthMB)
    case .emailAccounts: violations.checkQuota(path, plan.emailAccounts, to: &record.emailAccounts)
    case .databases: violations.checkQuota(path, plan.databases, to: &record.databases)
    case .price:
      if let price = plan.price {
        record.price = violations.checkMoney(path, price)
      } else {
        violations.add(path, "is required")
      }
    case .setupFee:
      record.setupFee = plan.setupFee.map { violations.checkMoney(path, $0) }
    case .features:
      record.features = plan.features
      violations.checkFeatures(path, plan.features)
    case .isActive:
      record.isActive = plan.isActive
    case .diskSpaceOveruse:
      violations.checkOveruse(path, plan.diskSpaceOveruse, to: &record.diskSpaceOveruse)
    case .bandwidthOveruse:
      violations.checkOveruse(path, plan.bandwidthOveruse, to: &record.bandwidthOveruse)
    }
  }
}

extension PlanRecord {
  /// Where every field is still to be written.
  static func blank(at time: Instant) -> PlanRecord {
    PlanRecord(
      id: 0, code: "", name: "", description: "", kind: .shared, diskSpaceMB: .limit(0),
      bandwidthMB: .limit(0), emailAccounts: .limit(0), databases: .limit(0),
      price: MoneyRecord(currencyCode: "", units: 0, nanos: 0), setupFee: nil, features: [],
      isActive: false, version: 1, createTime: time, updateTime: time)
  }

  /// The one rule between fields: one currency for both amounts. Without a price, which is a
  /// violation of its own, there is nothing to compare with; nor are texts compared that are
  /// violations already, and of any size.
  func checkCurrencies(_ violations: inout Violations) {
    guard
      let setupFee, price.currencyCode.utf8.count == 3, setupFee.currencyCode.utf8.count == 3
    else { return }
    if setupFee.currencyCode != price.currencyCode {
      violations.add("plan.setup_fee.currency_code", "must be the currency of the price")
    }
  }
}

extension Violations {
  /// - Parameter hasLines: whether the text may have line ends and tabs, and be blank.
  mutating func checkText(
    _ path: String, _ text: String, _ range: ClosedRange<Int>, hasLines: Bool = false
  ) {
    guard text.hasAtMost(range.upperBound), range.lowerBound == 0 || !text.isEmpty else {
      let size = range.lowerBound == 0 ? "at most" : "\(range.lowerBound) to"
      add(path, "must be \(size) \(range.upperBound) characters")
      return
    }
    let scalars = text.unicodeScalars
    if !scalars.allSatisfy({ $0.isPrintable || hasLines && ($0 == "\n" || $0 == "\t") }) {
      add(path, "must be printable characters" + (hasLines ? ", line ends and tabs" : ""))
    } else if !hasLines, !text.isEmpty, scalars.allSatisfy(\.properties.isWhitespace) {
      add(path, "must not be blank")
    }
  }

  mutating func checkQuota(
    _ path: String, _ quota: Quota?, to record: inout QuotaRecord
  ) {
    switch quota?.kind {
    case nil: add(path, "is required: set limit or unlimited")
    case .limit(let limit):
      if limit < 0 { add(path + ".limit", "must not be negative") }
      record = .limit(limit)
    case .unlimited(let unlimited):
      if !unlimited { add(path + ".unlimited", "must be true, or limit be set") }
      record = .unlimited
    }
  }

  fileprivate mutating func checkOveruse(
    _ path: String, _ action: OveruseAction, to record: inout PlanRecord.Overuse
  ) {
    if action == .unspecified {
      record = .notify
    } else if let overuse = PlanRecord.Overuse(rawValue: action.rawValue) {
      record = overuse
    } else {
      add(path, "must be one of the actions, or unspecified")
    }
  }

  mutating func checkMoney(_ path: String, _ money: Money) -> MoneyRecord {
    let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
    if money.currencyCode.utf8.count != 3 || !money.currencyCode.utf8.allSatisfy(letters.contains) {
      add(path + ".currency_code", "must be three upper-case letters (ISO 4217)")
    }
    if money.units < 0 { add(path + ".units", "must not be negative") }
    if !(0...999_999_999).contains(money.nanos) {
      add(path + ".nanos", "must be 0 to 999,999,999")
    }
    return MoneyRecord(
      currencyCode: money.currencyCode, units: money.units, nanos: money.nanos)
  }

  mutating func checkFeatures(_ path: String, _ features: [String]) {
    if features.count > Limits.maxPlanFeatures {
      add(path, "must be at most \(Limits.maxPlanFeatures)")
    }
    for (index, feature) in features.prefix(Limits.maxPlanFeatures).enumerated() {
      checkText("\(path)[\(index)]", feature, 1...Limits.maxPlanFeatureCharacters)
    }
  }
}
