/// A hosting package: for now what the catalogue must know of it, which plan it was sold on.
package struct HostingPackageRecord: Hashable, Sendable {
  /// `package-` and a ULID.
  package var id: String
  package var accountID: String
  package var name: String
  package var planID: Int64
  package var planVersion: Int32

  package init(
    id: String, accountID: String, name: String, planID: Int64, planVersion: Int32
  ) {
    self.id = id
    self.accountID = accountID
    self.name = name
    self.planID = planID
    self.planVersion = planVersion
  }
}

package protocol HostingPackageReads {
  /// Up to `limit` ids of packages on any version of the plan, ascending.
  func hostingPackageIDs(onPlan planID: Int64, limit: Int) throws -> [String]
  /// How many packages are on any version of the plan.
  func hostingPackageCount(onPlan planID: Int64) throws -> Int
}

package protocol HostingPackageWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken id.
  func insert(_ package: HostingPackageRecord) throws
}
