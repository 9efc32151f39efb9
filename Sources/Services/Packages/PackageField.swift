internal import API
internal import Storage

/// A field of a package that UpdatePackage can write, named as in an update mask.
enum PackageField: String, CaseIterable {
  case name
  case domainName = "domain_name"
  case extraDomainNames = "extra_domain_names"
  case documentRoots = "document_roots"
  case packageType = "package_type"

  /// Where the field stands in a request.
  var path: String { "hosting_package." + rawValue }

  /// Writes the field's value into `record` in the form in which it is kept; what is wrong with
  /// it joins `violations`. What the fields must be to each other, and whether the plan is there,
  /// is still to be checked.
  func copy(
    from package: HostingPackage, to record: inout HostingPackageRecord,
    _ violations: inout Violations
  ) {
    switch self {
    case .name:
      record.name = package.name
      if !package.name.isEmpty {
        violations.checkText(path, package.name, 1...Limits.maxPackageNameCharacters)
      }
    case .domainName:
      record.domainName = violations.domainName(path, package.domainName) ?? ""
    case .extraDomainNames:
      record.extraDomainNames = extraDomains(package.extraDomainNames, &violations)
    case .documentRoots:
      record.documentRoots = documentRoots(package.documentRoots, &violations)
    case .packageType:
      record.planCode = package.packageType
      if !PlanCode.isValid(package.packageType) { violations.addUnknownType() }
    }
  }

  private func extraDomains(_ names: [String], _ violations: inout Violations) -> [String] {
    guard names.count <= Limits.maxExtraDomains else {
      violations.add(path, "must be at most \(Limits.maxExtraDomains)")
      return []
    }
    // Each keeps its place, for what is still to be said of it.
    return names.enumerated().map { violations.domainName("\(path)[\($0)]", $1) ?? "" }
  }

  private func documentRoots(
    _ roots: StringMap, _ violations: inout Violations
  ) -> [String: String] {
    guard roots.count <= Limits.maxDocumentRoots else {
      violations.add(path, "must be at most one for each domain of the package")
      return [:]
    }
    var kept: [String: String] = [:]
    for (key, root) in roots.sorted {
      let entry = "\(path)[\(key.quoted)]"
      violations.checkDocumentRoot(entry, root)
      guard let domain = violations.domainName(entry, key) else { continue }
      if kept.updateValue(root, forKey: domain) != nil {
        violations.add(entry, "is a domain that has another entry")
      }
    }
    return kept
  }
}

extension Violations {
  mutating func addUnknownType() {
    add(PackageField.packageType.path, "must be the code of an active plan")
  }

  /// An id that is no package's is not found; only its absence is a fault of the request.
  mutating func checkPackageID(_ field: String, _ id: String) {
    if id.isEmpty { add(field, "is required") }
  }

  mutating func checkUserID(_ field: String, _ id: String) {
    checkText(field, id, 1...Limits.maxUserIDCharacters)
  }
}

extension HostingPackageRecord {
  /// Where every field is still to be written.
  static func blank() -> HostingPackageRecord {
    let time = Instant(nanosecondsSinceEpoch: 0)
    return HostingPackageRecord(
      id: ULID(value: 0), accountID: "", name: "", domainName: "", extraDomainNames: [],
      documentRoots: [:], planID: 0, planCode: "", planVersion: 0, suspensions: [], username: "",
      stackUsers: [],
      configuration: PackageConfigurationRecord(
        phpVersion: "", phpMemoryLimitMB: 0, phpMaxExecutionTimeS: 0, phpUploadMaxMB: 0,
        sslEnabled: false, forceHTTPS: false, backupEnabled: false, http2Enabled: false,
        custom: [:], updateTime: time, revision: 1),
      createTime: time, updateTime: time, deleteTime: nil, purgeTime: nil, revision: 1)
  }

  /// The rules between fields: each domain once, and document roots for them alone. Gives a
  /// package without a name that of its domain.
  mutating func settle(_ violations: inout Violations) {
    if name.isEmpty { name = domainName }
    var domains: Set = [domainName]
    for (index, domain) in extraDomainNames.enumerated()
    where !domain.isEmpty && !domains.insert(domain).inserted {
      violations.add(
        "\(PackageField.extraDomainNames.path)[\(index)]", "is a domain that was named before")
    }
    for domain in documentRoots.keys.sorted() where !domains.contains(domain) {
      violations.add(
        "\(PackageField.documentRoots.path)[\(domain.quoted)]",
        "must be a domain of this package")
    }
  }
}
