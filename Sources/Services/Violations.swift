/// What is wrong with a request, gathered so that all of it is told at once.
struct Violations: Equatable, Sendable {
  struct Violation: Equatable, Sendable {
    /// Path from the request, in the proto file's names: "plan.price.units".
    let field: String
    /// What must hold, for a person: "must be 1 to 120 characters".
    var description: String
  }

  private(set) var all: [Violation] = []

  var isEmpty: Bool { all.isEmpty }

  /// A second fault of a field joins the first: one violation per field.
  mutating func add(_ field: String, _ description: String) {
    if let index = all.firstIndex(where: { $0.field == field }) {
      all[index].description += "; " + description
    } else {
      all.append(Violation(field: field, description: description))
    }
  }

  func contains(_ field: String) -> Bool {
    all.contains { $0.field == field }
  }

  /// - Throws: ``Refusal/invalidFields(_:)`` when there is any.
  func check() throws {
    if !all.isEmpty { throw Refusal.invalidFields(self) }
  }
}
