internal import API
internal import Storage

/// What an UpdatePackage request asks for, checked as far as that goes without the package.
struct PackageEdit: Sendable {
  private let fields: [PackageField]
  /// Holds the values of `fields`.
  private let values: HostingPackageRecord
  /// Whether the request gives every field, those that are fixed too.
  private let isFull: Bool
  private let username: String

  init(_ request: UpdatePackageRequest, _ violations: inout Violations) {
    var values = HostingPackageRecord.blank()
    let package = request.hostingPackage ?? HostingPackage()
    if request.hostingPackage == nil {
      violations.add("hosting_package", "is required")
    } else {
      violations.checkPackageID("hosting_package.id", package.id)
    }
    violations.checkETag("hosting_package.etag", package.etag)
    let mask = UpdateMask<PackageField>(request.updateMask, &violations, whyFixed: Self.whyFixed)
    (fields, isFull) = (mask.fields, mask.isFull)
    username = package.username
    if request.hostingPackage != nil {
      for field in fields { field.copy(from: package, to: &values, &violations) }
    }
    self.values = values
  }

  /// The package with the edit's fields in it; what is wrong with them for this very package
  /// joins `violations`. The plan that a new type names is still to be looked up.
  func applied(
    to current: HostingPackageRecord, _ violations: inout Violations
  ) -> HostingPackageRecord {
    if isFull && !username.isEmpty && username != current.username {
      violations.add(
        "hosting_package.username", "cannot be changed: must be empty or the package's username")
    }
    var next = current
    for field in fields {
      switch field {
      case .name: next.name = values.name
      case .domainName: next.domainName = values.domainName
      case .extraDomainNames: next.extraDomainNames = values.extraDomainNames
      case .documentRoots: next.documentRoots = values.documentRoots
      case .packageType: next.planCode = values.planCode
      }
    }
    if !fields.contains(.documentRoots) {
      // A domain that goes takes its directory along.
      let domains = Set(next.heldDomainNames)
      next.documentRoots = next.documentRoots.filter { domains.contains($0.key) }
    }
    next.settle(&violations)
    return next
  }

  /// nil for what is no field of a package.
  private static func whyFixed(_ path: String) -> String? {
    switch path {
    case "username": "cannot be changed"
    case "stack_users": "is changed with AddPackageStackUser and RemovePackageStackUser"
    case "configuration": "is changed with UpdatePackageConfiguration"
    case "id", "account_id", "plan_id", "plan_version", "status", "suspensions", "create_time",
      "update_time", "delete_time", "purge_time", "etag":
      "is set by the server"
    default: nil
    }
  }
}
