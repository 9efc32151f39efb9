internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Stack users")
struct PackageStackUserTests {
  private func add(
    _ world: World, _ id: String, _ user: String, as caller: String = "10"
  ) async throws -> World.Reply<AddPackageStackUserResponse> {
    try await world.call(
      .addPackageStackUser, AddPackageStackUserRequest(id, user), user: caller)
  }

  private func remove(
    _ world: World, _ id: String, _ user: String
  ) async throws -> World.Reply<RemovePackageStackUserResponse> {
    try await world.call(.removePackageStackUser, RemovePackageStackUserRequest(id, user))
  }

  private func list(
    _ world: World, _ id: String, size: Int32 = 0, token: String = ""
  ) async throws -> World.Reply<ListPackageStackUsersResponse> {
    var request = ListPackageStackUsersRequest()
    request.packageID = id
    request.pageSize = size
    request.pageToken = token
    return try await world.call(.listPackageStackUsers, request)
  }

  @Test("a user is added once, and whoever has access is answered as it was granted")
  func add() async throws {
    let world = try await World()
    let package = try await world.package()
    world.clock.advance(seconds: 7)
    let first = try #require(try await add(world, package.id, "zoe", as: "11").get().stackUser)
    #expect(first.userID == "zoe" && first.addedBy == "11")
    #expect(first.createTime == Timestamp(seconds: 1_767_225_607))
    let now = try await world.getPackage(package.id).get().hostingPackage
    #expect(now?.stackUsers == ["zoe"] && now?.etag != package.etag)
    world.clock.advance(seconds: 7)
    #expect(try await add(world, package.id, "zoe").get().stackUser == first)
    #expect(try await world.getPackage(package.id).get().hostingPackage == now)
    _ = try await add(world, package.id, "adam").get()
    let listed = try await list(world, package.id).get()
    #expect(listed.stackUsers.map(\.userID) == ["adam", "zoe"])
    #expect(listed.stackUsers.last == first && listed.nextPageToken.isEmpty)
  }

  @Test("a user who has no access cannot lose it")
  func remove() async throws {
    let world = try await World()
    let package = try await world.package(stackUsers: ["caf\u{e9}"])
    // Another text, though canonically equivalent.
    for user in ["zoe", "cafe\u{301}"] {
      let status = try await remove(world, package.id, user).status()
      #expect(status.code == .notFound)
      #expect(try Details(status).reason == "STACK_USER_NOT_FOUND")
    }
    _ = try await remove(world, package.id, "caf\u{e9}").get()
    #expect(try await remove(world, package.id, "caf\u{e9}").status().code == .notFound)
    #expect(try await list(world, package.id).get().stackUsers.isEmpty)
  }

  @Test("a package takes 100 users, however many callers race")
  func limit() async throws {
    let world = try await World()
    let package = try await world.package(stackUsers: (0..<90).map { "u\($0)" })
    let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<30 {
        group.addTask {
          let reply = try await self.add(world, package.id, "racer\(number)")
          guard case .failure(let status) = reply.result else { return false }
          #expect(status.code == .resourceExhausted)
          let details = try Details(status)
          #expect(details.reason == "STACK_USER_LIMIT_EXCEEDED" && details.quota != nil)
          return true
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(refused == 20)
    // Who is there already is no one more.
    _ = try await add(world, package.id, "u1").get()
    #expect(try await world.getPackage(package.id).get().hostingPackage?.stackUsers.count == 100)
  }

  @Test("users are listed by id, page by page, and a token is its package's own")
  func pages() async throws {
    let world = try await World()
    let users = (0..<7).map { "u\($0)" }
    let package = try await world.package(stackUsers: users.reversed())
    let other = try await world.package("other", stackUsers: users)
    var found: [String] = []
    var token = ""
    repeat {
      let page = try await list(world, package.id, size: 3, token: token).get()
      found += page.stackUsers.map(\.userID)
      token = page.nextPageToken
    } while !token.isEmpty && found.count < 20
    #expect(found == users)
    let first = try await list(world, package.id, size: 3).get().nextPageToken
    let foreign = try await list(world, other.id, token: first).status()
    #expect(try Details(foreign).fields == ["page_token"])
    let bad = try await list(world, "", size: -1, token: "x").status()
    #expect(try Details(bad).fields == ["package_id", "page_size", "page_token"])
  }

  @Test("user ids are 1 to 128 printable characters")
  func ids() async throws {
    let world = try await World()
    let package = try await world.package()
    for user in ["", String(repeating: "x", count: 129), "a\u{0}", "a\n"] {
      #expect(
        try Details(try await add(world, package.id, user).status()).fields == ["user_id"])
      #expect(
        try Details(try await remove(world, package.id, user).status()).fields == ["user_id"])
    }
    _ = try await add(world, package.id, String(repeating: "漢", count: 128)).get()
  }
}
