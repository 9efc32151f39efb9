import API
import Testing

/// What is made around encoded packages, against the messages that they stand for.
@Suite struct EncodedPackagesTests {
  /// Random packages, one that is longer than usual ones, and one without any field.
  private func packages() throws -> [HostingPackage] {
    var packages = try (0..<20 as Range<UInt64>).map { seed in
      try HostingPackage(decoding: #require(Oracle.random(HostingPackage.name, seed: seed)))
    }
    var long = HostingPackage()
    long.name = String(repeating: "n", count: 20_000)
    packages += [long, HostingPackage()]
    return packages
  }

  @Test("a change of a package is encoded as its message is")
  func change() throws {
    for package in try packages() {
      for time in [nil, Timestamp(seconds: 1_800_000_000, nanos: 5)] {
        let change = PackageChange(kind: .updated, hostingPackage: package, changeTime: time)
        let bytes = PackageChange.encoded(
          kind: .updated, hostingPackage: package.encoded(), changeTime: time)
        #expect(bytes == change.encoded())
        #expect(
          WatchPackagesResponse.encoded(change: bytes, resumeToken: "42")
            == WatchPackagesResponse(change: change, resumeToken: "42").encoded())
      }
    }
  }
}
