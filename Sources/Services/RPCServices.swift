internal import API
package import GRPC
package import Logging
package import Storage

/// The RPC services over one store: what the program registers, and what it does in the background.
package struct RPCServices: Sendable {
  private let registration: Registration
  private let store: any Store
  private let mutations: Mutations
  private let packages: PackageService
  private let sellerPackages: SellerPackageService
  /// nil when receipts are mailed nowhere.
  private let outbox: Outbox?
  private let retriesDeadMails: Bool
  private let retention: PackageRetention
  private let now: Now
  private let reflects: Bool
  /// What the health service tells.
  package let health: HealthStatus

  /// - Parameters:
  ///   - reflects: whether tools without proto files can ask which methods there are.
  ///   - packages: what the operator decides about hosting packages.
  ///   - sellerSettings: the same about seller packages, payments and receipts.
  ///   - callsPerSecondPerCaller: what each caller may make, with bursts of twice as many; nil
  ///     sets no bound.
  ///   - logger: told of every failure that clients are told nothing of.
  /// - Throws: ``SellerSettings/Fault`` when whoever charges or mails cannot be made.
  package init(
    store: any Store, authenticator: Authenticator, reflects: Bool = true,
    packages settings: PackageSettings = PackageSettings(),
    sellerPackages sellerSettings: SellerSettings = SellerSettings(),
    callsPerSecondPerCaller: Int? = nil, logger: Logger,
    now: @escaping Now = Instant.now,
    random: @escaping Random = { UInt64.random(in: .min ... .max) }
  ) throws(SellerSettings.Fault) {
    let statuses = StatusMapping(logger: logger, random: random)
    let rateLimit = callsPerSecondPerCaller.map {
      // Whoever asks whether the server is well is not to be told that it is not, nor whoever
      // asks what it serves that there is nothing.
      RateLimit(
        callsPerSecond: $0, burst: $0 * Limits.rateLimitBurstSeconds,
        exempt: Set(HealthMethod.allCases.map(\.path) + ReflectionMethod.allCases.map(\.path)),
        now: now)
    }
    registration = Registration(
      authenticator: authenticator, statuses: statuses, rateLimit: rateLimit)
    let mutations = Mutations(store: store, now: now)
    self.mutations = mutations
    let ids = ULIDSource(random: random)
    packages = PackageService(
      store: store, mutations: mutations, settings: settings, ids: ids,
      now: now, feed: ChangeFeed(store: store), passwords: settings.passwordHasher,
      attempts: settings.attemptLimiter(now))
    let outbox = try sellerSettings.makeMailer().map {
      Outbox(store: store, mailer: $0, now: now, random: random, logger: logger)
    }
    self.outbox = outbox
    retriesDeadMails = sellerSettings.retriesDeadMails
    sellerPackages = SellerPackageService(
      store: store, mutations: mutations, settings: sellerSettings,
      payments: Payments(
        store: store, gateway: try sellerSettings.makeGateway(store: store, now: now),
        settings: sellerSettings, ids: ids, outbox: outbox, now: now, logger: logger,
        random: random),
      now: now)
    retention = PackageRetention(store: store, settings: settings, now: now)
    self.store = store
    self.now = now
    self.reflects = reflects
    health = HealthStatus(
      ofStore: [
        CatalogueMethod.service, PackageMethod.service, SellerPackageMethod.service,
      ],
      others: Set([HealthMethod.service] + Self.reflectionServices(reflects)),
      isStoreAvailable: { store.isAvailable })
  }

  private static func reflectionServices(_ reflects: Bool) -> [String] {
    reflects ? ReflectionMethod.allCases.map(\.service) : []
  }

  /// What hashing passwords has come to.
  var passwordCounts: PasswordHasher.Counts { packages.passwords.counts }

  /// Every method that there is.
  package var methods: [Method] {
    let catalogue = CatalogueService(store: store, mutations: mutations)
    let health = HealthService(health: health)
    let methods =
      CatalogueMethod.allCases.map { registration.method($0, of: catalogue) }
      + PackageMethod.allCases.map { registration.method($0, of: packages) }
      + SellerPackageMethod.allCases.map { registration.method($0, of: sellerPackages) }
      + HealthMethod.allCases.map { registration.method($0, of: health) }
    guard reflects else { return methods }
    let services = [
      CatalogueMethod.service, PackageMethod.service, SellerPackageMethod.service,
      HealthMethod.service,
    ]
    let reflection = ReflectionService(
      index: .embedded, services: services + Self.reflectionServices(reflects))
    return methods + ReflectionMethod.allCases.map { registration.method($0, of: reflection) }
  }

  /// Adds the first plans and seller packages to a store that never had any.
  package func seed() async throws {
    _ = try await seedCatalogue()
    _ = try await seedSellerPackages()
  }

  /// Returns whether it added any.
  func seedCatalogue() async throws -> Bool {
    try await CatalogueSeed.plant(in: store, at: now())
  }

  /// Returns whether it added any.
  func seedSellerPackages() async throws -> Bool {
    try await SellerPackageSeed.plant(in: store, at: now())
  }

  /// Deletes whatever is kept for a time only, once that is over; returns how much. To be called
  /// now and then; one call takes all that there is, and leaves room for other writes.
  package func purgeExpired() async throws -> Int {
    try await purgeExpiredReplays() + purgeHostingPackages() + retention.purgeExpired()
      + sellerPackages.purgeExpiredHolds()
  }

  /// Ends what would hold up a drain for as long as its client likes: all watches, of the health
  /// and of packages, and the streams of requests, once all that has come is answered.
  package func releaseStreams() {
    health.release()
    registration.openStreams.release()
    packages.feed.release()
  }

  /// Asks the gateway for the outcomes of all payments that a daemon before this one left open. To
  /// be called once.
  package func recoverPayments() async {
    await sellerPackages.payments.recover()
  }

  /// Asks the gateway for outcomes that are due, so that no charge is left without its purchase. To
  /// be called every second or so.
  package func reconcilePayments() async {
    await sellerPackages.payments.reconcile()
  }

  /// Mails receipts, those that a daemon before this one left first, until its task is cancelled.
  package func mailReceipts() async {
    if retriesDeadMails { await outbox?.reviveDead() }
    await outbox?.run()
  }

  /// Waits for the payments that are under way, whose callers may be gone. The store must not be
  /// closed before.
  package func finishPayments() async {
    await sellerPackages.payments.finish()
  }

  /// Has nobody wait for a gateway any longer; what has no answer by now is asked for by the next
  /// process.
  package func cutPaymentsShort() {
    sellerPackages.payments.cutShort()
  }

  /// What payments and receipts have come to.
  package func sellerCounts() async -> SellerCounts {
    let mails = outbox?.counts ?? Outbox.Counts()
    let waiting = try? await store.read { transaction in
      let open = try transaction.unresolvedPaymentIntents(
        of: nil, after: nil, limit: Limits.maxCountedPayments)
      return SellerCounts.Waiting(
        openPayments: open.count, outbox: try transaction.outboxCounts())
    }
    return SellerCounts(
      payments: sellerPackages.payments.events, mailsSent: mails.sent, mailsFailed: mails.failed,
      mailsGivenUp: mails.dead, waiting: waiting)
  }

  /// Deletes replay records that no retry was promised any more; returns how many. To be called
  /// now and then; one call takes all that there are, and leaves room for other writes.
  package func purgeExpiredReplays() async throws -> Int {
    try await mutations.purgeExpiredReplays()
  }

  /// Removes for good the deleted packages whose purge time has come; returns how many. To be
  /// called now and then, as ``purgeExpiredReplays()``.
  package func purgeHostingPackages() async throws -> Int {
    try await packages.purgeHostingPackages()
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

  fileprivate func method(_ method: HealthMethod, of service: HealthService) -> Method {
    switch method {
    case .check:
      unary(
        method.path, for: .unasked, cached: { try? Answer(service.check($0)) },
        handler: { request, _ in Answer(try service.check(request)) })
    case .watch:
      serverStreaming(method.path, for: .unasked) { request, _, responses in
        try await service.watch(request, send: responses.send)
      }
    }
  }

  fileprivate func method(_ method: ReflectionMethod, of service: ReflectionService) -> Method {
    bidirectional(method.path, for: .unasked) {
      (requests: Requests<ServerReflectionRequest>, _, responses: Responses) in
      var sent: Set<String> = []
      for try await request in requests {
        try await responses.send(service.answer(request, sent: &sent))
      }
    }
  }
}
