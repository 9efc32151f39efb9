internal import API
internal import Storage

/// The hosting plans on sale: what `packd.v1.CatalogueService` does. Reads are here, writes in
/// `CatalogueService+Writes.swift`.
struct CatalogueService: Sendable {
  let store: any Store
  let mutations: Mutations

  func listPlans(
    _ request: ListPlansRequest, _ caller: Caller
  ) async throws -> Answer<ListPlansResponse> {
    let page = try PlanPage(
      CatalogueMethod.listPlans.path, size: request.pageSize, token: request.pageToken,
      kind: request.kind,
      activeOnly: request.activeOnly, orderBy: request.orderBy)
    let (plans, token) = try await page.read(from: store)
    return Answer(ListPlansResponse(plans: plans, nextPageToken: token))
  }

  func listActivePlans(
    _ request: ListActivePlansRequest, _ caller: Caller
  ) async throws -> Answer<ListActivePlansResponse> {
    let page = try PlanPage(
      CatalogueMethod.listActivePlans.path, size: request.pageSize, token: request.pageToken,
      kind: request.kind,
      activeOnly: true, orderBy: request.orderBy)
    let (plans, token) = try await page.read(from: store)
    return Answer(ListActivePlansResponse(plans: plans, nextPageToken: token))
  }

  /// GetPlan without waiting, when the store knows the plan and the request is in order.
  func cachedPlan(_ request: GetPlanRequest) -> Answer<GetPlanResponse>? {
    guard
      let key = request.key, let plan = store.cachedPlan(key),
      request.version == 0 || request.version == plan.record.version
    else { return nil }
    let bytes = plan.getPlanResponse { GetPlanResponse(plan: Plan($0)).encoded() }
    return Answer(encoded: bytes, isReplay: false)
  }

  func getPlan(
    _ request: GetPlanRequest, _ caller: Caller
  ) async throws -> Answer<GetPlanResponse> {
    var violations = Violations()
    switch request.plan {
    case nil: violations.add("plan", "is required: set id or code")
    case .id(let id): if id < 1 { violations.add("id", "must be 1 or more") }
    case .code(let code): if code.isEmpty { violations.add("code", "must not be empty") }
    }
    if request.version < 0 { violations.add("version", "must not be negative") }
    try violations.check()
    guard let key = request.key, key.isPossible else {
      throw Refusal.planNotFound(resource: "plans")
    }
    let version = request.version
    let plan = try await store.read { transaction in
      let current = try transaction.plan(key)
      guard let current, version != 0, version != current.version else { return current }
      return try transaction.plan(id: current.id, version: version)
    }
    guard let plan else { throw Refusal.planNotFound(resource: key.resource) }
    return Answer(GetPlanResponse(plan: Plan(plan)))
  }

  func listPlanVersions(
    _ request: ListPlanVersionsRequest, _ caller: Caller
  ) async throws -> Answer<ListPlanVersionsResponse> {
    var violations = Violations()
    let id = request.planID
    if id < 1 { violations.add("plan_id", "must be 1 or more") }
    let limit = violations.checkPageSize(request.pageSize)
    let query = PageToken.Query(CatalogueMethod.listPlanVersions.path, String(id))
    let below = PageToken.decode(request.pageToken, of: query, as: \.planVersion, &violations)
    try violations.check()
    let (plans, last) = try await store.read { transaction in
      guard try transaction.plan(.id(id)) != nil else {
        throw Refusal.planNotFound(resource: PlanKey.id(id).resource)
      }
      return try Plan.page(limit: limit) { last, limit in
        try transaction.planVersions(id: id, below: last?.version ?? below, limit: limit)
      }
    }
    let token = last.map { PageToken.encode(.planVersion($0.version), of: query) } ?? ""
    return Answer(ListPlanVersionsResponse(plans: plans, nextPageToken: token))
  }
}

extension GetPlanRequest {
  /// nil for a text that is too long to be a plan's code, and so to be hashed.
  fileprivate var key: Storage.PlanKey? {
    switch plan {
    case .id(let id): .id(id)
    case .code(let code):
      code.utf8.count <= Limits.maxPlanCodeCharacters ? .code(code) : nil
    case nil: nil
    }
  }
}

extension PlanKey {
  /// Whether there may be a plan of that key at all.
  fileprivate var isPossible: Bool {
    switch self {
    case .id: true
    case .code(let code): PlanCode.isValid(code)
    }
  }

  /// What error details call it.
  fileprivate var resource: String {
    switch self {
    case .id(let id): "plans/\(id)"
    case .code(let code): "plans/\(code)"
    }
  }
}
