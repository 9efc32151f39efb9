internal import API
internal import GRPC

extension UpdatePackageConfigurationRequest: MutatingRequest {
  /// Encoded anew, since encoders order a map as they like.
  var replayedContent: [UInt8]? { encoded() }
}

extension AttachResourceRequest: MutatingRequest {}
extension DetachResourceRequest: MutatingRequest {}

extension PackageService {
  func cachedPackageUsage(
    _ request: GetPackageUsageRequest, _ principal: Principal
  ) -> Answer<GetPackageUsageResponse>? { nil }

  func getPackageWebInfo(
    _ request: GetPackageWebInfoRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageWebInfoResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func getPackageLimits(
    _ request: GetPackageLimitsRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageLimitsResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func getPackageUsage(
    _ request: GetPackageUsageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageUsageResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func listPackageTypes(
    _ request: ListPackageTypesRequest, _ caller: Caller
  ) async throws -> Answer<ListPackageTypesResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func getPackageConfiguration(
    _ request: GetPackageConfigurationRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageConfigurationResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func updatePackageConfiguration(
    _ request: UpdatePackageConfigurationRequest, _ caller: Caller
  ) async throws -> Answer<UpdatePackageConfigurationResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func getPackageServices(
    _ request: GetPackageServicesRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageServicesResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func getPackageDiskUsage(
    _ request: GetPackageDiskUsageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageDiskUsageResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func getPackageBandwidthUsage(
    _ request: GetPackageBandwidthUsageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageBandwidthUsageResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func listResources(
    _ request: ListResourcesRequest, _ caller: Caller
  ) async throws -> Answer<ListResourcesResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func attachResource(
    _ request: AttachResourceRequest, _ caller: Caller
  ) async throws -> Answer<AttachResourceResponse> {
    throw Status(.unimplemented, "Not served yet")
  }

  func detachResource(
    _ request: DetachResourceRequest, _ caller: Caller
  ) async throws -> Answer<DetachResourceResponse> {
    throw Status(.unimplemented, "Not served yet")
  }
}
