// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let configuration: Target.Dependency = .product(
  name: "Configuration", package: "swift-configuration")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "packd",
  platforms: [.macOS("26.0")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(
      url: "https://github.com/apple/swift-configuration.git", from: "1.4.0",
      traits: [.defaults, "YAML"]),
    .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
  ],
  targets: [
    .systemLibrary(
      name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    .target(name: "HTTP2", dependencies: ["CNghttp2", nioCore, nioPosix], swiftSettings: strict),
    .target(name: "GRPC", dependencies: ["HTTP2", nioCore], swiftSettings: strict),
    .target(name: "API", swiftSettings: strict),
    .target(name: "Storage", swiftSettings: strict),
    .target(name: "SQLiteStorage", dependencies: ["Storage", "CSQLite"], swiftSettings: strict),
    .target(
      name: "Services",
      dependencies: ["GRPC", "API", "Storage", crypto, jwtKit],
      swiftSettings: strict),
    .executableTarget(
      name: "packd",
      dependencies: [
        "HTTP2", "GRPC", "API", "Storage", "SQLiteStorage", "Services",
        nioCore, nioPosix, nioHTTP1, jwtKit, crypto, logging, configuration, argumentParser,
      ],
      swiftSettings: strict),

    .target(
      name: "StorageContract", dependencies: ["Storage"], path: "Tests/StorageContract",
      swiftSettings: strict),
    .testTarget(
      name: "StorageTests", dependencies: ["Storage", "StorageContract"], swiftSettings: strict),
    .testTarget(
      name: "SQLiteStorageTests", dependencies: ["SQLiteStorage", "Storage", "StorageContract"],
      swiftSettings: strict),
    .executableTarget(
      name: "StorageBenchmark", dependencies: ["SQLiteStorage", "Storage"],
      path: "Benchmarks/StorageBenchmark", swiftSettings: strict),
  ]
)
