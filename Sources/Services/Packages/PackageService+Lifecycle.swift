internal import API
internal import Storage

extension CreatePackageRequest: MutatingRequest {
  /// Without the password, of which nothing but its Argon2id hash may be kept; and encoded anew,
  /// since encoders order a map as they like. A map that is longer than any that is kept is left
  /// out, as much work as it is to order: with such document roots the request is refused, and its
  /// configuration is ignored.
  var replayedContent: [UInt8]? {
    var request = self
    request.password = ""
    if let package = hostingPackage, !package.isOrderedQuickly {
      request.hostingPackage?.documentRoots = StringMap()
      request.hostingPackage?.configuration = nil
    }
    return request.encoded()
  }
}

extension UpdatePackageRequest: MutatingRequest {
  /// Encoded anew, since encoders order a map as they like; but not with one that is longer than
  /// any that is kept, as in ``UpdatePackageConfigurationRequest/replayedContent``.
  var replayedContent: [UInt8]? { hostingPackage?.isOrderedQuickly ?? true ? encoded() : nil }
}

extension HostingPackage {
  /// Whether its maps are short enough to be put in order by every call.
  fileprivate var isOrderedQuickly: Bool {
    documentRoots.count <= Limits.maxDocumentRoots && configuration?.isOrderedQuickly ?? true
  }
}

extension DeletePackageRequest: MutatingRequest {}
extension UndeletePackageRequest: MutatingRequest {}

extension PackageService {
  func createPackage(
    _ request: CreatePackageRequest, _ caller: Caller
  ) async throws -> Answer<CreatePackageResponse> {
    var violations = Violations()
    let draft = PackageDraft(request, settings, &violations)
    request.checkRequestID(&violations)
    if !violations.isEmpty {
      let found = violations
      try await store.read { transaction in
        var violations = found
        try draft.checkType(in: transaction, &violations)
        try violations.check()
      }
    }
    let account = caller.principal.account
    let answer: Answer<CreatePackageResponse> = try await create(
      request, by: caller,
      preparing: { try await passwordHash(for: draft, request, caller) },
      { passwordHash, transaction, time in
        let plan = try draft.plan(for: account, settings, in: transaction)
        let package = draft.package(
          ids.next(at: time), on: plan, by: caller.principal, at: time)
        // Only an answer that was kept until a moment ago leaves a package without a hash.
        guard let hash = passwordHash ?? (request.validateOnly ? "" : nil) else {
          throw StorageError.conflict
        }
        try transaction.insert(package, passwordHash: hash)
        try PackageChangeLog.append(.created, package, at: time, in: transaction)
        return Effect(
          CreatePackageResponse(hostingPackage: HostingPackage(package)), nil, package)
      })
    if answer.isReplay { try await checkPassword(of: request, caller, answeredWith: answer.bytes) }
    return answer
  }

  /// The hash to write; nil when none is needed, because nothing will be written. It takes some
  /// 20 ms of a core, which a request that is refused anyway or was answered before does not get.
  private func passwordHash(
    for draft: PackageDraft, _ request: CreatePackageRequest, _ caller: Caller
  ) async throws -> String? {
    let isNeeded = try await store.read { transaction in
      if try mutations.isAnswered(request, by: caller, in: transaction) { return false }
      _ = try draft.plan(for: caller.principal.account, settings, in: transaction)
      return !request.validateOnly
    }
    return isNeeded
      ? try await passwords.hash(request.password, of: caller.principal.account) : nil
  }

  /// A retry with another password is another request; replay records know nothing of passwords.
  private func checkPassword(
    of request: CreatePackageRequest, _ caller: Caller, answeredWith bytes: [UInt8]
  ) async throws {
    let answer = try CreatePackageResponse(decoding: bytes)
    let username = answer.hostingPackage?.username ?? ""
    let id = PackageID.parse(answer.hostingPackage?.id ?? "")
    let credentials = try await store.read { try $0.packageCredentials(username: username) }
    // Of a package that has been purged since, there is nothing left to compare with.
    guard let credentials, credentials.packageID == id else { return }
    let isSame = try await passwords.verify(
      request.password, against: credentials.passwordHash,
      for: .creation(accountID: caller.principal.account))
    guard isSame else { throw Refusal.idempotencyMismatch }
  }

  func updatePackage(
    _ request: UpdatePackageRequest, _ caller: Caller
  ) async throws -> Answer<UpdatePackageResponse> {
    var violations = Violations()
    let edit = PackageEdit(request, &violations)
    request.checkRequestID(&violations)
    let access = PackageAccess(caller, .updatePackage)
    let named = request.hostingPackage ?? HostingPackage()
    if !violations.isEmpty {
      // What only the package itself can tell is told with the rest.
      let found = violations
      try await store.read { transaction in
        var violations = found
        if let current = try? access.package(named.id, in: transaction).record {
          _ = try edit.applied(to: current, &violations, in: transaction)
        }
        try violations.check()
      }
    }
    return try await change(named.id, request, by: caller, with: access) {
      transaction, time in
      let current = try access.livePackage(named.id, etag: named.etag, in: transaction)
      var violations = Violations()
      var (next, plan) = try edit.applied(to: current, &violations, in: transaction)
      try violations.check()
      try HeldDomains(of: next, accountID: next.accountID, before: current)
        .check(in: transaction)
      try DroppedDomains(from: current, to: next).check(current, in: transaction)
      if let plan { try next.move(to: plan, at: time, in: transaction) }
      try next.write(.updated, at: time, in: transaction)
      return Effect(
        UpdatePackageResponse(hostingPackage: HostingPackage(next)), current, next)
    }
  }

  func deletePackage(
    _ request: DeletePackageRequest, _ caller: Caller
  ) async throws -> Answer<DeletePackageResponse> {
    var violations = Violations()
    violations.checkPackageID("id", request.id)
    violations.checkETag("etag", request.etag)
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .deletePackage)
    return try await change(request.id, request, by: caller, with: access) {
      transaction, time in
      let current = try access.livePackage(request.id, etag: request.etag, in: transaction)
      if request.force {
        _ = try transaction.deletePackageResources(of: current.id)
      } else {
        try current.checkResources(in: transaction)
      }
      var next = current
      next.deleteTime = time
      next.purgeTime = time.adding(seconds: settings.purgeDelaySeconds)
      try next.write(.deleted, at: time, in: transaction)
      return Effect(
        DeletePackageResponse(hostingPackage: HostingPackage(next)), current, next)
    }
  }

  func undeletePackage(
    _ request: UndeletePackageRequest, _ caller: Caller
  ) async throws -> Answer<UndeletePackageResponse> {
    var violations = Violations()
    violations.checkPackageID("id", request.id)
    violations.checkETag("etag", request.etag)
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .undeletePackage)
    return try await change(request.id, request, by: caller, with: access) {
      transaction, time in
      let current = try access.package(request.id, in: transaction).record
      guard let purgeTime = current.purgeTime else {
        throw PackageRefusal.notDeleted(resource: current.resource)
      }
      // Whether the purge has come by yet makes no difference.
      guard time < purgeTime else { throw PackageRefusal.notFound(id: request.id) }
      try current.check(etag: request.etag)
      try settings.checkRoom(in: current.accountID, transaction)
      var next = current
      next.deleteTime = nil
      next.purgeTime = nil
      try HeldDomains(of: next, accountID: next.accountID).check(in: transaction)
      try next.write(.undeleted, at: time, in: transaction)
      var overuse = OveruseRule(time: time, method: .undeletePackage)
      try overuse.noteReturn(of: next, in: transaction)
      // The audit tells of a suspension in a record of its own, from this etag on.
      return Effect(
        UndeletePackageResponse(hostingPackage: HostingPackage(overuse.result(for: next))),
        current, next)
    }
  }
}

extension PackageEdit {
  /// The package with the edit's fields in it, and the plan that it moves to, if it moves.
  fileprivate func applied(
    to current: HostingPackageRecord, _ violations: inout Violations,
    in transaction: any ReadTransaction
  ) throws -> (HostingPackageRecord, PlanRecord?) {
    let next = applied(to: current, &violations)
    // One that stays may stay on a plan that is no longer sold.
    guard next.planCode != current.planCode, PlanCode.isValid(next.planCode) else {
      return (next, nil)
    }
    let plan = try transaction.activePlan(next.planCode)
    if plan == nil { violations.addUnknownType() }
    return (next, plan)
  }
}

extension HostingPackageRecord {
  /// Puts the package on the plan's version.
  ///
  /// - Throws: ``PackageRefusal/limitsExceeded(resource:plan:_:)`` with every limit there that its
  ///   present use exceeds.
  fileprivate mutating func move(
    to plan: PlanRecord, at time: Instant, in transaction: any ReadTransaction
  ) throws {
    let use = try PackageUse.read(of: id, at: time, in: transaction)
    let excesses = use.excesses(over: plan)
    guard excesses.isEmpty else {
      throw PackageRefusal.limitsExceeded(resource: resource, plan: plan.code, excesses)
    }
    planID = plan.id
    planVersion = plan.version
  }

  /// Replaces the package of that id: counts the write, and adds it to the log of changes.
  mutating func write(
    _ kind: PackageChangeRecord.Kind, at time: Instant, in transaction: any WriteTransaction
  ) throws {
    revision += 1
    updateTime = time
    try transaction.update(self)
    try PackageChangeLog.append(kind, self, at: time, in: transaction)
  }

  /// - Throws: ``PackageRefusal/resourcesAttached(resource:resources:count:)`` when any is.
  fileprivate func checkResources(in transaction: any ReadTransaction) throws {
    let count = try PackageResourceRecord.Kind.allCases.reduce(0) {
      try $0 + transaction.packageResourceCount(of: id, kind: $1)
    }
    guard count > 0 else { return }
    let named = try transaction.packageResources(
      of: id, kind: nil, after: nil, limit: Limits.maxNamedResources)
    throw PackageRefusal.resourcesAttached(
      resource: resource, resources: named.map { "\($0.kind.name) \($0.name)" }, count: count)
  }
}

extension Effect {
  /// What was done to a package; `before` is nil for a creation.
  init(
    _ response: Response, _ before: HostingPackageRecord?, _ after: HostingPackageRecord,
    isChange: Bool = true
  ) {
    self.init(
      response: response, partition: .account(after.accountID), resource: after.resource,
      beforeETag: before?.etag ?? "", afterETag: after.etag, isChange: isChange)
  }
}
