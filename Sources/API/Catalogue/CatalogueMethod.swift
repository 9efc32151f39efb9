/// The methods of CatalogueService. The switches have no default, so that a method without a
/// name or an audience does not compile.
package enum CatalogueMethod: CaseIterable, Sendable {
  case listPlans
  case listActivePlans
  case getPlan
  case createPlan
  case updatePlan
  case deletePlan
  case listPlanVersions

  package static var service: String { "packd.v1.CatalogueService" }

  /// As in the proto file: "GetPlan".
  package var name: String {
    switch self {
    case .listPlans: "ListPlans"
    case .listActivePlans: "ListActivePlans"
    case .getPlan: "GetPlan"
    case .createPlan: "CreatePlan"
    case .updatePlan: "UpdatePlan"
    case .deletePlan: "DeletePlan"
    case .listPlanVersions: "ListPlanVersions"
    }
  }

  /// The `:path` of its calls: "/packd.v1.CatalogueService/GetPlan".
  package var path: String { "/\(CatalogueMethod.service)/\(name)" }

  package var audience: Audience {
    switch self {
    case .listPlans, .listActivePlans, .getPlan: .roles([.admin, .support, .sales, .service])
    case .createPlan, .updatePlan, .deletePlan: .roles(.admin)
    case .listPlanVersions: .roles([.admin, .support, .sales])
    }
  }
}
