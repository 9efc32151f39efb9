internal import API
internal import Storage

extension AttachResourceRequest: MutatingRequest {}
extension DetachResourceRequest: MutatingRequest {}

extension PackageService {
  func listResources(
    _ request: ListResourcesRequest, _ caller: Caller
  ) async throws -> Answer<ListResourcesResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    let kind = PackageResourceRecord.Kind(rawValue: request.kind.rawValue)
    if kind == nil && request.kind != .unspecified {
      violations.add("kind", "must be one of the kinds, or unspecified")
    }
    let limit = violations.checkPageSize(request.pageSize)
    let query = PageToken.Query(
      caller.method, request.packageID, String(request.kind.rawValue))
    let after = PageToken.decode(request.pageToken, of: query, as: \.id, &violations)
    try violations.check()
    let access = PackageAccess(caller, .listResources)
    let resources = try await store.read { transaction in
      // One more than fits tells whether the page is the last one.
      try transaction.packageResources(
        of: access.package(request.packageID, in: transaction).record.id, kind: kind,
        after: after, limit: limit + 1)
    }
    let page = resources.prefix(limit)
    let token =
      resources.count > limit
      ? page.last.map { PageToken.encode(.id($0.id), of: query) } ?? "" : ""
    return Answer(
      ListResourcesResponse(
        resources: page.map { PackageResource($0) }, nextPageToken: token))
  }

  func attachResource(
    _ request: AttachResourceRequest, _ caller: Caller
  ) async throws -> Answer<AttachResourceResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    let draft = ResourceDraft(request.resource, &violations)
    request.checkRequestID(&violations)
    let access = PackageAccess(caller, .attachResource)
    if let draft, !violations.isEmpty {
      // What only the package itself can tell is told with the rest.
      let found = violations
      try await store.read { transaction in
        var violations = found
        if let package = try? access.package(request.packageID, in: transaction).record {
          draft.check(against: package, &violations)
        }
        try violations.check()
      }
    }
    try violations.check()
    guard let draft else { throw Refusal.invalidFields(violations) }
    return try await change(request.packageID, request, by: caller, with: access) {
      transaction, time in
      let package = try access.livePackage(request.packageID, in: transaction)
      var violations = Violations()
      draft.check(against: package, &violations)
      try violations.check()
      try draft.checkRoom(in: package, at: time, transaction)
      let resource = PackageResourceRecord(
        id: ids.next(at: time), packageID: package.id, kind: draft.kind, name: draft.name,
        createTime: time)
      try transaction.insert(resource)
      // What a package holds is part of it: a deletion by an etag from before must not take along
      // what its client has not seen.
      var next = package
      try next.write(.updated, at: time, in: transaction)
      return Effect(
        response: AttachResourceResponse(resource: PackageResource(resource)),
        partition: .account(package.accountID),
        resource: resource.resource(of: package), beforeETag: "",
        afterETag: resource.etag)
    }
  }

  func detachResource(
    _ request: DetachResourceRequest, _ caller: Caller
  ) async throws -> Answer<DetachResourceResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    if request.resourceID.isEmpty { violations.add("resource_id", "is required") }
    violations.checkETag("etag", request.etag)
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .detachResource)
    return try await change(request.packageID, request, by: caller, with: access) {
      transaction, time in
      let package = try access.livePackage(request.packageID, in: transaction)
      guard
        let id = PackageID.parseResource(request.resourceID),
        let resource = try transaction.packageResource(id, of: package.id)
      else { throw PackageRefusal.resourceNotFound(id: request.resourceID) }
      let name = resource.resource(of: package)
      guard request.etag.isEmpty || request.etag == resource.etag else {
        throw PackageRefusal.etagMismatch(resource: name)
      }
      try transaction.deletePackageResource(id, of: package.id)
      var next = package
      try next.write(.updated, at: time, in: transaction)
      return Effect(
        response: DetachResourceResponse(),
        partition: .account(package.accountID), resource: name,
        beforeETag: resource.etag, afterETag: "")
    }
  }
}

extension ResourceDraft {
  /// - Throws: ``PackageRefusal`` when the name is taken, the plan's policy for overuse forbids
  ///   it, or the package has as many as it may: in this order.
  fileprivate func checkRoom(
    in package: HostingPackageRecord, at time: Instant, _ transaction: any ReadTransaction
  ) throws {
    guard try transaction.packageResource(kind, named: name, of: package.id) == nil else {
      throw PackageRefusal.resourceTaken(kind: kind.name, name: name)
    }
    let plan = try package.plan(in: transaction)
    let use = try PackageUse.read(of: package.id, at: time, in: transaction)
    let excesses = use.excesses(over: plan, thatLeadTo: .block)
    guard excesses.isEmpty else {
      throw PackageRefusal.overuseBlocks(resource: package.resource, excesses)
    }
    let count = try transaction.packageResourceCount(of: package.id, kind: kind)
    if let quantity = kind.quantity, case .limit(let limit) = quantity.limit(in: plan),
      count >= limit
    {
      throw PackageRefusal.resourceLimitReached(
        resource: package.resource, limitName: quantity.limitName, limit: limit)
    }
    guard count < Limits.maxResourcesPerKind else {
      throw PackageRefusal.tooManyResources(
        resource: package.resource, kind: kind.name, limit: Limits.maxResourcesPerKind)
    }
  }
}

extension PackageResourceRecord.Kind {
  /// What plans limit it as; nil for what they do not.
  fileprivate var quantity: LimitedQuantity? {
    switch self {
    case .mailbox: .emailAccounts
    case .database: .databases
    case .sslCertificate, .backup, .subdomain: nil
    }
  }
}

extension PackageResourceRecord {
  /// Made of the id alone: a resource is never changed.
  var etag: String { ETag.text(ETag.mixed(id)) }

  /// What audit records and error details call it.
  fileprivate func resource(of package: HostingPackageRecord) -> String {
    "\(package.resource)/resources/\(PackageID.resourceText(id))"
  }
}

extension PackageResource {
  init(_ record: PackageResourceRecord) {
    self.init()
    id = PackageID.resourceText(record.id)
    packageID = PackageID.text(record.packageID)
    kind = ResourceKind(rawValue: record.kind.rawValue)
    name = record.name
    createTime = Timestamp(record.createTime)
    etag = record.etag
  }
}
