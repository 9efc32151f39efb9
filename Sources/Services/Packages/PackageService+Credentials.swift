internal import API
internal import Storage

extension PackageService {
  /// Whether a username and a password belong together. A username that nobody has, or another
  /// account, costs the same work as one with another password.
  func verifyCredentials(
    _ request: VerifyCredentialsRequest, _ caller: Caller
  ) async throws -> Answer<VerifyCredentialsResponse> {
    var violations = Violations()
    if !request.username.hasAtMost(Limits.maxUsernameCharacters) {
      violations.add("username", "must be at most \(Limits.maxUsernameCharacters) characters")
    }
    if !request.password.hasAtMost(Limits.maxPasswordCharacters) {
      violations.add("password", "must be at most \(Limits.maxPasswordCharacters) characters")
    }
    try violations.check()
    try attempts.attempt(
      username: request.username, account: caller.principal.account, network: caller.network)
    let access = PackageAccess(caller, .verifyCredentials)
    let known = try await store.read { transaction in
      try transaction.packageCredentials(username: request.username).flatMap {
        try access.admits($0.packageID, in: transaction) ? $0 : nil
      }
    }
    guard
      try await passwords.verify(request.password, against: known?.passwordHash), let known,
      // As it is now, not as it was before the hash was computed.
      let package = try await store.read({ try $0.hostingPackage(known.packageID) })
    else { return Answer(VerifyCredentialsResponse(verdict: .mismatch, packageID: "")) }
    return Answer(
      VerifyCredentialsResponse(
        verdict: package.record.status == .active ? .verified : .suspended,
        packageID: PackageID.text(known.packageID)))
  }
}

extension PackageAccess {
  fileprivate func admits(_ id: ULID, in transaction: any ReadTransaction) throws -> Bool {
    try transaction.hostingPackage(id).map { admits($0) } ?? false
  }
}
