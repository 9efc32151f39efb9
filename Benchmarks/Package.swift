// swift-tools-version: 6.2
// A package of its own, so that the daemon does not depend on what it is measured against.
// What it measures is linked in as sources: `package` access ends at a package's border.
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "packd-benchmarks",
  platforms: [.macOS("26.0")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0")
  ],
  targets: [
    .systemLibrary(
      name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .target(name: "ProtobufCOracle", dependencies: ["CProtobufC"]),
    .target(name: "CPlan", dependencies: ["CProtobufC", "ProtobufCOracle"]),
    .target(name: "API", swiftSettings: strict),
    .target(
      name: "SwiftProtobufPlan",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")]),
    .executableTarget(
      name: "CodecBenchmark",
      dependencies: [
        "API", "CPlan", "SwiftProtobufPlan",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict),
  ]
)
