internal import API

/// Which fields an update is about, in the order of their declaration.
struct UpdateMask<Field: CaseIterable & RawRepresentable & Hashable>
where Field.RawValue == String {
  let fields: [Field]
  /// Whether they are all meant, those too that no client can change: without a mask, or with "*".
  let isFull: Bool

  /// - Parameter whyFixed: what is to be said of a field that no client can change with it; nil for
  ///   what is no field.
  init(
    _ mask: FieldMask?, _ violations: inout Violations, whyFixed: (_ path: String) -> String?
  ) {
    let paths = mask?.paths ?? []
    guard paths.count <= Limits.maxMaskPaths else {
      violations.add("update_mask", "must be at most \(Limits.maxMaskPaths) paths")
      (fields, isFull) = ([], false)
      return
    }
    var named: Set<Field> = []
    var refusals: [String] = []
    var unknown: [String] = []
    for path in paths where path != "*" {
      if let field = Field(rawValue: path) {
        named.insert(field)
      } else if let reason = whyFixed(path) {
        let refusal = "\"\(path)\" \(reason)"
        if !refusals.contains(refusal) { refusals.append(refusal) }
      } else {
        unknown.append(path)
      }
    }
    for refusal in refusals { violations.add("update_mask", refusal) }
    if let first = unknown.first {
      let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
      violations.add("update_mask", "unknown path \(first.quoted)\(more)")
    }
    let isFull = paths.isEmpty || paths.contains("*")
    self.isFull = isFull
    fields = Field.allCases.filter { isFull || named.contains($0) }
  }
}
