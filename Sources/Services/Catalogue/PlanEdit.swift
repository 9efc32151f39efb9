internal import API
internal import Storage

/// What an UpdatePlan request asks for, checked as far as that goes without the plan itself.
struct PlanEdit: Sendable {
  private let plan: Plan
  private let fields: [PlanField]
  /// Whether the request gives every field, the code too.
  private let isFull: Bool

  init(_ request: UpdatePlanRequest, _ violations: inout Violations) {
    if request.plan == nil {
      violations.add("plan", "is required")
    } else if let id = request.plan?.id, id < 1 {
      violations.add("plan.id", "must be 1 or more")
    }
    plan = request.plan ?? Plan()
    violations.checkETag("plan.etag", request.plan?.etag ?? "")
    let mask = UpdateMask<PlanField>(request.updateMask, &violations, whyFixed: Self.whyFixed)
    (fields, isFull) = (mask.fields, mask.isFull)
    guard request.plan != nil else { return }
    var scratch = PlanRecord.blank(at: Instant(nanosecondsSinceEpoch: 0))
    for field in fields {
      field.copy(from: plan, to: &scratch, &violations)
    }
    if fields.contains(.price) && fields.contains(.setupFee) {
      scratch.checkCurrencies(&violations)
    }
  }

  /// What is wrong with the edit for this very plan.
  func check(against current: PlanRecord, _ violations: inout Violations) {
    if isFull && !plan.code.isEmpty && plan.code != current.code {
      violations.add("plan.code", "cannot be changed: must be empty or the plan's code")
    }
    if fields.contains(.price) != fields.contains(.setupFee) {
      applied(to: current).checkCurrencies(&violations)
    }
  }

  /// The plan with the edit's fields in it.
  func applied(to current: PlanRecord) -> PlanRecord {
    var edited = current
    // They were checked when the edit was made.
    var ignored = Violations()
    for field in fields {
      field.copy(from: plan, to: &edited, &ignored)
    }
    return edited
  }

  private static func whyFixed(_ path: String) -> String? {
    switch path {
    case "code": "cannot be changed"
    case "id", "version", "create_time", "update_time", "etag": "is set by the server"
    default: nil
    }
  }
}

extension Violations {
  mutating func checkETag(_ path: String, _ etag: String) {
    if etag.utf8.count > Limits.maxETagBytes {
      add(path, "must be an etag as it was read, or empty")
    }
  }
}
