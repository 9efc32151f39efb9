internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("PackageService configuration")
struct PackageConfigurationTests {
  private func get(
    _ world: World, _ package: HostingPackage
  ) async throws -> PackageConfiguration {
    var request = GetPackageConfigurationRequest()
    request.packageID = package.id
    let reply: World.Reply<GetPackageConfigurationResponse> = try await world.call(
      .getPackageConfiguration, request)
    return try #require(try reply.get().configuration)
  }

  private func update(
    _ world: World, _ package: HostingPackage, _ configuration: PackageConfiguration?,
    mask: [String]? = nil, requestID: String = "", validateOnly: Bool = false
  ) async throws -> World.Reply<UpdatePackageConfigurationResponse> {
    var request = UpdatePackageConfigurationRequest()
    request.packageID = package.id
    request.configuration = configuration
    request.updateMask = mask.map { FieldMask(paths: $0) }
    request.requestID = requestID
    request.validateOnly = validateOnly
    return try await world.call(.updatePackageConfiguration, request)
  }

  private var sample: PackageConfiguration {
    var configuration = PackageConfiguration()
    configuration.phpVersion = "8.2"
    configuration.phpMemoryLimitMB = 256
    configuration.phpMaxExecutionTimeS = 60
    configuration.phpUploadMaxMB = 64
    configuration.sslEnabled = true
    configuration.custom = ["app.debug": "off", "motd": "Grüße\n"]
    return configuration
  }

  @Test("without a mask every field is written, and the package moves along")
  func full() async throws {
    let world = try await World()
    let package = try await world.package()
    let before = try await get(world, package)
    #expect(before == package.configuration)
    world.clock.advance(seconds: 5)
    let reply = try await update(world, package, sample)
    let written = try #require(try reply.get().configuration)
    var expected = sample
    expected.updateTime = Timestamp(seconds: 1_767_225_605)
    expected.etag = written.etag
    #expect(written == expected)
    #expect(written.etag != before.etag && written.etag.count == 11)
    #expect(try await get(world, package) == written)
    let after = try #require(try await world.getPackage(package.id).get().hostingPackage)
    #expect(after.configuration == written)
    #expect(after.etag != package.etag)
    #expect(after.updateTime == expected.updateTime)
  }

  @Test("a mask writes its fields alone, and * all of them")
  func mask() async throws {
    let world = try await World()
    let package = try await world.package()
    let before = try await get(world, package)
    let first = try await update(
      world, package, sample, mask: ["php_version", "custom"]
    ).get().configuration
    var expected = before
    expected.phpVersion = "8.2"
    expected.custom = sample.custom
    expected.etag = first?.etag ?? ""
    #expect(first == expected)
    var cleared = sample
    cleared.custom = StringMap()
    let second = try await update(world, package, cleared, mask: ["*"]).get().configuration
    #expect(second?.custom == StringMap())
    #expect(second?.phpMemoryLimitMB == 256)
  }

  @Test("paths that are unknown or the server's are named, all at once")
  func badMask() async throws {
    let world = try await World()
    let package = try await world.package()
    for path in ["php", "custom.motd", "configuration.php_version", "PHP_VERSION", ""] {
      let status = try await update(world, package, sample, mask: [path]).status()
      #expect(status.code == .invalidArgument)
      #expect(status.message.contains("unknown path \"\(path)\""))
    }
    for path in ["etag", "update_time"] {
      let status = try await update(world, package, sample, mask: [path]).status()
      #expect(status.message.contains("\"\(path)\" is set by the server"))
    }
    let many = try await update(
      world, package, sample, mask: Array(repeating: "custom", count: 33)
    ).status()
    #expect(try Details(many).fields == ["update_mask"])
  }

  @Test("every bad field is named, all at once, and only fields of the mask are looked at")
  func badFields() async throws {
    let world = try await World()
    let package = try await world.package()
    let none = try await update(world, package, nil).status()
    #expect(try Details(none).fields == ["configuration"])
    var bad = PackageConfiguration()
    bad.phpVersion = "5.6"
    bad.phpMemoryLimitMB = 15
    bad.phpMaxExecutionTimeS = 3601
    bad.phpUploadMaxMB = 4097
    bad.forceHTTPS = true
    bad.http2Enabled = true
    bad.custom = [
      "ok": "", "No": "x", "": "x", "long": String(repeating: "é", count: 1025),
      "control": "\u{7}", "\u{e9}": "x",
    ]
    bad.etag = String(repeating: "e", count: 65)
    let fields = try Details(try await update(world, package, bad).status()).fields
    #expect(
      fields == [
        "configuration.custom[\"\"]", "configuration.custom[\"No\"]",
        "configuration.custom[\"control\"]", "configuration.custom[\"long\"]",
        "configuration.custom[\"é\"]", "configuration.etag", "configuration.force_https",
        "configuration.http2_enabled", "configuration.php_max_execution_time_s",
        "configuration.php_memory_limit_mb", "configuration.php_upload_max_mb",
        "configuration.php_version",
      ])
    bad.etag = ""
    bad.sslEnabled = true
    let masked = try await update(
      world, package, bad, mask: ["ssl_enabled", "force_https", "http2_enabled"])
    #expect(try masked.get().configuration?.forceHTTPS == true)
  }

  @Test("the ends of each range are taken, and up to 64 custom settings")
  func ranges() async throws {
    let world = try await World()
    let package = try await world.package()
    var configuration = sample
    for index in 0..<64 {
      configuration.custom["\(index)"] = String(repeating: "x", count: 1024)
    }
    configuration.custom["app.debug"] = nil
    configuration.custom["motd"] = nil
    let ends: [(Int32, Int32, Int32)] = [(16, 1, 1), (4096, 3600, 4096)]
    for (memory, time, upload) in ends {
      configuration.phpMemoryLimitMB = memory
      configuration.phpMaxExecutionTimeS = time
      configuration.phpUploadMaxMB = upload
      _ = try await update(world, package, configuration).get()
    }
    configuration.custom["one.more"] = ""
    let status = try await update(world, package, configuration).status()
    #expect(try Details(status).fields == ["configuration.custom"])
  }

  @Test("TLS cannot go while something that stays needs it")
  func needsTLS() async throws {
    let world = try await World()
    let package = try await world.package()
    var configuration = sample
    configuration.forceHTTPS = true
    _ = try await update(world, package, configuration).get()
    configuration.sslEnabled = false
    let status = try await update(world, package, configuration, mask: ["ssl_enabled"]).status()
    #expect(try Details(status).fields == ["configuration.force_https"])
    configuration.forceHTTPS = false
    let both = try await update(
      world, package, configuration, mask: ["ssl_enabled", "force_https"])
    #expect(try both.get().configuration?.sslEnabled == false)
  }

  @Test("a stale etag is ABORTED, the configuration's own and none are not")
  func etag() async throws {
    let world = try await World()
    let package = try await world.package()
    var configuration = sample
    configuration.etag = try await get(world, package).etag
    let written = try #require(
      try await update(world, package, configuration).get().configuration)
    for etag in [configuration.etag, package.etag, "x"] {
      configuration.etag = etag
      let status = try await update(world, package, configuration).status()
      #expect(status.code == .aborted)
      #expect(try Details(status).reason == "ETAG_MISMATCH")
    }
    // Other writes of the package leave the configuration's etag as it is.
    let suspended: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .admin))
    _ = try suspended.get()
    configuration.etag = written.etag
    _ = try await update(world, package, configuration).get()
  }

  @Test("a deleted package is configured no more, but tells how it was")
  func deleted() async throws {
    let world = try await World()
    let package = try await world.package()
    let deleted: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(package.id))
    _ = try deleted.get()
    let status = try await update(world, package, sample).status()
    #expect(status.code == .failedPrecondition)
    #expect(try Details(status).reason == "PACKAGE_DELETED")
    #expect(try await get(world, package) == package.configuration)
  }

  @Test("a retry gets the first answer, validate_only writes nothing, and each write is audited")
  func replay() async throws {
    let world = try await World()
    let package = try await world.package()
    let before = try await get(world, package)
    _ = try await update(world, package, sample, validateOnly: true).get()
    #expect(try await get(world, package) == before)
    let first = try await update(world, package, sample, requestID: "r")
    let second = try await update(world, package, sample, requestID: "r")
    #expect(!first.isReplay && second.isReplay && first.bytes == second.bytes)
    let audit = try await world.store.read {
      try $0.auditRecords(partition: "account/default", after: 1, limit: 10)
    }
    #expect(audit.map(\.resource) == ["packages/\(package.id)/configuration"])
    #expect(audit.first?.beforeETag == before.etag)
    #expect(audit.first?.afterETag == (try first.get().configuration?.etag))
    let changes = try await world.store.read {
      try $0.packageChanges(accountID: "default", after: 1, limit: 10)
    }
    #expect(changes.map(\.kind) == [.updated])
  }

  @Test("the operator's PHP versions are those that can be chosen")
  func versions() async throws {
    var settings = PackageSettings()
    settings.phpVersions = ["9.0", "8.2"]
    let world = try await World(packages: settings)
    let package = try await world.package()
    #expect(try await get(world, package).phpVersion == "9.0")
    var configuration = sample
    _ = try await update(world, package, configuration, mask: ["php_version"]).get()
    configuration.phpVersion = "8.3"
    let status = try await update(
      world, package, configuration, mask: ["php_version"]
    ).status()
    #expect(status.message.contains("must be one of: 9.0, 8.2"))
  }

  /// As many custom settings as make a message long.
  private func many(_ count: Int = 10_000) -> StringMap {
    var map = StringMap()
    for index in 0..<count { map["key-\(index)"] = "value" }
    return map
  }

  @Test("a long request is answered like any other, only later")
  func long() async throws {
    let world = try await World()
    let package = try await world.package()
    var configuration = sample
    for index in 0..<62 {
      configuration.custom["\(index)"] = String(repeating: "\u{1F600}", count: 1024)
    }
    let first = try await update(world, package, configuration, requestID: "r")
    #expect(first.bytes.count > Limits.maxInlineRequestBytes && !first.isImmediate)
    #expect(try first.get().configuration?.custom == configuration.custom)
    #expect(try await update(world, package, configuration, requestID: "r").isReplay)
    let broken: World.Reply<UpdatePackageConfigurationResponse> = try await world.call(
      path: PackageMethod.updatePackageConfiguration.path,
      bytes: [UInt8](repeating: 0x0f, count: Limits.maxInlineRequestBytes + 1),
      authorization: world.authorization(.admin))
    #expect(try Details(broken.status()).reason == "UNDECODABLE_MESSAGE")
    #expect(!broken.isImmediate)
  }

  @Test("a field that is wrong in itself is not applied, and is told with the rest")
  func refusedField() async throws {
    let world = try await World()
    let package = try await world.package()
    var configuration = sample
    configuration.custom = many()
    configuration.sslEnabled = false
    configuration.http2Enabled = true
    let status = try await update(world, package, configuration, requestID: "r").status()
    #expect(
      try Details(status).fields == ["configuration.custom", "configuration.http2_enabled"])
    var request = UpdatePackageConfigurationRequest()
    request.configuration = configuration
    var violations = Violations()
    let edit = ConfigurationEdit(request, PackageSettings(), &violations)
    #expect(!violations.isEmpty)
    let record = try #require(try await world.record(package)).configuration
    #expect(edit.applied(to: record, &violations).custom == record.custom)
  }

  @Test("a map too long to be kept is not put in order, and still makes another request")
  func longIgnoredMap() async throws {
    let world = try await World()
    let package = try await world.package()
    var configuration = sample
    configuration.custom = many()
    func update(_ configuration: PackageConfiguration) async throws
      -> World.Reply<UpdatePackageConfigurationResponse>
    {
      try await self.update(
        world, package, configuration, mask: ["php_version"], requestID: "r")
    }
    let first = try await update(configuration)
    #expect(try first.get().configuration?.custom == StringMap())
    #expect(try await update(configuration).isReplay)
    configuration.custom["key-1"] = "other"
    let other = try await update(configuration)
    #expect(try Details(other.status()).reason == "IDEMPOTENCY_MISMATCH")

    var request = UpdatePackageConfigurationRequest()
    request.configuration = configuration
    #expect(request.replayedContent == nil)
    request.configuration?.custom = many(Limits.maxCustomSettings)
    #expect(request.replayedContent == request.encoded())
  }
}
