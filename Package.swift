// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// For the rooms that every call passes through. Exclusive access is checked at run time in
/// debug builds, where the tests run; in release builds the checks would cost a seventh of a call.
let hot: [SwiftSetting] =
  strict + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcTransport: Target.Dependency = .product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")

let package = Package(
  name: "packd",
  platforms: [.macOS("26.0")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev", "libssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(
      name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),

    // In every program that has it, free and realloc are its own.
    .target(
      name: "CWipedHeap",
      linkerSettings: [.unsafeFlags(["-Xlinker", "--wrap=free", "-Xlinker", "--wrap=realloc"])]),
    .target(
      name: "HTTP2",
      dependencies: ["CNghttp2", "CLinux", "CWipedHeap", nioCore, nioPosix, nioTLS, nioSSL],
      swiftSettings: hot),
    .target(
      name: "GRPC", dependencies: ["HTTP2", "CZlib", nioCore, nioPosix], swiftSettings: hot),
    .target(name: "API", swiftSettings: strict),
    .target(name: "Storage", swiftSettings: strict),
    .target(name: "Threads", swiftSettings: strict),
    .target(
      name: "SQLiteStorage", dependencies: ["Storage", "Threads", "CSQLite"],
      swiftSettings: strict),
    .target(name: "Curl", dependencies: ["Threads", "CCurl", "CWipedHeap"], swiftSettings: strict),
    .target(
      name: "Services",
      dependencies: [
        "GRPC", "API", "Storage", "Threads", "Curl", "CSodium", "CIDN2", nioCore, crypto, jwtKit,
        logging,
      ],
      swiftSettings: hot),
    .executableTarget(
      name: "packd",
      dependencies: [
        "HTTP2", "GRPC", "API", "Storage", "SQLiteStorage", "Services",
        nioCore, nioPosix, nioHTTP1, jwtKit, logging, yams, argumentParser,
      ],
      swiftSettings: hot),
    .target(
      name: "Measuring", dependencies: ["API", "CZlib", crypto], swiftSettings: strict),
    .executableTarget(
      name: "packctl",
      dependencies: ["Measuring", "API", grpcCore, grpcTransport, argumentParser, crypto],
      swiftSettings: strict),
    .executableTarget(
      name: "packd-interop",
      dependencies: ["HTTP2", "GRPC", "API", nioCore, nioPosix, argumentParser],
      swiftSettings: strict),

    .target(name: "Command", path: "Tests/Command", swiftSettings: strict),
    .target(
      name: "ProtobufCOracle", dependencies: ["CProtobufC"], path: "Tests/ProtobufCOracle"),
    .testTarget(
      name: "APITests",
      dependencies: ["API", "Command", "ProtobufCOracle"],
      exclude: ["FuzzFinds", "judge.py", "judge-requirements.txt", "wire_shapes.proto"],
      swiftSettings: strict),
    .target(
      name: "StorageContract", dependencies: ["Storage"], path: "Tests/StorageContract",
      swiftSettings: strict),
    .testTarget(
      name: "ServicesTests",
      dependencies: [
        "Services", "GRPC", "API", "Storage", "SQLiteStorage", "StorageContract", "LoopbackServer",
        "Command", nioCore, crypto, cryptoExtras, logging,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "StorageTests", dependencies: ["Storage", "StorageContract"], swiftSettings: strict),

    .target(name: "LoopbackServer", path: "Tests/LoopbackServer", swiftSettings: strict),
    .testTarget(
      name: "CurlTests", dependencies: ["Curl", "LoopbackServer"], swiftSettings: strict),
    .target(name: "HTTP2Frames", path: "Tests/HTTP2Frames", swiftSettings: strict),
    .testTarget(
      name: "HTTP2Tests", dependencies: ["HTTP2", "HTTP2Frames", nioCore, nioEmbedded, nioSSL],
      swiftSettings: strict),
    .testTarget(
      name: "GRPCTests", dependencies: ["GRPC", "HTTP2", "HTTP2Frames", nioCore, nioEmbedded],
      swiftSettings: strict),
    .testTarget(
      name: "packdTests",
      dependencies: ["packd", "Services", "HTTP2", "GRPC", nioCore, nioPosix, argumentParser],
      swiftSettings: strict),
    .testTarget(
      name: "InteropTests", dependencies: ["packd-interop", "API", "Command"], swiftSettings: strict
    ),
    .testTarget(
      name: "MeasuringTests", dependencies: ["Measuring", "API", "Command"], swiftSettings: strict),
    .testTarget(
      name: "packctlTests", dependencies: ["packctl", "Measuring", "API"],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(
      name: "SQLiteStorageTests", dependencies: ["SQLiteStorage", "Storage", "StorageContract"],
      swiftSettings: strict),
    .executableTarget(
      name: "StorageBenchmark", dependencies: ["SQLiteStorage", "Storage"],
      path: "Benchmarks/StorageBenchmark", swiftSettings: strict),
  ]
)
