internal import API
package import GRPC
package import Logging
package import Storage

/// The RPC services over one store: what the program registers, and what it does in the background.
package struct RPCServices: Sendable {
  private let registration: Registration
  private let store: any Store
  private let mutations: Mutations
  private let now: Now

  /// - Parameter logger: told of every failure that clients are told nothing of.
  package init(
    store: any Store, authenticator: Authenticator, logger: Logger,
    now: @escaping Now = Instant.now,
    random: @escaping Random = { UInt64.random(in: .min ... .max) }
  ) {
    let statuses = StatusMapping(logger: logger, random: random)
    registration = Registration(authenticator: authenticator, statuses: statuses)
    mutations = Mutations(store: store, now: now)
    self.store = store
    self.now = now
  }

  /// Every method that there is.
  package var methods: [Method] {
    let catalogue = CatalogueService(store: store, mutations: mutations)
    return CatalogueMethod.allCases.map { registration.method($0, of: catalogue) }
  }

  /// Adds the first plans to a store that never had any; returns whether it did.
  package func seedCatalogue() async throws -> Bool {
    try await CatalogueSeed.plant(in: store, at: now())
  }

  /// Deletes replay records that no retry was promised any more; returns how many. To be called
  /// now and then; one call takes all that there are, and leaves room for other writes.
  package func purgeExpiredReplays() async throws -> Int {
    try await mutations.purgeExpiredReplays()
  }
}

extension Registration {
  /// The switch has no default: a method without a handler does not compile.
  fileprivate func method(
    _ method: CatalogueMethod, of service: CatalogueService
  ) -> Method {
    let path = method.path
    let audience = method.audience
    return switch method {
    case .listPlans: unary(path, for: audience, handler: service.listPlans)
    case .listActivePlans: unary(path, for: audience, handler: service.listActivePlans)
    case .getPlan:
      unary(path, for: audience, cached: service.cachedPlan, handler: service.getPlan)
    case .createPlan: mutation(path, for: audience, handler: service.createPlan)
    case .updatePlan: mutation(path, for: audience, handler: service.updatePlan)
    case .deletePlan: mutation(path, for: audience, handler: service.deletePlan)
    case .listPlanVersions: unary(path, for: audience, handler: service.listPlanVersions)
    }
  }
}
