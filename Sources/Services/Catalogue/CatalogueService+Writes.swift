internal import API
internal import Storage

extension CreatePlanRequest: MutatingRequest {}
extension UpdatePlanRequest: MutatingRequest {}
extension DeletePlanRequest: MutatingRequest {}

extension CatalogueService {
  func createPlan(
    _ request: CreatePlanRequest, _ caller: Caller
  ) async throws -> Answer<CreatePlanResponse> {
    var violations = Violations()
    let draft = CatalogueService.draft(request, &violations)
    request.checkRequestID(&violations)
    try violations.check()
    return try await mutations.run(request, by: caller) { transaction, time in
      let plan = try CatalogueService.insert(draft, at: time, in: transaction)
      return Effect(
        response: CreatePlanResponse(plan: Plan(plan)), partition: .catalogue,
        resource: plan.resource, beforeETag: "", afterETag: plan.etag)
    }
  }

  func updatePlan(
    _ request: UpdatePlanRequest, _ caller: Caller
  ) async throws -> Answer<UpdatePlanResponse> {
    var violations = Violations()
    let edit = PlanEdit(request, &violations)
    request.checkRequestID(&violations)
    let plan = request.plan ?? Plan()
    if !violations.isEmpty {
      // What only the plan itself can tell is told with the rest.
      if let current = try await store.read({ try $0.plan(.id(plan.id)) }) {
        edit.check(against: current, &violations)
      }
      try violations.check()
    }
    return try await mutations.run(request, by: caller) { transaction, time in
      let current = try CatalogueService.current(plan.id, etag: plan.etag, in: transaction)
      var violations = Violations()
      edit.check(against: current, &violations)
      try violations.check()
      var next = edit.applied(to: current)
      let (version, isBeyond) = current.version.addingReportingOverflow(1)
      guard !isBeyond else { throw Refusal.planVersionsExhausted(resource: current.resource) }
      next.version = version
      next.updateTime = time
      try transaction.update(next)
      return Effect(
        response: UpdatePlanResponse(plan: Plan(next)), partition: .catalogue,
        resource: next.resource, beforeETag: current.etag, afterETag: next.etag)
    }
  }

  func deletePlan(
    _ request: DeletePlanRequest, _ caller: Caller
  ) async throws -> Answer<DeletePlanResponse> {
    var violations = Violations()
    if request.id < 1 { violations.add("id", "must be 1 or more") }
    violations.checkETag("etag", request.etag)
    request.checkRequestID(&violations)
    try violations.check()
    return try await mutations.run(request, by: caller) { transaction, _ in
      let plan = try CatalogueService.current(request.id, etag: request.etag, in: transaction)
      let packages = try transaction.hostingPackageIDs(
        onPlan: plan.id, limit: Limits.maxPackagesLookedAtForNames)
      guard packages.isEmpty else {
        // Those of other accounts are counted, and not named.
        let access = PackageAccess(accountID: caller.principal.account, stackUser: nil)
        let named = try packages.filter { id in
          try transaction.hostingPackage(id).map { access.admits($0) } ?? false
        }
        throw Refusal.planInUse(
          resource: plan.resource,
          packages: named.prefix(Limits.maxNamedPackages).map(PackageID.text),
          count: try transaction.hostingPackageCount(onPlan: plan.id))
      }
      try transaction.deletePlan(id: plan.id)
      return Effect(
        response: DeletePlanResponse(), partition: .catalogue,
        resource: plan.resource, beforeETag: plan.etag, afterETag: "")
    }
  }

  /// The plan to be, with its code; id and times are still to be written.
  private static func draft(
    _ request: CreatePlanRequest, _ violations: inout Violations
  ) -> PlanRecord {
    var draft = PlanRecord.blank(at: Instant(nanosecondsSinceEpoch: 0))
    guard let plan = request.plan else {
      violations.add("plan", "is required")
      return draft
    }
    for field in PlanField.allCases {
      field.copy(from: plan, to: &draft, &violations)
    }
    draft.checkCurrencies(&violations)
    if !plan.code.isEmpty {
      draft.code = plan.code
      if !PlanCode.isValid(plan.code) {
        violations.add(
          "plan.code",
          "must be 1 to \(Limits.maxPlanCodeCharacters) of a-z, 0-9 and hyphen, from a letter on")
      }
    } else if !violations.contains("plan.name") {
      draft.code = PlanCode.made(from: plan.name)
      if draft.code.isEmpty {
        violations.add(
          "plan.code", "is required: the name has no letters or digits to make it from")
      }
    }
    return draft
  }

  /// Writes a new plan at version 1, and returns it.
  static func insert(
    _ draft: PlanRecord, at time: Instant, in transaction: any WriteTransaction
  ) throws -> PlanRecord {
    guard try transaction.plan(.code(draft.code)) == nil else {
      throw Refusal.planCodeTaken(code: draft.code)
    }
    var plan = draft
    plan.id = try transaction.nextPlanID()
    plan.createTime = time
    plan.updateTime = time
    try transaction.insert(plan)
    return plan
  }

  /// The plan, if it is there and an etag that is not empty is its own.
  private static func current(
    _ id: Int64, etag: String, in transaction: any WriteTransaction
  ) throws -> PlanRecord {
    guard let plan = try transaction.plan(.id(id)) else {
      throw Refusal.planNotFound(resource: "plans/\(id)")
    }
    guard etag.isEmpty || etag == plan.etag else {
      throw Refusal.etagMismatch(resource: plan.resource)
    }
    return plan
  }
}
