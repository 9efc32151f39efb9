internal import API
internal import Storage

extension PackageService {
  /// GetPackage without waiting, when the store knows the package and the caller may see it.
  func cachedPackage(
    _ request: GetPackageRequest, _ principal: Principal
  ) -> Answer<GetPackageResponse>? {
    guard
      let id = PackageID.parse(request.id), let package = store.cachedHostingPackage(id),
      PackageAccess(principal, .getPackage).admits(package)
    else { return nil }
    return Answer(encoded: package.getPackageResponse, isReplay: false)
  }

  func getPackage(
    _ request: GetPackageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageResponse> {
    var violations = Violations()
    violations.checkPackageID("id", request.id)
    try violations.check()
    let access = PackageAccess(caller, .getPackage)
    let package = try await store.read { try access.package(request.id, in: $0) }
    return Answer(encoded: package.getPackageResponse, isReplay: false)
  }

  func listPackages(
    _ request: ListPackagesRequest, _ caller: Caller
  ) async throws -> Answer<ListPackagesResponse> {
    let page = try PackagePage(request, PackageAccess(caller, .listPackages))
    let bytes = try await store.read { try page.read(in: $0) }
    return Answer(encoded: bytes, isReplay: false)
  }
}

extension PackageSnapshot {
  /// Encoded once, however often the package is asked for or listed.
  var getPackageResponse: [UInt8] {
    getPackageResponse { GetPackageResponse(hostingPackage: HostingPackage($0)).encoded() }
  }
}
