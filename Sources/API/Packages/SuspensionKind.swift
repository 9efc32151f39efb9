/// Why a package is suspended. At most one suspension of each kind stands at a time.
package struct SuspensionKind: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Invalid in a request.
  package static var unspecified: SuspensionKind { SuspensionKind(rawValue: 0) }
  /// An administrator's decision.
  package static var admin: SuspensionKind { SuspensionKind(rawValue: 1) }
  /// A bill was not paid.
  package static var billing: SuspensionKind { SuspensionKind(rawValue: 2) }
  /// More was used than the plan allows.
  package static var overuse: SuspensionKind { SuspensionKind(rawValue: 3) }
  /// The package was misused.
  package static var abuse: SuspensionKind { SuspensionKind(rawValue: 4) }
}
