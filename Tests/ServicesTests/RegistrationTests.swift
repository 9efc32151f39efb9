internal import API
internal import GRPC
internal import NIOCore
internal import Storage
internal import Testing

@testable internal import Services

@Suite("Registration")
struct RegistrationTests {
  /// Who may call what, as the contract says it.
  static let roles: [(CatalogueMethod, Set<Role>)] = [
    (.listPlans, [.admin, .support, .sales, .service]),
    (.listActivePlans, [.admin, .support, .sales, .service]),
    (.getPlan, [.admin, .support, .sales, .service]),
    (.createPlan, [.admin]),
    (.updatePlan, [.admin]),
    (.deletePlan, [.admin]),
    (.listPlanVersions, [.admin, .support, .sales]),
  ]

  /// Takes any response, and tells nothing of it.
  private struct Ignored: Message {
    static var name: String { "ignored" }
    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() { try reader.skip(tag) }
    }
    func write<Sink: WireSink>(to sink: inout Sink) {}
  }

  private func token(_ world: World, _ roles: [String]) -> String {
    "Bearer " + TestToken.hs256(sub: "10", roles: roles, expireTime: world.clock.time)
  }

  @Test("every role may call what the contract allows it, and nothing else")
  func roleTable() async throws {
    let world = try await World()
    #expect(RegistrationTests.roles.map(\.0) == CatalogueMethod.allCases)
    for (method, allowed) in RegistrationTests.roles {
      for role in Role.allCases {
        let reply: World.Reply<Ignored> = try await world.call(
          method, bytes: [], authorization: token(world, [role.rawValue]))
        if allowed.contains(role) {
          if case .failure(let status) = reply.result {
            #expect(status.code == .invalidArgument, "\(method) as \(role)")
          }
        } else {
          #expect(reply.status().code == .permissionDenied, "\(method) as \(role)")
          #expect(try Details(reply.status()).reason == "PERMISSION_DENIED")
          #expect(reply.principal == "default/10")
        }
      }
      let none: World.Reply<Ignored> = try await world.call(
        method, bytes: [], authorization: token(world, []))
      #expect(none.status().code == .permissionDenied)
      let mixed: World.Reply<Ignored> = try await world.call(
        method, bytes: [], authorization: token(world, ["Seller", "Admin"]))
      if case .failure(let status) = mixed.result { #expect(status.code == .invalidArgument) }
    }
  }

  @Test("every role may call what PackageMethod allows it, and nothing else")
  func packageRoles() async throws {
    let world = try await World()
    for registered in world.services.methods {
      guard
        let method = PackageMethod.allCases.first(where: { $0.path == registered.path }),
        case .roles(let allowed) = method.audience, case .unary = registered.handler
      else { continue }
      for role in Role.allCases {
        let reply: World.Reply<Ignored> = try await world.call(
          path: method.path, bytes: [], authorization: token(world, [role.rawValue]))
        guard case .failure(let status) = reply.result else {
          #expect(allowed.contains(RoleSet(role)), "\(method) as \(role)")
          continue
        }
        #expect(
          status.code == (allowed.contains(RoleSet(role)) ? .invalidArgument : .permissionDenied),
          "\(method) as \(role)")
      }
    }
  }

  @Test("every role may call what SellerPackageMethod allows it, and nothing else")
  func sellerRoles() async throws {
    let world = try await World()
    for method in SellerPackageMethod.allCases {
      // No message: refused where it is read, before any handler.
      let bytes: [UInt8] = [0x07]
      for role in [nil] + Role.allCases.map(Optional.some) {
        let reply: World.Reply<Ignored> = try await world.call(
          path: method.path, bytes: bytes, authorization: role.map { token(world, [$0.rawValue]) })
        let expected: Status.Code =
          switch (method.audience, role) {
          case (.unasked, _), (.anyone, _), (.authenticated, .some): .invalidArgument
          case (.authenticated, nil), (.roles, nil): .unauthenticated
          case (.roles(let roles), .some(let role)):
            roles.contains(RoleSet(role)) ? .invalidArgument : .permissionDenied
          }
        #expect(reply.status().code == expected, "\(method) as \(role as Role?)")
      }
    }
  }

  @Test("a missing or invalid token comes before everything else")
  func unauthenticatedFirst() async throws {
    let world = try await World()
    for method in CatalogueMethod.allCases {
      for authorization in [nil, "Bearer x", ""] as [String?] {
        let reply: World.Reply<Ignored> = try await world.call(
          method, bytes: [0x07], authorization: authorization)
        #expect(reply.status().code == .unauthenticated)
        #expect(reply.status().message == "Missing or invalid token")
        #expect(try Details(reply.status()).reason == "UNAUTHENTICATED")
        #expect(reply.isImmediate && reply.principal.isEmpty)
      }
    }
  }

  @Test("permission comes before the message, and the message before the handler")
  func order() async throws {
    let world = try await World()
    let badText: [UInt8] = [0x12, 0x01, 0xff]
    let denied: World.Reply<Ignored> = try await world.call(
      .getPlan, bytes: badText, authorization: token(world, ["Seller"]))
    #expect(denied.status().code == .permissionDenied)
    let bad: World.Reply<Ignored> = try await world.call(
      .getPlan, bytes: badText, authorization: token(world, ["Admin"]))
    #expect(bad.status().code == .invalidArgument)
    #expect(bad.status().message.contains("packd.v1.GetPlanRequest"))
    let details = try Details(bad.status())
    #expect(details.reason == "UNDECODABLE_MESSAGE")
    #expect(details.info?.metadata["message"] == "packd.v1.GetPlanRequest")
    #expect(details.info?.metadata["field"] == "2")
  }

  @Test("every method of the contract is registered once, under its path")
  func paths() async throws {
    let world = try await World()
    #expect(
      world.services.methods.map(\.path)
        == [
          "ListPlans", "ListActivePlans", "GetPlan", "CreatePlan", "UpdatePlan", "DeletePlan",
          "ListPlanVersions",
        ].map { "/packd.v1.CatalogueService/" + $0 } + PackageMethod.allCases.map(\.path)
        + SellerPackageMethod.allCases.map(\.path) + [
          "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
          "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
          "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        ])
  }

  @Test("a method for anyone is wrapped by nothing that could keep someone out")
  func anyone() async throws {
    let world = try await World()
    for method in world.services.methods {
      let isOurs = method.path.hasPrefix("/packd.v1.")
      #expect(method.interceptors.isEmpty == !isOurs, "\(method.path)")
    }
  }

  @Test("an unforeseen error is INTERNAL, tells nothing, and is found in the log by its call")
  func unforeseen() async throws {
    struct Secret: Error { let text = "password hunter2 in /var/lib/packd.db" }
    for error in [
      Secret(), StorageError.missing(table: "plans"),
    ] as [any Error & Sendable] {
      let world = try await World(store: FailingStore(error: error))
      let reply = try await world.get(1)
      #expect(reply.status().code == .internal)
      #expect(reply.status().message == "internal error")
      let details = try Details(reply.status())
      #expect(details.reason == "INTERNAL")
      #expect(details.request?.requestID == "call-1")
      let sent = String(decoding: reply.status().details, as: UTF8.self)
      #expect(!sent.contains("hunter2") && !sent.contains("plans"))
      let line = try #require(world.log.lines.first)
      #expect(line.contains("call-1") && line.contains("GetPlan"))
      #expect(line.contains("hunter2") || line.contains("plans"))
    }
  }

  @Test("storage errors keep their texts to the log, and say when to try again")
  func storageErrors() async throws {
    let cases: [(StorageError, Status.Code, String)] = [
      (.conflict, .aborted, "CONFLICT"),
      (.duplicate(table: "hunter2", key: "hunter2"), .aborted, "CONFLICT"),
      (.overloaded, .resourceExhausted, "OVERLOADED"),
      (.full, .resourceExhausted, "STORAGE_FULL"),
      (.unavailable(reason: "hunter2"), .unavailable, "STORAGE_UNAVAILABLE"),
      (.damaged(path: "hunter2", reason: "hunter2"), .unavailable, "STORAGE_UNAVAILABLE"),
      (.locked(path: "hunter2", holder: "hunter2"), .unavailable, "STORAGE_UNAVAILABLE"),
      (.cannotOpen(path: "hunter2", reason: "hunter2"), .unavailable, "STORAGE_UNAVAILABLE"),
      (.closed, .unavailable, "STORAGE_UNAVAILABLE"),
    ]
    for (error, code, reason) in cases {
      let world = try await World(store: FailingStore(error: error))
      let reply: World.Reply<CreatePlanResponse> = try await world.call(
        .createPlan, CreatePlanRequest(.sample()))
      #expect(reply.status().code == code, "\(error)")
      let details = try Details(reply.status())
      #expect(details.reason == reason)
      let pushback = try #require(reply.trailingMetadata.first("grpc-retry-pushback-ms"))
      let delay = try #require(details.retry?.retryDelay)
      #expect(Int64(pushback) == delay.seconds * 1000 + Int64(delay.nanos) / 1_000_000)
      #expect(!String(decoding: reply.status().details, as: UTF8.self).contains("hunter2"))
      #expect(code != .unavailable || world.log.lines.count == 1)
    }
  }

  @Test("a retry that its first try keeps waiting is ABORTED, and told when to come again")
  func inFlight() async throws {
    let world = try await World(store: FailingStore(error: Refusal.requestInFlight))
    let reply: World.Reply<CreatePlanResponse> = try await world.call(
      .createPlan, CreatePlanRequest(.sample(), requestID: "r"))
    #expect(reply.status().code == .aborted)
    let details = try Details(reply.status())
    #expect(details.reason == "REQUEST_IN_FLIGHT" && details.retry != nil)
  }

  @Test("a cancelled call is DEADLINE_EXCEEDED once its deadline has passed, else CANCELLED")
  func cancellation() async throws {
    let world = try await World(store: FailingStore(error: CancellationError()))
    let request = GetPlanRequest(plan: .id(1)).encoded()
    let late: World.Reply<GetPlanResponse> = try await world.call(
      .getPlan, bytes: request, authorization: token(world, ["Admin"]),
      deadline: .now() - .seconds(1))
    #expect(late.status().code == .deadlineExceeded)
    #expect(try Details(late.status()).reason == "DEADLINE_EXCEEDED")
    for deadline in [nil, NIODeadline.now() + .hours(1)] {
      let reply: World.Reply<GetPlanResponse> = try await world.call(
        .getPlan, bytes: request, authorization: token(world, ["Admin"]), deadline: deadline)
      #expect(reply.status().code == .cancelled)
      #expect(try Details(reply.status()).reason == "CANCELLED")
    }
    #expect(world.log.lines.isEmpty)
  }

  @Test("the details of a bare status name its code", arguments: Status.Code.allCases)
  func bareDetails(code: Status.Code) throws {
    let bytes = statusDetails(code: code, message: "m")
    let details = try Details(Status(code, "m", details: bytes))
    // "invalidArgument" is INVALID_ARGUMENT.
    let name = String(describing: code).map { $0.isUppercase ? "_\($0)" : $0.uppercased() }
    #expect(details.reason == name.joined())
  }
}
