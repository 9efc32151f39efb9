/// The methods of PackageService. The switches have no default, so that a method without a
/// name or an audience does not compile.
package enum PackageMethod: CaseIterable, Sendable {
  case listPackages
  case getPackage
  case createPackage
  case updatePackage
  case deletePackage
  case undeletePackage
  case suspendPackage
  case unsuspendPackage
  case getPackageWebInfo
  case getPackageLimits
  case getPackageUsage
  case listPackageTypes
  case getPackageConfiguration
  case updatePackageConfiguration
  case getPackageServices
  case getPackageDiskUsage
  case getPackageBandwidthUsage
  case listPackageStackUsers
  case addPackageStackUser
  case removePackageStackUser
  case listResources
  case attachResource
  case detachResource
  case verifyCredentials
  case ingestUsage
  case watchPackages

  package static var service: String { "packd.v1.PackageService" }

  /// As in the proto file: "GetPackage".
  package var name: String {
    switch self {
    case .listPackages: "ListPackages"
    case .getPackage: "GetPackage"
    case .createPackage: "CreatePackage"
    case .updatePackage: "UpdatePackage"
    case .deletePackage: "DeletePackage"
    case .undeletePackage: "UndeletePackage"
    case .suspendPackage: "SuspendPackage"
    case .unsuspendPackage: "UnsuspendPackage"
    case .getPackageWebInfo: "GetPackageWebInfo"
    case .getPackageLimits: "GetPackageLimits"
    case .getPackageUsage: "GetPackageUsage"
    case .listPackageTypes: "ListPackageTypes"
    case .getPackageConfiguration: "GetPackageConfiguration"
    case .updatePackageConfiguration: "UpdatePackageConfiguration"
    case .getPackageServices: "GetPackageServices"
    case .getPackageDiskUsage: "GetPackageDiskUsage"
    case .getPackageBandwidthUsage: "GetPackageBandwidthUsage"
    case .listPackageStackUsers: "ListPackageStackUsers"
    case .addPackageStackUser: "AddPackageStackUser"
    case .removePackageStackUser: "RemovePackageStackUser"
    case .listResources: "ListResources"
    case .attachResource: "AttachResource"
    case .detachResource: "DetachResource"
    case .verifyCredentials: "VerifyCredentials"
    case .ingestUsage: "IngestUsage"
    case .watchPackages: "WatchPackages"
    }
  }

  /// The `:path` of its calls: "/packd.v1.PackageService/GetPackage".
  package var path: String { "/\(PackageMethod.service)/\(name)" }

  package var audience: Audience {
    switch self {
    case .listPackages, .getPackage, .getPackageWebInfo, .getPackageLimits, .getPackageUsage,
      .listPackageTypes, .getPackageConfiguration, .getPackageServices, .getPackageDiskUsage,
      .getPackageBandwidthUsage, .listPackageStackUsers, .listResources:
      .roles([.admin, .support, .sales, .stackUser, .service])
    case .createPackage: .roles([.admin, .sales])
    case .updatePackage, .addPackageStackUser, .removePackageStackUser, .ingestUsage,
      .watchPackages:
      .roles([.admin, .service])
    case .deletePackage, .undeletePackage: .roles(.admin)
    case .suspendPackage, .unsuspendPackage: .roles([.admin, .support, .service])
    case .updatePackageConfiguration, .attachResource, .detachResource:
      .roles([.admin, .stackUser, .service])
    case .verifyCredentials: .roles(.service)
    }
  }
}
