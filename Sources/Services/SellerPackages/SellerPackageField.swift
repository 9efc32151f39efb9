internal import API
internal import Storage

/// A field of a seller package that clients set and may change, named as in an update mask.
enum SellerPackageField: String, CaseIterable {
  case name
  case description
  case price
  case durationDays = "duration_days"
  case listingLimit = "listing_limit"
  case features
  case isActive = "is_active"

  /// Writes the field's value into `record`, once it is checked; what is wrong with it joins
  /// `violations`.
  func copy(
    from package: SellerPackage, to record: inout SellerPackageRecord,
    _ violations: inout Violations
  ) {
    let path = "seller_package." + rawValue
    switch self {
    case .name:
      record.name = package.name
      violations.checkText(path, package.name, 1...Limits.maxSellerPackageNameCharacters)
    case .description:
      record.description = package.description
      violations.checkText(
        path, package.description, 0...Limits.maxSellerPackageDescriptionCharacters,
        hasLines: true)
    case .price:
      if let price = package.price {
        record.price = violations.checkPrice(path, price)
      } else {
        violations.add(path, "is required")
      }
    case .durationDays:
      record.durationDays = package.durationDays
      let range = Limits.sellerPackageDays
      if !range.contains(package.durationDays) {
        violations.add(path, "must be \(range.lowerBound) to \(range.upperBound)")
      }
    case .listingLimit:
      violations.checkQuota(path, package.listingLimit, to: &record.listingLimit)
    case .features:
      record.features = package.features
      violations.checkFeatures(path, package.features)
    case .isActive:
      record.isActive = package.isActive
    }
  }
}

extension SellerPackageRecord {
  /// Where every field is still to be written.
  static var blank: SellerPackageRecord {
    let time = Instant(nanosecondsSinceEpoch: 0)
    return SellerPackageRecord(
      id: 0, name: "", description: "",
      price: MoneyRecord(currencyCode: "", units: 0, nanos: 0), durationDays: 0,
      listingLimit: .limit(0), features: [], isActive: false, createTime: time, updateTime: time,
      revision: 1)
  }
}

extension Violations {
  /// An amount that can be charged: see ``MinorUnits``.
  fileprivate mutating func checkPrice(_ path: String, _ price: Money) -> MoneyRecord {
    var faults = Violations()
    let record = faults.checkMoney(path, price)
    if faults.isEmpty, MinorUnits(record) == nil {
      faults.add(
        path,
        MinorUnits.divides(record)
          ? "is too large"
          : "must be a whole number of the currency's smallest unit, such as cents")
    }
    for fault in faults.all { add(fault.field, fault.description) }
    return record
  }
}
