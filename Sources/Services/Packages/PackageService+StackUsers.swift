internal import API
internal import Storage

extension AddPackageStackUserRequest: MutatingRequest {}
extension RemovePackageStackUserRequest: MutatingRequest {}

extension PackageService {
  func listPackageStackUsers(
    _ request: ListPackageStackUsersRequest, _ caller: Caller
  ) async throws -> Answer<ListPackageStackUsersResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    let limit = violations.checkPageSize(request.pageSize)
    let query = PageToken.Query(caller.method, request.packageID)
    let after = PageToken.decode(request.pageToken, of: query, as: \.text, &violations)
      .map(ExactText.init)
    try violations.check()
    let access = PackageAccess(caller, .listPackageStackUsers)
    let package = try await store.read { try access.package(request.packageID, in: $0) }
    let users = package.record.stackUsers.filter { user in
      after.map { $0 < ExactText(user.userID) } ?? true
    }
    let page = users.prefix(limit)
    let token =
      users.count > limit
      ? page.last.map { PageToken.encode(.text($0.userID), of: query) } ?? "" : ""
    return Answer(
      ListPackageStackUsersResponse(
        stackUsers: page.map { PackageStackUser($0) }, nextPageToken: token))
  }

  func addPackageStackUser(
    _ request: AddPackageStackUserRequest, _ caller: Caller
  ) async throws -> Answer<AddPackageStackUserResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    violations.checkUserID("user_id", request.userID)
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .addPackageStackUser)
    let user = ExactText(request.userID)
    return try await change(request.packageID, request, by: caller, with: access) {
      transaction, time in
      let current = try access.livePackage(request.packageID, in: transaction)
      if let known = current.stackUsers.first(where: { ExactText($0.userID) == user }) {
        return Effect(
          AddPackageStackUserResponse(stackUser: PackageStackUser(known)), current, current,
          isChange: false)
      }
      guard current.stackUsers.count < Limits.maxStackUsers else {
        throw PackageRefusal.tooManyStackUsers(
          resource: current.resource, limit: Limits.maxStackUsers)
      }
      let new = StackUserRecord(
        userID: user.text, createTime: time, addedBy: caller.principal.sub)
      var next = current
      let place = next.stackUsers.firstIndex { user < ExactText($0.userID) }
      next.stackUsers.insert(new, at: place ?? next.stackUsers.endIndex)
      try next.write(.updated, at: time, in: transaction)
      return Effect(
        AddPackageStackUserResponse(stackUser: PackageStackUser(new)), current, next)
    }
  }

  func removePackageStackUser(
    _ request: RemovePackageStackUserRequest, _ caller: Caller
  ) async throws -> Answer<RemovePackageStackUserResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    violations.checkUserID("user_id", request.userID)
    request.checkRequestID(&violations)
    try violations.check()
    let access = PackageAccess(caller, .removePackageStackUser)
    let user = ExactText(request.userID)
    return try await change(request.packageID, request, by: caller, with: access) {
      transaction, time in
      let current = try access.livePackage(request.packageID, in: transaction)
      guard let place = current.stackUsers.firstIndex(where: { ExactText($0.userID) == user })
      else { throw PackageRefusal.stackUserNotFound(userID: user.text) }
      var next = current
      next.stackUsers.remove(at: place)
      try next.write(.updated, at: time, in: transaction)
      return Effect(RemovePackageStackUserResponse(), current, next)
    }
  }
}
