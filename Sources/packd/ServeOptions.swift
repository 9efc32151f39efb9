internal import ArgumentParser
internal import Foundation
internal import GRPC
internal import HTTP2
internal import Logging
internal import Services

/// The options of `packd serve`, as given; ``resolve(environment:)`` makes them whole.
struct ServeOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help:
      """
      Where to listen: host:port, [::1]:port or unix:/path, or plaintext: before a host that is to \
      have no TLS; repeatable. (default: 127.0.0.1:50051)
      """
  )
  var listen: [String] = []
  @Option(help: "Where the data is: sqlite:PATH or memory: (default: sqlite:./packd-data/packd.db)")
  var store: String?
  @Option(help: "File with the HS256 secret that tokens are signed with, 32 bytes at least.")
  var jwtSecretFile: String?
  @Option(
    help: "File with the JSON Web Key Set that tokens are verified with; read anew when it changes."
  )
  var jwtJwksFile: String?
  @Option(help: "Issuer that tokens must name. (default: not asked)")
  var jwtIssuer: String?
  @Option(help: "Audience that tokens must name. (default: not asked)")
  var jwtAudience: String?
  @Flag(
    help: "For development: make up a secret, print an Admin token and a first call; loopback only."
  )
  var dev = false
  @Option(
    help: "Where /livez, /readyz and /metrics answer over HTTP/1.1: host:port. (default: nowhere)")
  var adminListen: String?
  @Option(help: "Threads that serve connections. (default: one per usable core)")
  var eventLoops: String?
  @Option(
    help:
      "trace, debug, info, notice, warning, error or critical; calls are at info. (default: info)"
  )
  var logLevel: String?
  @Option(help: "text or json. (default: text on a terminal, else json)")
  var logFormat: String?
  @Flag(
    inversion: .prefixedNo,
    help: "Put the first plans and seller packages into an empty store. (default: --seed)")
  var seed: Bool?
  @Option(
    help:
      """
      Calls a second of one principal, or address without one, health and reflection apart; \
      0: no bound. (default: 0)
      """)
  var maxCallsPerSecondPerCaller: String?
  @Flag(
    inversion: .prefixedNo,
    help: "Tell tools without proto files which methods there are. (default: --reflection)")
  var reflection: Bool?
  @Option(help: "YAML file with settings, named as the flags are.")
  var config: String?
  @OptionGroup
  var tls: TLSOptions
  @OptionGroup
  var packages: PackageOptions
  @OptionGroup
  var sellers: SellerOptions
  @OptionGroup
  var limits: LimitOptions

  func resolve(environment: [String: String]) throws -> ServeSettings {
    var source = try SettingSource(path: config, environment: environment)
    var settings = ServeSettings()
    settings.configurationPath = source.path
    let addresses = try source.list(
      "listen", listen,
      expected: "host:port, [::1]:port, plaintext:host:port or unix:/path",
      ListenAddress.init(text:))
    let inherited = try InheritedSocket.all(environment: environment)
    settings.take(addresses, inherited)
    if let store = try source.value(
      "store", store, expected: "sqlite:PATH or memory:", ServeSettings.StoreLocation.init(text:))
    {
      settings.store = store
    }
    settings.secretPath = try source.string("jwt-secret-file", jwtSecretFile)
    settings.jwksPath = try source.string("jwt-jwks-file", jwtJwksFile)
    settings.issuer = try source.string("jwt-issuer", jwtIssuer)
    settings.audience = try source.string("jwt-audience", jwtAudience)
    settings.isDevelopment = try source.flag("dev", dev ? true : nil) ?? false
    if let address = try source.value(
      "admin-listen", adminListen, expected: "host:port", Listener.Address.init(tcp:))
    {
      settings.adminListen.append(ListenAddress(address, isPlaintext: true))
    }
    settings.tls = try tls.resolve(&source)
    try source.number("event-loops", eventLoops, in: 1...1024, &settings.eventLoops)
    settings.logLevel =
      try source.value(
        "log-level", logLevel,
        expected: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
        Logger.Level.init(rawValue:)) ?? settings.logLevel
    settings.logFormat =
      try source.value(
        "log-format", logFormat, expected: "text or json", LogFormat.init(rawValue:))
      ?? settings.logFormat
    var rate = 0
    try source.number(
      "max-calls-per-second-per-caller", maxCallsPerSecondPerCaller, in: 0...10_000_000, &rate)
    settings.maxCallsPerSecondPerCaller = rate == 0 ? nil : rate
    settings.seeds = try source.flag("seed", seed) ?? true
    settings.reflects = try source.flag("reflection", reflection) ?? true
    settings.packages = try packages.resolve(&source)
    settings.sellers = try sellers.resolve(&source)
    settings.mailRootsPath = try sellers.resolveMailRoots(&source)
    (settings.limits, settings.callLimits) = try limits.resolve(&source)
    try source.finish()
    try settings.check()
    return settings
  }
}

/// What `packd serve` runs with.
struct ServeSettings {
  enum StoreLocation: Equatable {
    case memory
    case sqlite(path: String)

    init?(text: String) {
      if text == "memory:" {
        self = .memory
      } else if text.hasPrefix("sqlite:"), text.count > 7 {
        self = .sqlite(path: String(text.dropFirst(7)))
      } else {
        return nil
      }
    }
  }

  fileprivate(set) var configurationPath: String?
  private(set) var listen: [ListenAddress] = []
  var store = StoreLocation.sqlite(path: "./packd-data/packd.db")
  var secretPath: String?
  var jwksPath: String?
  var issuer: String?
  var audience: String?
  var isDevelopment = false
  fileprivate(set) var adminListen: [ListenAddress] = []
  var tls: TLSSettings?
  var eventLoops = usableCores()
  var logLevel = Logger.Level.info
  var logFormat = isatty(2) == 1 ? LogFormat.text : LogFormat.json
  var seeds = true
  var packages = PackageSettings()
  /// Without what is in its files: see ``sellerSettings()``.
  var sellers = SellerSettings()
  var mailRootsPath: String?
  var maxCallsPerSecondPerCaller: Int?
  var reflects = true
  var limits = Limits()
  var callLimits = CallLimits()

  /// Serves on the addresses that are set and on the sockets that were inherited; on the default
  /// address when there is neither. A socket named "admin" is for the probes.
  mutating func take(_ addresses: [ListenAddress], _ inherited: [InheritedSocket]) {
    listen = addresses
    for socket in inherited {
      if socket.name == "admin" {
        adminListen.append(ListenAddress(socket))
      } else {
        listen.append(ListenAddress(socket))
      }
    }
    if listen.isEmpty { listen = [ListenAddress(.tcp(host: "127.0.0.1", port: 50051))] }
  }

  /// What no setting shows alone.
  fileprivate func check() throws {
    if isDevelopment {
      guard secretPath == nil, jwksPath == nil else {
        throw StartupError.usage(
          "--dev makes up its own secret: leave --jwt-secret-file and --jwt-jwks-file out")
      }
      for address in (listen + adminListen).map(\.address) where !address.isLoopback {
        throw StartupError.usage("--dev listens on loopback addresses only, not on \(address)")
      }
    } else if secretPath == nil && jwksPath == nil {
      throw StartupError.usage(
        "expected --jwt-secret-file or --jwt-jwks-file to verify tokens with, or --dev to try out")
    }
  }
}
