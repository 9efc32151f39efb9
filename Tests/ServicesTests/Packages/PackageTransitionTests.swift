internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

/// Every operation in every state: the table of docs/packages.md.
@Suite("Transitions of a package")
struct PackageTransitionTests {
  /// What becomes of a package, as far as it shows.
  struct State: Equatable, CustomTestStringConvertible {
    var isDeleted = false
    var isPurged = false
    var suspensions: [SuspensionKind] = []

    var testDescription: String {
      "\(isPurged ? "purged" : isDeleted ? "deleted" : "live") \(suspensions.map(\.rawValue))"
    }
  }

  static let states: [State] =
    [[], [.admin], [.billing], [.overuse], [.abuse], [.billing, .abuse]].map {
      State(suspensions: $0)
    } + [[], [.overuse], [.admin, .billing]].map { State(isDeleted: true, suspensions: $0) }
    + [State(isDeleted: true, isPurged: true)]

  enum Operation: CaseIterable {
    case get, configuration, update, move, configure, suspend, suspendAgain, unsuspend, unsuspendAll
    case delete, undelete, attach, detach, addUser, removeUser, purge, purgeWhenDue
  }

  enum Outcome {
    case done(State)
    case refused(Status.Code, String)
  }

  static let notFound = Outcome.refused(.notFound, "PACKAGE_NOT_FOUND")
  static let deleted = Outcome.refused(.failedPrecondition, "PACKAGE_DELETED")

  /// What must come of an operation in a state.
  static func expected(_ operation: Operation, in state: State) -> Outcome {
    var next = state
    switch operation {
    case .purge: return .done(state)
    case .purgeWhenDue:
      next.isPurged = state.isDeleted
      if next.isPurged { next.suspensions = [] }
      return .done(next)
    case _ where state.isPurged: return notFound
    case .get, .configuration: return .done(state)
    case .undelete:
      guard state.isDeleted else {
        return .refused(.failedPrecondition, "PACKAGE_NOT_DELETED")
      }
      next.isDeleted = false
      return .done(next)
    case _ where state.isDeleted: return deleted
    case .update, .move, .configure, .attach, .addUser, .removeUser: return .done(state)
    // Nothing is attached; that is looked at last.
    case .detach: return .refused(.notFound, "RESOURCE_NOT_FOUND")
    case .suspend:
      if !state.suspensions.contains(.abuse) { next.suspensions.append(.abuse) }
    case .suspendAgain: break
    case .unsuspend: next.suspensions.removeAll { $0 == .billing }
    case .unsuspendAll: next.suspensions = []
    case .delete: next.isDeleted = true
    }
    return .done(next)
  }

  /// A package in that state, open to "user", on plan "basic"; plan "wide" is there too.
  private func package(_ state: State, in world: World) async throws -> HostingPackage {
    _ = try await world.create(.sample(code: "wide"))
    let package = try await world.package(stackUsers: ["user"])
    for kind in state.suspensions {
      world.clock.advance(seconds: 1)
      _ = try await suspend(world, package.id, kind).get()
    }
    if state.isDeleted {
      let reply: World.Reply<DeletePackageResponse> = try await world.call(
        .deletePackage, DeletePackageRequest(package.id))
      _ = try reply.get()
    }
    if state.isPurged {
      world.clock.advance(seconds: 30 * 86_400)
      #expect(try await world.services.purgeHostingPackages() == 1)
    }
    return package
  }

  private func suspend(
    _ world: World, _ id: String, _ kind: SuspensionKind
  ) async throws -> World.Reply<SuspendPackageResponse> {
    try await world.call(.suspendPackage, SuspendPackageRequest(id, kind, reason: "why"))
  }

  /// The error, or nil.
  private func perform(
    _ operation: Operation, on package: HostingPackage, in state: State, _ world: World
  ) async throws -> Status? {
    func failure<Response>(_ reply: World.Reply<Response>) -> Status? {
      if case .failure(let status) = reply.result { return status }
      return nil
    }
    let id = package.id
    switch operation {
    case .get: return failure(try await world.getPackage(id))
    case .configuration:
      let reply: World.Reply<GetPackageConfigurationResponse> = try await world.call(
        .getPackageConfiguration, GetPackageConfigurationRequest(packageID: id))
      return failure(reply)
    case .update, .move: return failure(try await update(operation, package, world))
    case .configure:
      var request = UpdatePackageConfigurationRequest()
      request.packageID = id
      request.configuration = package.configuration
      request.configuration?.etag = ""
      let reply: World.Reply<UpdatePackageConfigurationResponse> = try await world.call(
        .updatePackageConfiguration, request)
      return failure(reply)
    case .suspend: return failure(try await suspend(world, id, .abuse))
    case .suspendAgain:
      guard let kind = state.suspensions.first else {
        return try await noSuspension(state, world, id)
      }
      return failure(try await suspend(world, id, kind))
    case .unsuspend, .unsuspendAll:
      let lift: UnsuspendPackageRequest.Lift =
        operation == .unsuspend ? .kind(.billing) : .all(true)
      let reply: World.Reply<UnsuspendPackageResponse> = try await world.call(
        .unsuspendPackage, UnsuspendPackageRequest(id, lift))
      return failure(reply)
    case .delete:
      let reply: World.Reply<DeletePackageResponse> = try await world.call(
        .deletePackage, DeletePackageRequest(id))
      return failure(reply)
    case .undelete:
      let reply: World.Reply<UndeletePackageResponse> = try await world.call(
        .undeletePackage, UndeletePackageRequest(id))
      return failure(reply)
    case .attach: return failure(try await attach(world, id))
    case .detach:
      var request = DetachResourceRequest()
      request.packageID = id
      request.resourceID = "resource-01JD8X5T4M9Q2R7V3W6Y0Z1A2B"
      let reply: World.Reply<DetachResourceResponse> = try await world.call(
        .detachResource, request)
      return failure(reply)
    case .addUser:
      let reply: World.Reply<AddPackageStackUserResponse> = try await world.call(
        .addPackageStackUser, AddPackageStackUserRequest(id, "other"))
      return failure(reply)
    case .removeUser:
      let reply: World.Reply<RemovePackageStackUserResponse> = try await world.call(
        .removePackageStackUser, RemovePackageStackUserRequest(id, "user"))
      return failure(reply)
    case .purge:
      #expect(try await world.services.purgeHostingPackages() == 0)
      return nil
    case .purgeWhenDue:
      world.clock.advance(seconds: 30 * 86_400)
      let isDue = state.isDeleted && !state.isPurged
      #expect(try await world.services.purgeHostingPackages() == (isDue ? 1 : 0))
      return nil
    }
  }

  /// Nothing stands that could be added again: the rest of the table still holds.
  private func noSuspension(_ state: State, _ world: World, _ id: String) async throws -> Status? {
    guard state.isDeleted else { return nil }
    let reply = try await suspend(world, id, .admin)
    return reply.status()
  }

  private func update(
    _ operation: Operation, _ package: HostingPackage, _ world: World
  ) async throws -> World.Reply<UpdatePackageResponse> {
    var edit = package
    edit.etag = ""
    edit.name = "New"
    edit.packageType = "wide"
    return try await world.call(
      .updatePackage,
      UpdatePackageRequest(edit, mask: [operation == .move ? "package_type" : "name"]))
  }

  private func attach(
    _ world: World, _ id: String
  ) async throws -> World.Reply<AttachResourceResponse> {
    var resource = PackageResource()
    resource.kind = .backup
    resource.name = "nightly"
    var request = AttachResourceRequest()
    request.packageID = id
    request.resource = resource
    return try await world.call(.attachResource, request)
  }

  private func state(of package: HostingPackage, in world: World) async throws -> State {
    let reply = try await world.getPackage(package.id)
    guard case .success(let response) = reply.result, let now = response.hostingPackage else {
      #expect(reply.status().code == .notFound)
      return State(isDeleted: true, isPurged: true)
    }
    let kinds = now.suspensions.map(\.kind)
    let status: HostingPackageStatus =
      now.deleteTime != nil ? .deleted : kinds.isEmpty ? .active : .suspended
    #expect(now.status == status)
    #expect((now.deleteTime == nil) == (now.purgeTime == nil))
    return State(isDeleted: now.deleteTime != nil, suspensions: kinds)
  }

  @Test("every operation does in every state what the table says", arguments: states)
  func table(state: State) async throws {
    for operation in Operation.allCases {
      let world = try await World()
      let package = try await package(state, in: world)
      let before = try await world.record(package)
      let failure = try await perform(operation, on: package, in: state, world)
      let after = try await self.state(of: package, in: world)
      switch Self.expected(operation, in: state) {
      case .done(let next):
        #expect(failure == nil, "\(operation)")
        #expect(after == next, "\(operation)")
      case .refused(let code, let reason):
        let status = try #require(failure, "\(operation)")
        #expect(status.code == code, "\(operation)")
        #expect(try Details(status).reason == reason, "\(operation)")
        #expect(try await world.record(package) == before, "\(operation)")
      }
    }
  }

  @Test("suspensions stack; the first of a kind keeps its time and reason, the next writes nothing")
  func stacking() async throws {
    let world = try await World()
    let package = try await world.package()
    _ = try await suspend(world, package.id, .billing).get()
    world.clock.advance(seconds: 60)
    let second: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .abuse, reason: "spam"), user: "11")
    let suspended = try #require(try second.get().hostingPackage)
    #expect(suspended.suspensions.map(\.kind) == [.billing, .abuse])
    #expect(suspended.suspensions.map(\.reason) == ["why", "spam"])
    #expect(suspended.suspensions.map(\.suspendedBy) == ["10", "11"])
    let times = suspended.suspensions.map { $0.createTime?.seconds ?? 0 }
    #expect(times[1] - times[0] == 60 && suspended.status == .suspended)
    world.clock.advance(seconds: 60)
    let again: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .billing, reason: "other"))
    #expect(try again.get().hostingPackage == suspended)
    let absent: World.Reply<UnsuspendPackageResponse> = try await world.call(
      .unsuspendPackage, UnsuspendPackageRequest(package.id, .kind(.admin)))
    #expect(try absent.get().hostingPackage == suspended)
    let one: World.Reply<UnsuspendPackageResponse> = try await world.call(
      .unsuspendPackage, UnsuspendPackageRequest(package.id, .kind(.billing)))
    #expect(try one.get().hostingPackage?.status == .suspended)
    let all: World.Reply<UnsuspendPackageResponse> = try await world.call(
      .unsuspendPackage, UnsuspendPackageRequest(package.id, .all(true)))
    #expect(try all.get().hostingPackage?.status == .active)
    let (audit, changes) = try await world.store.read { transaction in
      (
        try transaction.auditRecords(partition: "account/default", after: 0, limit: 20),
        try transaction.packageChanges(accountID: "default", after: 0, limit: 20)
      )
    }
    #expect(changes.map(\.kind) == [.created, .suspended, .suspended, .unsuspended, .unsuspended])
    #expect(audit.count == 5)
  }

  @Test("what cannot be a suspension is refused, field by field")
  func invalidSuspensions() async throws {
    let world = try await World()
    let long = String(repeating: "x", count: 1001)
    let suspend: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest("", SuspensionKind(rawValue: 5), reason: long))
    #expect(try Details(suspend.status()).fields == ["id", "kind", "reason"])
    for (lift, field) in [
      (nil, "lift"), (.kind(.unspecified), "kind"), (.all(false), "all"),
    ] as [(UnsuspendPackageRequest.Lift?, String)] {
      let reply: World.Reply<UnsuspendPackageResponse> = try await world.call(
        .unsuspendPackage, UnsuspendPackageRequest("package-x", lift))
      #expect(try Details(reply.status()).fields == [field])
    }
    let package = try await world.package()
    let most: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage,
      SuspendPackageRequest(package.id, .admin, reason: String(repeating: "漢", count: 999) + "\n"))
    _ = try most.get()
  }
}
