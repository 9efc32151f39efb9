internal import API
internal import Storage

/// What an UpdateSellerPackage request asks for, checked: nothing else can be wrong with it.
struct SellerPackageEdit: Sendable {
  private let fields: [SellerPackageField]
  /// Holds the values of `fields`.
  private let package: SellerPackage

  init(_ request: UpdateSellerPackageRequest, _ violations: inout Violations) {
    package = request.sellerPackage ?? SellerPackage()
    fields = Self.fields(request.updateMask?.paths ?? [], &violations)
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

  /// The fields that a mask's paths name; all without a mask, or with "*".
  private static func fields(
    _ paths: [String], _ violations: inout Violations
  ) -> [SellerPackageField] {
    guard paths.count <= Limits.maxMaskPaths else {
      violations.add("update_mask", "must be at most \(Limits.maxMaskPaths) paths")
      return []
    }
    var fields: Set<SellerPackageField> = []
    var fixed: [String] = []
    var unknown: [String] = []
    for path in paths where path != "*" {
      if let field = SellerPackageField(rawValue: path) {
        fields.insert(field)
      } else if ["id", "create_time", "update_time", "etag"].contains(path) {
        if !fixed.contains(path) { fixed.append(path) }
      } else {
        unknown.append(path)
      }
    }
    for path in fixed { violations.add("update_mask", "\"\(path)\" is set by the server") }
    if let first = unknown.first {
      let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
      violations.add("update_mask", "unknown path \(first.quoted)\(more)")
    }
    let isFull = paths.isEmpty || paths.contains("*")
    return isFull
      ? SellerPackageField.allCases : SellerPackageField.allCases.filter(fields.contains)
  }
}
