internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Seller packages on sale")
struct SellerPackageReadTests {
  /// Five packages; the second and the last are not on sale.
  private func filled(_ store: any Store = MemoryStore()) async throws -> World {
    let world = try await World(store: store)
    for number in 1...5 {
      var package = SellerPackage.sample("Package \(number)")
      package.isActive = number != 2 && number != 5
      _ = try await world.createSellerPackage(package)
    }
    return world
  }

  @Test("anyone sees what is on sale, by id", arguments: StoreKind.allCases)
  func list(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await filled(store)
      for role in [nil, .seller, .support, .admin] as [Role?] {
        let list = try await world.listSellerPackages(as: role).get()
        #expect(list.sellerPackages.map(\.id) == [1, 3, 4])
        #expect(list.nextPageToken.isEmpty)
      }
      let first = try #require(try await world.listSellerPackages().get().sellerPackages.first)
      #expect(try await world.getSellerPackage(1, as: nil).get().sellerPackage == first)
      #expect(first.name == "Package 1" && first.features == ["basic", "support"])
    }
  }

  @Test("only an Admin sees what is not on sale, and only when they ask")
  func inactive() async throws {
    let world = try await filled()
    let all = try await world.listSellerPackages(showInactive: true, as: .admin).get()
    #expect(all.sellerPackages.map(\.id) == [1, 2, 3, 4, 5])
    #expect(all.sellerPackages.map(\.isActive) == [true, false, true, true, false])
    #expect(try await world.getSellerPackage(2).get().sellerPackage?.isActive == false)
    for role in [nil, .seller, .support, .sales, .stackUser, .service] as [Role?] {
      let status = try await world.listSellerPackages(showInactive: true, as: role).status()
      #expect(status.code == (role == nil ? .unauthenticated : .permissionDenied))
      #expect(
        try Details(status).reason == (role == nil ? "UNAUTHENTICATED" : "PERMISSION_DENIED"))
      #expect(try await world.getSellerPackage(2, as: role).status().code == .notFound)
    }
  }

  @Test("a token that is not valid keeps nobody out, and is nobody's")
  func badToken() async throws {
    let world = try await filled()
    var request = ListSellerPackagesRequest()
    let late = TestToken.hs256(
      sub: "10", roles: ["Admin"], expireTime: world.clock.time.adding(seconds: -7200))
    for authorization in [nil, "", "Bearer x", "Basic abc", "Bearer " + late] as [String?] {
      request.showInactive = false
      let open: World.Reply<ListSellerPackagesResponse> = try await world.call(
        path: SellerPackageMethod.listSellerPackages.path, bytes: request.encoded(),
        authorization: authorization)
      #expect(try open.get().sellerPackages.count == 3)
      #expect(open.principal.isEmpty)
      request.showInactive = true
      let closed: World.Reply<ListSellerPackagesResponse> = try await world.call(
        path: SellerPackageMethod.listSellerPackages.path, bytes: request.encoded(),
        authorization: authorization)
      #expect(closed.status().code == .unauthenticated)
      #expect(closed.status().message == "Missing or invalid token")
    }
    let known = try await world.listSellerPackages(as: .seller)
    #expect(known.principal == "default/10")
  }

  @Test("a package that is not there is not found, in the words of the contract")
  func notFound() async throws {
    let world = try await filled()
    for id: Int64 in [6, .max] {
      let status = try await world.getSellerPackage(id, as: nil).status()
      #expect(status.code == .notFound && status.message == "Package not found")
      let details = try Details(status)
      #expect(details.reason == "SELLER_PACKAGE_NOT_FOUND")
      #expect(details.resource?.resourceType == "packd.v1.SellerPackage")
      #expect(details.resource?.resourceName == "sellerPackages/\(id)")
    }
    // Nothing tells the package that is not on sale from one that is not there.
    let hidden = try await world.getSellerPackage(2, as: nil).status()
    #expect(hidden.message == "Package not found")
    #expect(try Details(hidden).resource?.description == "Package not found")
    for id: Int64 in [0, -1, .min] {
      let status = try await world.getSellerPackage(id, as: nil).status()
      #expect(status.code == .invalidArgument)
      #expect(try Details(status).fields == ["id"])
    }
  }

  @Test("pages follow each other without a gap, and end", arguments: StoreKind.allCases)
  func pages(_ kind: StoreKind) async throws {
    try await kind.withStore { store, _ in
      let world = try await filled(store)
      for (showsInactive, expected) in [(false, [1, 3, 4]), (true, [1, 2, 3, 4, 5])] {
        for size: Int32 in [1, 2, 3, 5] {
          let ids = try await everyPage { token in
            let page = try await world.listSellerPackages(
              pageSize: size, token: token, showInactive: showsInactive, as: .admin
            ).get()
            #expect(!page.sellerPackages.isEmpty)
            return (page.sellerPackages.map(\.id), page.nextPageToken)
          }
          #expect(ids == expected.map(Int64.init))
        }
      }
    }
  }

  @Test("a page token is of its own query, and is not made up")
  func tokens() async throws {
    let world = try await filled()
    let token = try await world.listSellerPackages(pageSize: 1).get().nextPageToken
    let query = PageToken.Query(SellerPackageMethod.listSellerPackages.path, "false")
    let forged = PageToken.encode(.text("1"), of: query)
    for (token, showsInactive) in [
      (token, true), ("x", false), (token + "A", false), (forged, false),
    ] {
      let status = try await world.listSellerPackages(
        token: token, showInactive: showsInactive, as: .admin
      ).status()
      #expect(status.code == .invalidArgument)
      #expect(try Details(status).fields == ["page_token"])
    }
    let status = try await world.listSellerPackages(pageSize: -1, token: "x").status()
    #expect(try Details(status).fields == ["page_size", "page_token"])
    // A position beyond all is the end of the list, and not a fault.
    let beyond = PageToken.encode(.number(.max), of: query)
    #expect(try await world.listSellerPackages(token: beyond).get().sellerPackages.isEmpty)
  }
}
