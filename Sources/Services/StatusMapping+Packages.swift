internal import API
internal import GRPC

extension StatusMapping {
  /// The part of the table that is about hosting packages.
  func status(for refusal: PackageRefusal) -> Status {
    switch refusal {
    case .notFound(let id):
      .detailed(
        .notFound, "Package not found", reason: "PACKAGE_NOT_FOUND",
        [Self.package("packages/" + id.cut, "Package not found")])
    case .deleted(let resource):
      failed("PACKAGE_DELETED", "The package is deleted", resource)
    case .notDeleted(let resource):
      failed("PACKAGE_NOT_DELETED", "The package is not deleted", resource)
    case .etagMismatch(let resource):
      .detailed(
        .aborted, "The etag is not current: the resource has changed", reason: "ETAG_MISMATCH",
        [Self.package(resource, "Read it again for its current etag")])
    case .domainNameTaken(let name):
      domainTaken("The domain \(name.quoted) belongs to a package", name)
    case .domainAccountConflict(let name, let above?):
      domainTaken(
        "The domain \(name.quoted) lies in \(above.quoted), which another account has", above)
    case .domainAccountConflict(let name, nil):
      domainTaken("Another account has a domain below \(name.quoted)", name)
    case .usernameTaken(let name):
      taken(
        "USERNAME_TAKEN", "The username \(name.quoted) belongs to a package",
        "usernames/\(name.cut)")
    case .accountFull(let accountID, let limit):
      exhausted(
        "PACKAGE_QUOTA_EXCEEDED", "The account has as many packages as it may: \(limit)",
        subject: "accounts/\(accountID)")
    case .limitsExceeded(let resource, let plan, let excesses):
      exceeded(
        "LIMITS_EXCEEDED", "The package uses more than plan \(plan.quoted) allows", resource,
        excesses)
    case .overuseBlocks(let resource, let excesses):
      exceeded(
        "OVERUSE_BLOCKED", "The package uses more than its plan allows", resource, excesses)
    case .resourcesAttached(let resource, let resources, let count):
      attached(resource, resources, count, "attached to the package: detach them, or force")
    case .domainsInUse(let resource, let resources, let count):
      attached(
        resource, resources, count, "attached at a domain that the package gives up: detach first")
    case .resourceLimitReached(let resource, let name, let limit):
      exhausted(
        "RESOURCE_LIMIT_EXCEEDED", "The plan's limit is reached: \(name) is \(limit)",
        subject: "\(resource)/\(name)")
    case .tooManyResources(let resource, let kind, let limit):
      exhausted(
        "RESOURCE_LIMIT_EXCEEDED",
        "The package has as many resources of kind \(kind) as it may: \(limit)",
        subject: "\(resource)/\(kind)")
    case .resourceNotFound(let id):
      missing("RESOURCE_NOT_FOUND", "Resource not found", "resources/" + id.cut)
    case .resourceTaken(let kind, let name):
      taken(
        "RESOURCE_TAKEN", "The package has a \(kind) named \(name.quoted)",
        "resources/\(name.cut)")
    case .stackUserNotFound(let userID):
      missing("STACK_USER_NOT_FOUND", "Stack user not found", "stackUsers/" + userID.cut)
    case .tooManyStackUsers(let resource, let limit):
      exhausted(
        "STACK_USER_LIMIT_EXCEEDED", "The package has as many stack users as it may: \(limit)",
        subject: "\(resource)/stack_users")
    case .scanNotFound(let resource):
      missing("SCAN_NOT_FOUND", "The package was never scanned", resource)
    case .changesCompacted: .detailed(.outOfRange, Self.compacted, reason: "CHANGES_COMPACTED")
    }
  }

  private static let compacted =
    "The changes since this resume_token are no longer kept: list, then watch anew"

  private static func package(_ resource: String, _ description: String) -> AnyMessage {
    AnyMessage(
      packing: ResourceInfo(
        resourceType: "packd.v1.HostingPackage", resourceName: resource, description: description))
  }

  private func exceeded(
    _ reason: String, _ message: String, _ resource: String,
    _ excesses: [PackageRefusal.Excess]
  ) -> Status {
    let violations = excesses.map {
      PreconditionFailure.Violation(
        type: "LIMIT_EXCEEDED", subject: "\(resource)/\($0.limitName)", description: $0.sentence)
    }
    return .detailed(
      .failedPrecondition,
      "\(message): \(excesses.map(\.sentence).joined(separator: ", "))", reason: reason,
      [AnyMessage(packing: PreconditionFailure(violations: violations))])
  }

  private func failed(_ reason: String, _ message: String, _ resource: String) -> Status {
    let violation = PreconditionFailure.Violation(
      type: reason, subject: resource, description: message)
    return .detailed(
      .failedPrecondition, message, reason: reason,
      [AnyMessage(packing: PreconditionFailure(violations: [violation]))])
  }

  private func domainTaken(_ message: String, _ name: String) -> Status {
    taken("DOMAIN_TAKEN", message, "domains/\(name.cut)")
  }

  private func taken(_ reason: String, _ message: String, _ resource: String) -> Status {
    .detailed(.alreadyExists, message, reason: reason, [Self.package(resource, message)])
  }

  private func missing(_ reason: String, _ message: String, _ resource: String) -> Status {
    .detailed(.notFound, message, reason: reason, [Self.package(resource, message)])
  }

  private func exhausted(_ reason: String, _ message: String, subject: String) -> Status {
    let violation = QuotaFailure.Violation(subject: subject, description: message)
    return .detailed(
      .resourceExhausted, message, reason: reason,
      [AnyMessage(packing: QuotaFailure(violations: [violation]))])
  }

  private func attached(
    _ resource: String, _ resources: [String], _ count: Int, _ sentenceEnd: String
  ) -> Status {
    var violations = resources.lazy
      .map { Self.attached($0, "It is attached to the package") }
      .prefix(ofBytes: Limits.maxViolationBytes)
    let leftOut = count - violations.count
    if leftOut > 0 {
      violations.append(Self.attached(resource, "\(leftOut) more are attached to the package"))
    }
    let noun = count == 1 ? "resource is" : "resources are"
    return .detailed(
      .failedPrecondition, "\(count) \(noun) \(sentenceEnd)",
      reason: "RESOURCES_ATTACHED", metadata: ["resource_count": String(count)],
      [AnyMessage(packing: PreconditionFailure(violations: violations))])
  }

  private static func attached(
    _ subject: String, _ description: String
  ) -> PreconditionFailure.Violation {
    PreconditionFailure.Violation(
      type: "RESOURCE_ATTACHED", subject: subject, description: description)
  }
}

extension PackageRefusal.Excess {
  fileprivate var sentence: String { "\(limitName) is \(limit), \(used) are used" }
}
