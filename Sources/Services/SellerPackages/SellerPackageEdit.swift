internal import API
internal import Storage

/// What an UpdateSellerPackage request asks for, checked: nothing else can be wrong with it.
struct SellerPackageEdit: Sendable {
  private let fields: [SellerPackageField]
  /// Holds the values of `fields`.
  private let package: SellerPackage

  init(_ request: UpdateSellerPackageRequest, _ violations: inout Violations) {
    package = request.sellerPackage ?? SellerPackage()
    let mask = UpdateMask<SellerPackageField>(request.updateMask, &violations) { path in
      ["id", "create_time", "update_time", "etag"].contains(path) ? "is set by the server" : nil
    }
    fields = mask.fields
    guard request.sellerPackage != nil else {
      violations.add("seller_package", "is required")
      return
    }
    if package.id < 1 { violations.add("seller_package.id", "must be 1 or more") }
    violations.checkETag("seller_package.etag", package.etag)
    var scratch = SellerPackageRecord.blank
    for field in fields {
      field.copy(from: package, to: &scratch, &violations)
    }
  }

  /// The package with the edit's fields in it.
  func applied(to current: SellerPackageRecord) -> SellerPackageRecord {
    var edited = current
    // They were checked when the edit was made.
    var ignored = Violations()
    for field in fields {
      field.copy(from: package, to: &edited, &ignored)
    }
    return edited
  }
}
