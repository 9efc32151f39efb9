internal import API
internal import GRPC

extension Registration {
  /// The switch has no default: a method without a handler does not compile.
  func method(_ method: SellerPackageMethod, of service: SellerPackageService) -> Method {
    let path = method.path
    let audience = method.audience
    return switch method {
    case .listSellerPackages: unary(path, for: audience, handler: service.listSellerPackages)
    case .getSellerPackage: unary(path, for: audience, handler: service.getSellerPackage)
    case .quotePackageChange: unary(path, for: audience, handler: service.quotePackageChange)
    case .purchasePackage: mutation(path, for: audience, handler: service.purchasePackage)
    case .renewPackage: mutation(path, for: audience, handler: service.renewPackage)
    case .listMyPackages: unary(path, for: audience, handler: service.listMyPackages)
    case .getPackageStatus:
      unary(
        path, for: audience, cached: service.cachedPackageStatus, handler: service.getPackageStatus)
    case .getReceipt: unary(path, for: audience, handler: service.getReceipt)
    case .checkEntitlement:
      unary(
        path, for: audience, cached: service.cachedEntitlement, handler: service.checkEntitlement)
    case .reserveListing: mutation(path, for: audience, handler: service.reserveListing)
    case .commitListing: mutation(path, for: audience, handler: service.commitListing)
    case .releaseListing: mutation(path, for: audience, handler: service.releaseListing)
    case .createSellerPackage: mutation(path, for: audience, handler: service.createSellerPackage)
    case .updateSellerPackage: mutation(path, for: audience, handler: service.updateSellerPackage)
    case .deleteSellerPackage: mutation(path, for: audience, handler: service.deleteSellerPackage)
    case .listUnresolvedPayments:
      unary(path, for: audience, handler: service.listUnresolvedPayments)
    case .listPurchases: unary(path, for: audience, handler: service.listPurchases)
    }
  }
}
