internal import API
internal import Storage

extension ReserveListingRequest: MutatingRequest {
  var validateOnly: Bool { false }
}
extension CommitListingRequest: MutatingRequest {
  var validateOnly: Bool { false }
}
extension ReleaseListingRequest: MutatingRequest {
  var validateOnly: Bool { false }
}

extension SellerPackageService {
  func checkEntitlement(
    _ request: CheckEntitlementRequest, _ caller: Caller
  ) async throws -> Answer<CheckEntitlementResponse> {
    throw Refusal.permissionDenied
  }

  func reserveListing(
    _ request: ReserveListingRequest, _ caller: Caller
  ) async throws -> Answer<ReserveListingResponse> {
    throw Refusal.permissionDenied
  }

  func commitListing(
    _ request: CommitListingRequest, _ caller: Caller
  ) async throws -> Answer<CommitListingResponse> {
    throw Refusal.permissionDenied
  }

  func releaseListing(
    _ request: ReleaseListingRequest, _ caller: Caller
  ) async throws -> Answer<ReleaseListingResponse> {
    throw Refusal.permissionDenied
  }
}
