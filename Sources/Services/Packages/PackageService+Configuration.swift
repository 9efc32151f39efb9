internal import API
internal import Storage

extension UpdatePackageConfigurationRequest: MutatingRequest {
  /// Encoded anew, since encoders order a map as they like; but not one that is longer than any
  /// that is kept, which is as much work to order as its sender likes. Where it is not ignored,
  /// the request is refused.
  var replayedContent: [UInt8]? {
    configuration?.isOrderedQuickly ?? true ? encoded() : nil
  }
}

extension PackageConfiguration {
  /// Whether its map is short enough to be put in order by every call.
  var isOrderedQuickly: Bool { custom.count <= Limits.maxCustomSettings }
}

extension PackageService {
  func getPackageConfiguration(
    _ request: GetPackageConfigurationRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageConfigurationResponse> {
    let package = try await package(request.packageID, for: caller, .getPackageConfiguration)
    return Answer(
      GetPackageConfigurationResponse(
        configuration: PackageConfiguration(package.configuration, of: package.id)))
  }

  func updatePackageConfiguration(
    _ request: UpdatePackageConfigurationRequest, _ caller: Caller
  ) async throws -> Answer<UpdatePackageConfigurationResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    let edit = ConfigurationEdit(request, settings, &violations)
    request.checkRequestID(&violations)
    let access = PackageAccess(caller, .updatePackageConfiguration)
    if !violations.isEmpty {
      // What only the package itself can tell is told with the rest.
      let found = violations
      try await store.read { transaction in
        var violations = found
        if let package = try? access.package(request.packageID, in: transaction).record {
          _ = edit.applied(to: package.configuration, &violations)
        }
        try violations.check()
      }
    }
    let etag = request.configuration?.etag ?? ""
    return try await change(request.packageID, request, by: caller, with: access) {
      transaction, time in
      let current = try access.livePackage(request.packageID, in: transaction)
      let resource = current.resource + "/configuration"
      let currentETag = current.configuration.etag(of: current.id)
      guard etag.isEmpty || etag == currentETag else {
        throw PackageRefusal.etagMismatch(resource: resource)
      }
      var violations = Violations()
      var next = current
      next.configuration = edit.applied(to: current.configuration, &violations)
      try violations.check()
      next.configuration.revision += 1
      next.configuration.updateTime = time
      try next.write(.updated, at: time, in: transaction)
      return Effect(
        response: UpdatePackageConfigurationResponse(
          configuration: PackageConfiguration(next.configuration, of: next.id)),
        partition: .account(next.accountID), resource: resource,
        beforeETag: currentETag,
        afterETag: next.configuration.etag(of: next.id))
    }
  }

  /// The package that a request names, for a method that needs nothing else.
  func package(
    _ id: String, for caller: Caller, _ method: PackageMethod
  ) async throws -> HostingPackageRecord {
    var violations = Violations()
    violations.checkPackageID("package_id", id)
    try violations.check()
    let access = PackageAccess(caller, method)
    return try await store.read { try access.package(id, in: $0).record }
  }
}
