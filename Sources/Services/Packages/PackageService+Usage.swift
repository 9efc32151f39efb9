internal import API
internal import GRPC

extension PackageService {
  func ingestUsage(
    _ requests: Requests<IngestUsageRequest>, _ caller: Caller,
    _ responses: Responses<IngestUsageResponse>
  ) async throws {
    throw Status(.unimplemented, "Not served yet")
  }

  func watchPackages(
    _ request: WatchPackagesRequest, _ caller: Caller,
    _ responses: Responses<WatchPackagesResponse>
  ) async throws {
    throw Status(.unimplemented, "Not served yet")
  }
}
