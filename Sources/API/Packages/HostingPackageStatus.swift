/// Whether a package serves.
package struct HostingPackageStatus: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in a package; in a filter it means any status.
  package static var unspecified: HostingPackageStatus { HostingPackageStatus(rawValue: 0) }
  /// It serves.
  package static var active: HostingPackageStatus { HostingPackageStatus(rawValue: 1) }
  /// At least one suspension stands; nothing is served, all data is kept.
  package static var suspended: HostingPackageStatus { HostingPackageStatus(rawValue: 2) }
  /// Deleted, and kept until its purge_time.
  package static var deleted: HostingPackageStatus { HostingPackageStatus(rawValue: 3) }
}
