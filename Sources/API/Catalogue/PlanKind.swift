/// What sort of hosting a plan sells.
package struct PlanKind: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Invalid in a plan; in a filter: any kind.
  package static var unspecified: PlanKind { PlanKind(rawValue: 0) }
  package static var shared: PlanKind { PlanKind(rawValue: 1) }
  package static var reseller: PlanKind { PlanKind(rawValue: 2) }
  package static var vps: PlanKind { PlanKind(rawValue: 3) }
  package static var dedicated: PlanKind { PlanKind(rawValue: 4) }
}
