internal import API

extension Plan {
  /// A plan that is in order.
  static func sample(code: String = "", name: String = "Shared Basic") -> Plan {
    var plan = Plan()
    plan.code = code
    plan.name = name
    plan.description = "One site."
    plan.kind = .shared
    plan.diskSpaceMB = Quota(Quota.Kind.limit(1024))
    plan.bandwidthMB = Quota(Quota.Kind.unlimited(true))
    plan.emailAccounts = Quota(Quota.Kind.limit(0))
    plan.databases = Quota(Quota.Kind.limit(3))
    plan.price = Money(currencyCode: "EUR", units: 4, nanos: 990_000_000)
    plan.setupFee = Money(currencyCode: "EUR", units: 10)
    plan.features = ["Backup", "TLS"]
    plan.isActive = true
    plan.diskSpaceOveruse = .block
    plan.bandwidthOveruse = .suspend
    return plan
  }
}

extension CreatePlanRequest {
  init(_ plan: Plan?, requestID: String = "", validateOnly: Bool = false) {
    self.init()
    self.plan = plan
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension UpdatePlanRequest {
  init(
    _ plan: Plan?, mask: [String]? = nil, requestID: String = "", validateOnly: Bool = false
  ) {
    self.init()
    self.plan = plan
    self.updateMask = mask.map { FieldMask(paths: $0) }
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension DeletePlanRequest {
  init(_ id: Int64, etag: String = "", requestID: String = "", validateOnly: Bool = false) {
    self.init()
    self.id = id
    self.etag = etag
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension World {
  /// Adds a plan and returns it as it was written.
  func create(_ plan: Plan) async throws -> Plan {
    let reply: Reply<CreatePlanResponse> = try await call(.createPlan, CreatePlanRequest(plan))
    return try reply.get().plan ?? Plan()
  }

  func get(_ id: Int64, version: Int32 = 0) async throws -> Reply<GetPlanResponse> {
    try await call(.getPlan, GetPlanRequest(plan: .id(id), version: version))
  }
}
