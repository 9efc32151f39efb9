internal import API
internal import Storage

extension PurchasePackageRequest: MutatingRequest {}
extension RenewPackageRequest: MutatingRequest {}

extension SellerPackageService {
  func quotePackageChange(
    _ request: QuotePackageChangeRequest, _ caller: Caller
  ) async throws -> Answer<QuotePackageChangeResponse> {
    throw Refusal.permissionDenied
  }

  func purchasePackage(
    _ request: PurchasePackageRequest, _ caller: Caller
  ) async throws -> Answer<PurchasePackageResponse> {
    throw Refusal.permissionDenied
  }

  func renewPackage(
    _ request: RenewPackageRequest, _ caller: Caller
  ) async throws -> Answer<RenewPackageResponse> {
    throw Refusal.permissionDenied
  }
}
