internal import API
internal import Storage

extension SellerPackageService {
  func listSellerPackages(
    _ request: ListSellerPackagesRequest, _ caller: Caller
  ) async throws -> Answer<ListSellerPackagesResponse> {
    throw Refusal.permissionDenied
  }

  func getSellerPackage(
    _ request: GetSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<GetSellerPackageResponse> {
    throw Refusal.permissionDenied
  }

  func listMyPackages(
    _ request: ListMyPackagesRequest, _ caller: Caller
  ) async throws -> Answer<ListMyPackagesResponse> {
    throw Refusal.permissionDenied
  }

  func getPackageStatus(
    _ request: GetPackageStatusRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageStatusResponse> {
    throw Refusal.permissionDenied
  }

  func getReceipt(
    _ request: GetReceiptRequest, _ caller: Caller
  ) async throws -> Answer<GetReceiptResponse> {
    throw Refusal.permissionDenied
  }

  func listUnresolvedPayments(
    _ request: ListUnresolvedPaymentsRequest, _ caller: Caller
  ) async throws -> Answer<ListUnresolvedPaymentsResponse> {
    throw Refusal.permissionDenied
  }

  func listPurchases(
    _ request: ListPurchasesRequest, _ caller: Caller
  ) async throws -> Answer<ListPurchasesResponse> {
    throw Refusal.permissionDenied
  }
}
