internal import Foundation
internal import Glibc
internal import GRPC
internal import HTTP2
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import SQLiteStorage
internal import Services
internal import Storage
internal import Synchronization

/// The running program: its rooms, wired together, from start to drain.
final class Daemon: Sendable {
  private static let purgeInterval = Duration.seconds(600)
  /// How often payments that are due are looked for.
  private static let dueInterval = Duration.seconds(1)
  /// How long those who watch the health may not know that the store has gone or come back.
  private static let healthInterval = Duration.milliseconds(250)
  /// How long those who watch the health see that it is NOT_SERVING, and streams go on, before a
  /// drain lets them go.
  private static let streamGrace = Duration.seconds(1)

  private let keySetWatch: FileWatch<[UInt8]>?
  private let tlsWatch: FileWatch<TLSContext.Files>?
  private let store: any Store
  private let services: RPCServices
  private let group: MultiThreadedEventLoopGroup
  private let server: Server
  private let listener: Listener
  private let admins: [AdminServer]
  private let notifier: ServiceNotifier
  private let isDraining: Latch
  private let hasConfiguration: Bool
  private let level: LogLevel
  private let log = Logger(label: "packd")

  /// Opens the store, then listens; returns when calls are served.
  ///
  /// - Throws: ``StartupError``; what was opened is closed then.
  static func start(
    _ settings: ServeSettings, writer: LogWriter, level: LogLevel, notifier: ServiceNotifier
  ) async throws -> Daemon {
    let keys = try Keys(settings)
    let authenticator = try await keys.authenticator()
    let tls = try settings.tls.map {
      try ServedTLS($0, limits: settings.limits, log: Logger(label: "packd"))
    }
    var settings = settings
    settings.sellers = try settings.sellerSettings()
    let store = try openStore(settings.store)
    do {
      return try await Daemon(
        settings: settings, keys: keys, authenticator: authenticator, tls: tls, store: store,
        writer: writer, level: level, notifier: notifier)
    } catch {
      await store.close()
      throw error
    }
  }

  private static func openStore(_ location: ServeSettings.StoreLocation) throws -> any Store {
    switch location {
    case .memory: return MemoryStore()
    case .sqlite(let path):
      do { return try SQLiteStore.open(path: path) } catch { throw StartupError(error) }
    }
  }

  private init(
    settings: ServeSettings, keys: Keys, authenticator: Authenticator, tls: ServedTLS?,
    store: any Store, writer: LogWriter, level: LogLevel, notifier: ServiceNotifier
  ) async throws {
    keySetWatch = keys.jwks.map { [log] jwks in
      FileWatch(
        "the JSON Web Key Set", installed: jwks, log: log,
        read: { try keys.readJWKS() ?? jwks }, install: { try await authenticator.reload(jwks: $0) }
      )
    }
    tlsWatch = tls?.watch
    hasConfiguration = settings.configurationPath != nil
    self.level = level
    self.store = store
    self.notifier = notifier
    services = try Self.services(settings, store, authenticator, log)
    if settings.seeds { try await Self.seed(services) }

    group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
    let router = Router(methods: services.methods, details: statusDetails)
    let format = settings.logFormat
    let metrics = ServerMetrics(methods: router.methods)
    let server = try await Server(group: group, router: router, limits: settings.callLimits) {
      [
        metrics.interceptor(on: $0),
        CallLog(writer: writer, format: format, level: level, eventLoop: $0),
      ]
    }
    self.server = server
    let reportShortage: @Sendable (String) -> Void = { [log] shortage in
      log.warning("cannot accept connections for now", metadata: ["cause": "\(shortage)"])
    }
    let listener = Listener(
      group: group, limits: settings.limits, reportShortage: reportShortage,
      connectionEnded: { [log] in log.log($0) }
    ) { server.makeHandler(on: $0) }
    self.listener = listener
    let isDraining = Latch()
    self.isDraining = isDraining
    let page = MetricsPage(
      server: metrics, connections: { await listener.counters() },
      isStoreAvailable: { store.isAvailable }, sellers: services.sellerCounts)
    let served: [ServedAddress]
    do {
      served = try await Self.listen(settings.listen, listener, tls?.server)
      admins = try await Self.admins(
        settings.adminListen, group, reportShortage,
        isReady: { store.isAvailable && !isDraining.isSet }, metrics: page.render)
    } catch {
      await listener.drain()
      try? await group.shutdownGracefully()
      throw error
    }
    try await announce(served, settings, secret: keys.secret ?? [])
  }

  /// Where calls are served, its port known.
  private struct ServedAddress {
    let address: Listener.Address
    let isSecure: Bool
  }

  private static func listen(
    _ addresses: [ListenAddress], _ listener: Listener, _ tls: ServerTLS?
  ) async throws -> [ServedAddress] {
    var served: [ServedAddress] = []
    for entry in addresses {
      let tls = entry.isPlaintext ? nil : tls
      let address = try await bind(entry.address) {
        try await listener.listen(entry.address, on: entry.socket, tls: tls)
      }
      served.append(ServedAddress(address: address, isSecure: tls != nil))
    }
    return served
  }

  private static func admins(
    _ addresses: [ListenAddress], _ group: any EventLoopGroup,
    _ reportShortage: @escaping @Sendable (String) -> Void,
    isReady: @escaping @Sendable () -> Bool, metrics: @escaping @Sendable () async -> String
  ) async throws -> [AdminServer] {
    var admins: [AdminServer] = []
    for entry in addresses {
      admins.append(
        try await bind(entry.address) {
          try await AdminServer(
            group: group, address: entry, reportShortage: reportShortage, isReady: isReady,
            metrics: metrics)
        })
    }
    return admins
  }

  private func announce(
    _ served: [ServedAddress], _ settings: ServeSettings, secret: [UInt8]
  ) async throws {
    func list(_ addresses: [ServedAddress]) -> Logger.MetadataValue {
      "\(addresses.map(\.address.description).joined(separator: " "))"
    }
    var metadata: Logger.Metadata = ["listen": list(served)]
    if settings.sellers.gateway == .sandbox, !settings.isDevelopment {
      metadata["payments"] = "sandbox: nobody is charged"
    }
    if settings.tls != nil { metadata["tls"] = list(served.filter(\.isSecure)) }
    log.notice("serving", metadata: metadata)
    notifier.send(.ready)
    // Of several the easiest to call.
    if settings.isDevelopment, let shown = served.first(where: { !$0.isSecure }) ?? served.first {
      try await DevelopmentGreeting(
        secret: secret, address: shown.address,
        certificatePath: shown.isSecure ? settings.tls?.certificatePath : nil
      ).print()
    }
  }

  private static func services(
    _ settings: ServeSettings, _ store: any Store, _ authenticator: Authenticator, _ log: Logger
  ) throws -> RPCServices {
    do {
      return try RPCServices(
        store: store, authenticator: authenticator, reflects: settings.reflects,
        packages: settings.packages, sellerPackages: settings.sellers,
        callsPerSecondPerCaller: settings.maxCallsPerSecondPerCaller,
        logger: log)
    } catch { throw StartupError.usage(error.description) }
  }

  private static func seed(_ services: RPCServices) async throws {
    do { try await services.seed() } catch let error as StorageError {
      throw StartupError(error)
    }
  }

  private static func bind<Bound>(
    _ address: Listener.Address, _ body: () async throws -> Bound
  ) async throws -> Bound {
    do { return try await body() } catch let error as IOError {
      let reason = String(cString: strerror(error.errnoCode))
      throw StartupError.unavailable("cannot listen on \(address): \(reason)")
    } catch {
      throw StartupError.unavailable("cannot listen on \(address): \(error)")
    }
  }

  /// Serves until the first stop signal, then drains. A second one ends the process at once.
  ///
  /// - Parameter settings: reads the settings anew.
  func run(
    until signals: AsyncStream<Signals.Signal>,
    settings: @escaping @Sendable () throws -> ServeSettings
  ) async throws {
    let chores = [
      Task { _ = await keySetWatch?.run() }, Task { _ = await tlsWatch?.run() },
      Task { await purge() }, Task { await feedWatchdog() }, Task { await refreshHealth() },
    ]
    let others = [Task { await reconcilePayments() }, Task { await services.mailReceipts() }]
    let (stop, stopContinuation) = AsyncStream.makeStream(of: Void.self)
    let steering = Task {
      for await signal in signals {
        switch signal {
        case .reload: await reload(settings)
        case .stop:
          if isDraining.isSet { _exit(1) }
          isDraining.set()
          stopContinuation.finish()
        }
      }
    }
    for await _ in stop {}
    await drain(others)
    for task in chores + [steering] { task.cancel() }
  }

  /// - Parameter others: that talk to other servers. They end before the store does, so that what
  ///   came of it is noted.
  private func drain(_ others: [Task<Void, Never>]) async {
    log.notice("draining")
    notifier.send(.stopping)
    services.health.drain()
    // Later than the GOAWAY, so that a client which begins again does so somewhere else.
    let release = Task {
      try? await Task.sleep(for: Self.streamGrace)
      services.releaseStreams()
    }
    // A gateway may take longer than a drain.
    let grace = listener.drainGraceSeconds
    let cut = Task {
      try await Task.sleep(for: .seconds(grace))
      services.cutPaymentsShort()
    }
    await listener.drain()
    release.cancel()
    await server.finish()
    await services.finishPayments()
    cut.cancel()
    for task in others { task.cancel() }
    for task in others { await task.value }
    await store.close()
    for admin in admins { await admin.close() }
    log.notice("stopped")
  }

  private func reload(_ settings: () throws -> ServeSettings) async {
    notifier.sendReloading()
    if hasConfiguration {
      await reloadConfiguration(settings)
    } else {
      log.notice("log level and limits stay as they were: there is no configuration file to read")
    }
    await keySetWatch?.reload()
    await tlsWatch?.reload()
    notifier.send(.ready)
  }

  private func reloadConfiguration(_ settings: () throws -> ServeSettings) async {
    do {
      let settings = try settings()
      level.value = settings.logLevel
      listener.install(settings.limits)
      await server.install(settings.callLimits)
      log.notice("log level and limits were read anew")
    } catch {
      let cause = (error as? StartupError)?.message ?? "\(error)"
      log.error("log level and limits stay as they were", metadata: ["cause": "\(cause)"])
    }
  }

  // MARK: Chores

  private func purge() async {
    while (try? await Task.sleep(for: Self.purgeInterval)) != nil {
      do { _ = try await services.purgeExpired() } catch {
        log.error("expired records are left", error: error)
      }
    }
  }

  private func reconcilePayments() async {
    // Beside each other: many payments may have been left open, and a gateway may be slow.
    async let recovery: Void = services.recoverPayments()
    while await sleep(Self.dueInterval) { await services.reconcilePayments() }
    await recovery
  }

  /// Returns whether there is more to do: the task was not cancelled.
  private func sleep(_ interval: Duration) async -> Bool {
    (try? await Task.sleep(for: interval)) != nil
  }

  private func refreshHealth() async {
    while (try? await Task.sleep(for: Self.healthInterval)) != nil {
      services.health.refresh()
    }
  }

  private func feedWatchdog() async {
    guard let interval = notifier.watchdogInterval else { return }
    while (try? await Task.sleep(for: interval)) != nil {
      notifier.send(.watchdog)
    }
  }
}

/// Turns true once.
final class Latch: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .acquiring) }

  func set() { value.store(true, ordering: .releasing) }
}
