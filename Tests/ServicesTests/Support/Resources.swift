internal import API
internal import GRPC
internal import Testing

@testable internal import Services

extension PackageResource {
  init(_ kind: ResourceKind, _ name: String) {
    self.init()
    self.kind = kind
    self.name = name
  }
}

extension DetachResourceRequest {
  init(_ resource: PackageResource) {
    self.init()
    packageID = resource.packageID
    resourceID = resource.id
    etag = resource.etag
  }
}

extension Result where Failure == Status {
  /// The error; a success fails the test.
  func status(_ location: SourceLocation = #_sourceLocation) -> Status {
    switch self {
    case .failure(let status): return status
    case .success(let value):
      Issue.record("succeeded with \(value)", sourceLocation: location)
      return .ok
    }
  }
}

extension World {
  func attach(
    _ resource: PackageResource, to package: HostingPackage
  ) async throws -> Result<PackageResource, Status> {
    var request = AttachResourceRequest()
    request.packageID = package.id
    request.resource = resource
    let reply: Reply<AttachResourceResponse> = try await call(.attachResource, request)
    return reply.result.map { $0.resource ?? PackageResource() }
  }

  func attach(
    _ kind: ResourceKind, _ name: String, to package: HostingPackage
  ) async throws -> Result<PackageResource, Status> {
    try await attach(PackageResource(kind, name), to: package)
  }

  func detach(
    _ resource: PackageResource
  ) async throws -> Result<DetachResourceResponse, Status> {
    let reply: Reply<DetachResourceResponse> = try await call(
      .detachResource, DetachResourceRequest(resource))
    return reply.result
  }

  /// All of the list, in pages of `size`.
  func resources(
    of package: HostingPackage, kind: ResourceKind = .unspecified, size: Int32 = 0
  ) async throws -> [PackageResource] {
    var request = ListResourcesRequest()
    request.packageID = package.id
    request.kind = kind
    request.pageSize = size
    var found: [PackageResource] = []
    repeat {
      let reply: Reply<ListResourcesResponse> = try await call(.listResources, request)
      let page = try reply.get()
      #expect(size == 0 || page.resources.count <= size)
      found += page.resources
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return found
  }
}
