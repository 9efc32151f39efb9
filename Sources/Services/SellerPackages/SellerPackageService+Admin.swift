internal import API
internal import Storage

extension CreateSellerPackageRequest: MutatingRequest {}
extension UpdateSellerPackageRequest: MutatingRequest {}
extension DeleteSellerPackageRequest: MutatingRequest {}

extension SellerPackageService {
  func createSellerPackage(
    _ request: CreateSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<CreateSellerPackageResponse> {
    throw Refusal.permissionDenied
  }

  func updateSellerPackage(
    _ request: UpdateSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<UpdateSellerPackageResponse> {
    throw Refusal.permissionDenied
  }

  func deleteSellerPackage(
    _ request: DeleteSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<DeleteSellerPackageResponse> {
    throw Refusal.permissionDenied
  }
}
