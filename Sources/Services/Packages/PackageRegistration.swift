internal import API
internal import GRPC

extension Registration {
  /// The switch has no default: a method without a handler does not compile.
  func method(_ method: PackageMethod, of service: PackageService) -> Method {
    let path = method.path
    let audience = method.audience
    return switch method {
    case .listPackages: unary(path, for: audience, handler: service.listPackages)
    case .getPackage:
      unary(path, for: audience, cached: service.cachedPackage, handler: service.getPackage)
    case .createPackage: mutation(path, for: audience, handler: service.createPackage)
    case .updatePackage: mutation(path, for: audience, handler: service.updatePackage)
    case .deletePackage: mutation(path, for: audience, handler: service.deletePackage)
    case .undeletePackage: mutation(path, for: audience, handler: service.undeletePackage)
    case .suspendPackage: mutation(path, for: audience, handler: service.suspendPackage)
    case .unsuspendPackage: mutation(path, for: audience, handler: service.unsuspendPackage)
    case .getPackageWebInfo: unary(path, for: audience, handler: service.getPackageWebInfo)
    case .getPackageLimits: unary(path, for: audience, handler: service.getPackageLimits)
    case .getPackageUsage:
      unary(
        path, for: audience, cached: service.cachedPackageUsage, handler: service.getPackageUsage)
    case .listPackageTypes: unary(path, for: audience, handler: service.listPackageTypes)
    case .getPackageConfiguration:
      unary(path, for: audience, handler: service.getPackageConfiguration)
    case .updatePackageConfiguration:
      mutation(path, for: audience, handler: service.updatePackageConfiguration)
    case .getPackageServices: unary(path, for: audience, handler: service.getPackageServices)
    case .getPackageDiskUsage: unary(path, for: audience, handler: service.getPackageDiskUsage)
    case .getPackageBandwidthUsage:
      unary(path, for: audience, handler: service.getPackageBandwidthUsage)
    case .listPackageStackUsers:
      unary(path, for: audience, handler: service.listPackageStackUsers)
    case .addPackageStackUser:
      mutation(path, for: audience, handler: service.addPackageStackUser)
    case .removePackageStackUser:
      mutation(path, for: audience, handler: service.removePackageStackUser)
    case .listResources: unary(path, for: audience, handler: service.listResources)
    case .attachResource: mutation(path, for: audience, handler: service.attachResource)
    case .detachResource: mutation(path, for: audience, handler: service.detachResource)
    case .verifyCredentials: unary(path, for: audience, handler: service.verifyCredentials)
    case .ingestUsage: bidirectional(path, for: audience, handler: service.ingestUsage)
    case .watchPackages: serverStreaming(path, for: audience, handler: service.watchPackages)
    }
  }
}
