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
    let paths = PlanEdit.paths(request, &violations)
    isFull = paths.map { $0.isEmpty || $0.contains("*") } ?? false
    let named = PlanEdit.fields(paths ?? [], &violations)
    fields = isFull ? PlanField.allCases : named
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

  /// The mask's paths, empty without one; nil for a mask that is too large.
  private static func paths(
    _ request: UpdatePlanRequest, _ violations: inout Violations
  ) -> [String]? {
    let paths = request.updateMask?.paths ?? []
    guard paths.count <= Limits.maxMaskPaths else {
      violations.add("update_mask", "must be at most \(Limits.maxMaskPaths) paths")
      return nil
    }
    return paths
  }

  /// The fields that a mask's paths name.
  private static func fields(_ paths: [String], _ violations: inout Violations) -> [PlanField] {
    var fields: Set<PlanField> = []
    var fixed: [String] = []
    var unknown: [String] = []
    for path in paths where path != "*" {
      if let field = PlanField(rawValue: path) {
        fields.insert(field)
        continue
      }
      switch path {
      case "code", "id", "version", "create_time", "update_time", "etag":
        if !fixed.contains(path) { fixed.append(path) }
      default: unknown.append(path)
      }
    }
    for path in fixed {
      let reason = path == "code" ? "cannot be changed" : "is set by the server"
      violations.add("update_mask", "\"\(path)\" \(reason)")
    }
    if let first = unknown.first {
      let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
      violations.add("update_mask", "unknown path \(first.quoted)\(more)")
    }
    return PlanField.allCases.filter(fields.contains)
  }
}

extension Violations {
  mutating func checkETag(_ path: String, _ etag: String) {
    if etag.utf8.count > Limits.maxETagBytes {
      add(path, "must be an etag as it was read, or empty")
    }
  }
}
