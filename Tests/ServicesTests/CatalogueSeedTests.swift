internal import API
internal import GRPC
internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("CatalogueSeed")
struct CatalogueSeedTests {
  private func plans(_ world: World) async throws -> [Plan] {
    let reply: World.Reply<ListPlansResponse> = try await world.call(
      .listPlans, ListPlansRequest())
    return try reply.get().plans
  }

  @Test("an empty store starts with five plans, in order and on sale")
  func plants() async throws {
    for store in [MemoryStore(), RerunningStore(MemoryStore())] as [any Store] {
      let world = try await World(store: store)
      #expect(try await world.services.seedCatalogue())
      let plans = try await plans(world)
      #expect(
        plans.map(\.code) == ["shared-basic", "shared-premium", "reseller", "vps", "dedicated"])
      #expect(plans.map(\.kind) == [.shared, .shared, .reseller, .vps, .dedicated])
      #expect(plans.allSatisfy { $0.isActive && $0.version == 1 })
      #expect(plans.map(\.id) == [1, 2, 3, 4, 5])
      let audited = try await store.read {
        try AuditChain.verify(partition: "catalogue", in: $0)
      }
      #expect(audited == 5)
    }
  }

  @Test("the plans pass the rules that clients' plans must pass")
  func valid() async throws {
    let world = try await World()
    _ = try await world.services.seedCatalogue()
    for plan in try await plans(world) {
      let reply: World.Reply<UpdatePlanResponse> = try await world.call(
        .updatePlan, UpdatePlanRequest(plan))
      #expect(try reply.get().plan?.version == 2)
    }
  }

  @Test("a second start adds nothing, not even when plans were deleted")
  func once() async throws {
    let world = try await World()
    #expect(try await world.services.seedCatalogue())
    #expect(try await !world.services.seedCatalogue())
    for id in 1...5 as ClosedRange<Int64> {
      let reply: World.Reply<DeletePlanResponse> = try await world.call(
        .deletePlan, DeletePlanRequest(id))
      _ = try reply.get()
    }
    #expect(try await !world.services.seedCatalogue())
    #expect(try await plans(world).isEmpty)
  }

  @Test("a store that has plans of its own is left alone, then and later")
  func notEmpty() async throws {
    let world = try await World()
    let plan = try await world.create(.sample(code: "own"))
    #expect(try await !world.services.seedCatalogue())
    let reply: World.Reply<DeletePlanResponse> = try await world.call(
      .deletePlan, DeletePlanRequest(plan.id))
    _ = try reply.get()
    #expect(try await !world.services.seedCatalogue())
    #expect(try await plans(world).isEmpty)
  }
}
