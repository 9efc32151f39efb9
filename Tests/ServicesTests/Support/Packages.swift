internal import API
internal import Storage

@testable internal import Services

extension HostingPackage {
  /// A package that is in order; `name` makes its domain and its username.
  static func sample(_ name: String = "site", type: String = "basic") -> HostingPackage {
    var package = HostingPackage()
    package.domainName = name + ".example"
    package.packageType = type
    package.username = name
    return package
  }
}

extension CreatePackageRequest {
  static let samplePassword = "correct horse battery"

  init(
    _ package: HostingPackage?, password: String = CreatePackageRequest.samplePassword,
    requestID: String = "", validateOnly: Bool = false
  ) {
    self.init()
    hostingPackage = package
    self.password = password
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension UpdatePackageRequest {
  init(
    _ package: HostingPackage?, mask: [String]? = nil, requestID: String = "",
    validateOnly: Bool = false
  ) {
    self.init()
    hostingPackage = package
    updateMask = mask.map { FieldMask(paths: $0) }
    self.requestID = requestID
    self.validateOnly = validateOnly
  }
}

extension DeletePackageRequest {
  init(_ id: String, etag: String = "", force: Bool = false) {
    self.init()
    self.id = id
    self.etag = etag
    self.force = force
  }
}

extension UndeletePackageRequest {
  init(_ id: String, etag: String = "") {
    self.init()
    self.id = id
    self.etag = etag
  }
}

extension SuspendPackageRequest {
  init(_ id: String, _ kind: SuspensionKind, reason: String = "", requestID: String = "") {
    self.init()
    self.id = id
    self.kind = kind
    self.reason = reason
    self.requestID = requestID
  }
}

extension UnsuspendPackageRequest {
  init(_ id: String, _ lift: Lift?) {
    self.init()
    self.id = id
    self.lift = lift
  }
}

extension AddPackageStackUserRequest {
  init(_ id: String, _ user: String, requestID: String = "") {
    self.init()
    packageID = id
    userID = user
    self.requestID = requestID
  }
}

extension RemovePackageStackUserRequest {
  init(_ id: String, _ user: String) {
    self.init()
    packageID = id
    userID = user
  }
}

extension World {
  /// Adds a package on the plan `type`, which is added as `Plan.sample` has it unless it is
  /// there, and returns it as it was written.
  func package(
    _ name: String = "site", type: String = "basic", stackUsers: [String] = [],
    account: String? = nil
  ) async throws -> HostingPackage {
    if try await store.read({ try $0.plan(.code(type)) }) == nil {
      _ = try await create(.sample(code: type))
    }
    var package = HostingPackage.sample(name, type: type)
    package.stackUsers = stackUsers
    let reply: Reply<CreatePackageResponse> = try await call(
      .createPackage, CreatePackageRequest(package), account: account)
    return try reply.get().hostingPackage ?? HostingPackage()
  }

  func getPackage(
    _ id: String, as role: Role = .admin, user: String = "10", account: String? = nil
  ) async throws -> Reply<GetPackageResponse> {
    try await call(
      .getPackage, GetPackageRequest(id: id), as: role, user: user, account: account)
  }

  /// As the store has it.
  func record(_ package: HostingPackage) async throws -> HostingPackageRecord? {
    guard let id = PackageID.parse(package.id) else { return nil }
    return try await store.read { try $0.hostingPackage(id)?.record }
  }
}
