internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Who may see a package")
struct PackageAccessTests {
  /// Takes any response, and tells nothing of it.
  private struct Ignored: Message {
    static var name: String { "ignored" }
    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() { try reader.skip(tag) }
    }
    func write<Sink: WireSink>(to sink: inout Sink) {}
  }

  /// A request in order that names the package; nil for a method that names none, or streams.
  private func request(_ method: PackageMethod, _ package: HostingPackage) -> [UInt8]? {
    var named = package
    named.etag = ""
    named.configuration?.etag = ""
    let id = package.id
    switch method {
    case .listPackages, .createPackage, .listPackageTypes, .verifyCredentials, .ingestUsage,
      .watchPackages:
      return nil
    case .getPackage: return GetPackageRequest(id: id).encoded()
    case .updatePackage: return UpdatePackageRequest(named).encoded()
    case .deletePackage: return DeletePackageRequest(id).encoded()
    case .undeletePackage: return UndeletePackageRequest(id).encoded()
    case .suspendPackage: return SuspendPackageRequest(id, .admin).encoded()
    case .unsuspendPackage: return UnsuspendPackageRequest(id, .all(true)).encoded()
    case .addPackageStackUser: return AddPackageStackUserRequest(id, "stranger").encoded()
    case .removePackageStackUser: return RemovePackageStackUserRequest(id, "friend").encoded()
    case .getPackageWebInfo, .getPackageLimits, .getPackageUsage, .getPackageConfiguration,
      .getPackageServices, .listPackageStackUsers, .listResources, .getPackageDiskUsage:
      // Each has the package's id as its first field.
      return GetPackageWebInfoRequest(packageID: id).encoded()
    case .getPackageBandwidthUsage:
      var request = GetPackageBandwidthUsageRequest()
      request.packageID = id
      request.startTime = package.createTime
      request.endTime = package.createTime.map { Timestamp(seconds: $0.seconds + 3600) }
      request.interval = .hour
      return request.encoded()
    case .updatePackageConfiguration:
      var request = UpdatePackageConfigurationRequest()
      request.packageID = id
      request.configuration = named.configuration
      return request.encoded()
    case .attachResource:
      var request = AttachResourceRequest()
      request.packageID = id
      var resource = PackageResource()
      resource.kind = .backup
      resource.name = "nightly"
      request.resource = resource
      return request.encoded()
    case .detachResource:
      var request = DetachResourceRequest()
      request.packageID = id
      request.resourceID = PackageID.resourceText(ULID(value: 1))
      return request.encoded()
    }
  }

  private func roles(_ method: PackageMethod) -> [Role] {
    guard case .roles(let roles) = method.audience else { return [] }
    return Role.allCases.filter { roles.contains(RoleSet($0)) }
  }

  private func call(
    _ world: World, _ method: PackageMethod, _ bytes: [UInt8], _ role: Role, user: String = "10",
    account: String? = nil
  ) async throws -> World.Reply<Ignored> {
    try await world.call(
      path: method.path, bytes: bytes,
      authorization: world.authorization(role, user: user, account: account))
  }

  @Test(
    "in every method, another account's package and one not granted are not there",
    arguments: StoreKind.allCases)
  func hidden(kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      let package = try await world.package(stackUsers: ["friend"])
      let before = try await world.record(package)
      var calls = 0
      for method in PackageMethod.allCases {
        guard let bytes = request(method, package) else { continue }
        for role in roles(method) {
          var replies = [try await call(world, method, bytes, role, account: "acme")]
          replies.append(
            try await call(world, method, bytes, role, user: "friend", account: "acme"))
          if role == .stackUser {
            replies.append(try await call(world, method, bytes, role, user: "stranger"))
          }
          for reply in replies {
            let status = reply.status()
            #expect(status.code == .notFound, "\(method) as \(role)")
            #expect(status.message == "Package not found", "\(method) as \(role)")
            #expect(try Details(status).reason == "PACKAGE_NOT_FOUND")
            #expect(
              try Details(status).resource?.resourceName == "packages/" + package.id)
            calls += 1
          }
        }
      }
      #expect(calls > 100)
      #expect(try await world.record(package) == before)
    }
  }

  @Test("a stack user may do with a granted package what the role may")
  func granted() async throws {
    let world = try await World()
    let package = try await world.package(stackUsers: ["friend"])
    for method in PackageMethod.allCases where roles(method).contains(.stackUser) {
      guard let bytes = request(method, package) else { continue }
      let reply = try await call(world, method, bytes, .stackUser, user: "friend")
      guard case .failure(let status) = reply.result else { continue }
      // What is not there although the package is.
      let reason = try Details(status).reason
      #expect(["RESOURCE_NOT_FOUND", "SCAN_NOT_FOUND"].contains(reason), "\(method): \(status)")
    }
  }

  @Test("a stack user's list has their packages alone, whatever it filters by")
  func lists() async throws {
    let world = try await World()
    _ = try await world.package("mine", stackUsers: ["friend"])
    _ = try await world.package("ours", stackUsers: ["friend", "other"])
    _ = try await world.package("theirs", stackUsers: ["other"])
    _ = try await world.package("foreign", stackUsers: ["friend"], account: "acme")
    func list(_ stackUser: String) async throws -> [String] {
      var request = ListPackagesRequest()
      request.stackUser = stackUser
      let reply: World.Reply<ListPackagesResponse> = try await world.call(
        .listPackages, request, as: .stackUser, user: "friend")
      return try reply.get().hostingPackages.map(\.username)
    }
    #expect(try await list("") == ["ours", "mine"])
    #expect(try await list("other") == ["ours"])
    #expect(try await list("friend") == ["ours", "mine"])
  }

  @Test("a user with another role beside StackUser sees the account")
  func mixedRoles() async throws {
    let world = try await World()
    let package = try await world.package()
    let token = TestToken.hs256(
      sub: "x", roles: ["StackUser", "Support"], expireTime: world.clock.time)
    let reply: World.Reply<GetPackageResponse> = try await world.call(
      path: PackageMethod.getPackage.path, bytes: GetPackageRequest(id: package.id).encoded(),
      authorization: "Bearer " + token)
    #expect(try reply.get().hostingPackage == package)
    // Who may not add resources but as a stack user is one there.
    let bytes = try #require(request(.attachResource, package))
    let attached: World.Reply<Ignored> = try await world.call(
      path: PackageMethod.attachResource.path, bytes: bytes, authorization: "Bearer " + token)
    #expect(attached.status().code == .notFound)
  }

  @Test("access ends with the next call, whatever is cached", arguments: StoreKind.allCases)
  func revoked(kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      let package = try await world.package(stackUsers: ["friend"])
      for _ in 0..<3 {
        _ = try await world.getPackage(package.id, as: .stackUser, user: "friend").get()
      }
      let cached = try await world.getPackage(package.id, as: .stackUser, user: "friend")
      #expect(cached.isImmediate)
      let removed: World.Reply<RemovePackageStackUserResponse> = try await world.call(
        .removePackageStackUser, RemovePackageStackUserRequest(package.id, "friend"))
      _ = try removed.get()
      for _ in 0..<2 {
        for method in PackageMethod.allCases where roles(method).contains(.stackUser) {
          guard let bytes = request(method, package) else { continue }
          let reply = try await call(world, method, bytes, .stackUser, user: "friend")
          #expect(reply.status().code == .notFound, "\(method)")
        }
      }
      let added: World.Reply<AddPackageStackUserResponse> = try await world.call(
        .addPackageStackUser, AddPackageStackUserRequest(package.id, "friend"))
      _ = try added.get()
      _ = try await world.getPackage(package.id, as: .stackUser, user: "friend").get()
    }
  }

  @Test("who has lost access gets no earlier answer again", arguments: StoreKind.allCases)
  func revokedReplay(kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await World(store: store)
      let package = try await world.package(stackUsers: ["friend"])
      func configure(
        _ role: Role, _ user: String
      ) async throws -> World.Reply<UpdatePackageConfigurationResponse> {
        var request = UpdatePackageConfigurationRequest()
        request.packageID = package.id
        request.configuration = package.configuration
        request.configuration?.etag = ""
        request.requestID = "r"
        return try await world.call(.updatePackageConfiguration, request, as: role, user: user)
      }
      _ = try await configure(.stackUser, "friend").get()
      _ = try await configure(.admin, "boss").get()
      #expect(try await configure(.stackUser, "friend").isReplay)
      let removed: World.Reply<RemovePackageStackUserResponse> = try await world.call(
        .removePackageStackUser, RemovePackageStackUserRequest(package.id, "friend"))
      _ = try removed.get()
      let refused = try await configure(.stackUser, "friend")
      #expect(refused.status().code == .notFound && !refused.isReplay)
      #expect(try Details(refused.status()).reason == "PACKAGE_NOT_FOUND")
      #expect(try await configure(.admin, "boss").isReplay)
      let added: World.Reply<AddPackageStackUserResponse> = try await world.call(
        .addPackageStackUser, AddPackageStackUserRequest(package.id, "friend"))
      _ = try added.get()
      #expect(try await configure(.stackUser, "friend").isReplay)
    }
  }
}
