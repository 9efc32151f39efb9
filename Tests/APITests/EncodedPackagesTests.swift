import API
import Testing

/// Responses around encoded packages, against the messages that they stand for.
@Suite struct EncodedPackagesTests {
  /// Random packages, one that is longer than a page's usual ones, and one without any field.
  private func packages() throws -> [HostingPackage] {
    var packages = try (0..<20 as Range<UInt64>).map { seed in
      try HostingPackage(decoding: #require(Oracle.random(HostingPackage.name, seed: seed)))
    }
    var long = HostingPackage()
    long.name = String(repeating: "n", count: 20_000)
    packages += [long, HostingPackage()]
    return packages
  }

  private func check<Response: HostingPackageResponse>(_ type: Response.Type) throws {
    for package in try packages() {
      let bytes = Response.encoded(hostingPackage: package.encoded())
      #expect(bytes == Response(hostingPackage: package).encoded(), "\(type.name)")
      #expect(try Response(decoding: bytes) == Response(hostingPackage: package))
    }
  }

  @Test("a response that is a package is encoded as its message is")
  func onePackage() throws {
    try check(GetPackageResponse.self)
    try check(CreatePackageResponse.self)
    try check(UpdatePackageResponse.self)
    try check(DeletePackageResponse.self)
    try check(UndeletePackageResponse.self)
    try check(SuspendPackageResponse.self)
    try check(UnsuspendPackageResponse.self)
  }

  @Test("a page of packages is encoded as its message is", arguments: ["", "next"])
  func page(token: String) throws {
    let packages = try packages()
    let response = ListPackagesResponse(hostingPackages: packages, nextPageToken: token)
    #expect(
      ListPackagesResponse.encoded(
        hostingPackages: packages.map { $0.encoded() }, nextPageToken: token)
        == response.encoded())
    #expect(
      ListPackagesResponse.encoded(hostingPackages: [], nextPageToken: token)
        == ListPackagesResponse(hostingPackages: [], nextPageToken: token).encoded())
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

  @Test("a response with nothing but a token is encoded as its message is")
  func token() {
    #expect(
      WatchPackagesResponse.encoded(change: nil, resumeToken: "42")
        == WatchPackagesResponse(change: nil, resumeToken: "42").encoded())
    #expect(WatchPackagesResponse.encoded(change: nil, resumeToken: "") == [])
  }
}
