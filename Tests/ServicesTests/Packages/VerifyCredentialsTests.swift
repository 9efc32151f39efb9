internal import API
internal import Crypto
internal import Foundation
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("VerifyCredentials, and where passwords go")
struct VerifyCredentialsTests {
  private func verify(
    _ world: World, _ username: String, _ password: String = CreatePackageRequest.samplePassword,
    as role: Role = .service, account: String? = nil, network: String = "192.0.2.1"
  ) async throws -> World.Reply<VerifyCredentialsResponse> {
    var request = VerifyCredentialsRequest()
    request.username = username
    request.password = password
    return try await world.call(
      .verifyCredentials, request, as: role, account: account, network: network)
  }

  private static let mismatch = VerifyCredentialsResponse(verdict: .mismatch, packageID: "")

  @Test("a username's own password is VERIFIED; anything else is one and the same MISMATCH")
  func verdicts() async throws {
    let world = try await World()
    let package = try await world.package()
    let good = try await verify(world, "site")
    #expect(
      try good.get()
        == VerifyCredentialsResponse(verdict: .verified, packageID: package.id))
    for (username, password) in [
      ("site", "correct horse batterY"), ("site", ""), ("site", "x"), ("other", "x"), ("", ""),
      ("Site", CreatePackageRequest.samplePassword),
    ] {
      let reply = try await verify(world, username, password, network: "192.0.2.2")
      #expect(try reply.get() == Self.mismatch)
    }
    #expect(try await verify(world, "site", as: .admin).status().code == .permissionDenied)
  }

  @Test("passwords count by their bytes: neither trimmed nor normalized")
  func exact() async throws {
    let world = try await World()
    _ = try await world.create(.sample(code: "basic"))
    let password = " caf\u{e9} caf\u{e9} caf\u{e9} "
    let made: World.Reply<CreatePackageResponse> = try await world.call(
      .createPackage, CreatePackageRequest(.sample(), password: password))
    _ = try made.get()
    #expect(try await verify(world, "site", password).get().verdict == .verified)
    for other in [" cafe\u{301} cafe\u{301} cafe\u{301} ", "caf\u{e9} caf\u{e9} caf\u{e9}"] {
      #expect(try await verify(world, "site", other).get().verdict == .mismatch)
    }
  }

  @Test("an unknown username and another account's cost the same work as a known one")
  func work() async throws {
    let world = try await World()
    _ = try await world.package()
    for (username, account) in [("site", nil), ("nobody", nil), ("site", "acme")] {
      let before = world.services.passwordCounts.started
      let reply = try await verify(world, username, account: account)
      #expect(world.services.passwordCounts.started == before + 1)
      if account != nil { #expect(try reply.get() == Self.mismatch) }
    }
  }

  @Test("a suspended or deleted package is SUSPENDED, and only to who knows the password")
  func suspended() async throws {
    let world = try await World()
    let package = try await world.package()
    let suspended = VerifyCredentialsResponse(verdict: .suspended, packageID: package.id)
    let stop: World.Reply<SuspendPackageResponse> = try await world.call(
      .suspendPackage, SuspendPackageRequest(package.id, .billing))
    _ = try stop.get()
    #expect(try await verify(world, "site").get() == suspended)
    #expect(try await verify(world, "site", "wrong password").get() == Self.mismatch)
    let go: World.Reply<UnsuspendPackageResponse> = try await world.call(
      .unsuspendPackage, UnsuspendPackageRequest(package.id, .all(true)))
    _ = try go.get()
    #expect(try await verify(world, "site").get().verdict == .verified)
    let gone: World.Reply<DeletePackageResponse> = try await world.call(
      .deletePackage, DeletePackageRequest(package.id))
    _ = try gone.get()
    #expect(try await verify(world, "site").get() == suspended)
    world.clock.advance(seconds: 30 * 86_400)
    _ = try await world.services.purgeHostingPackages()
    #expect(try await verify(world, "site").get() == Self.mismatch)
  }

  @Test("attempts are limited by username and by address, and refused before any work")
  func limits() async throws {
    var settings = PackageSettings()
    settings.attemptsPerMinutePerUsername = 3
    settings.attemptsPerMinutePerAddress = 5
    let world = try await World(packages: settings)
    _ = try await world.package()
    for number in 0..<3 { _ = try await verify(world, "site", network: "192.0.2.\(number)").get() }
    let work = world.services.passwordCounts.started
    let status = try await verify(world, "site", network: "192.0.2.9").status()
    #expect(status.code == .resourceExhausted)
    #expect(try Details(status).reason == "TOO_MANY_ATTEMPTS")
    #expect(try Details(status).retry != nil)
    #expect(world.services.passwordCounts.started == work)
    for number in 0..<5 {
      _ = try await verify(world, "user\(number)", network: "198.51.100.1").get()
    }
    let address = try await verify(world, "user9", network: "198.51.100.1").status()
    #expect(try Details(address).reason == "TOO_MANY_ATTEMPTS")
    world.clock.advance(seconds: 60)
    #expect(try await verify(world, "site").get().verdict == .verified)
  }

  @Test("texts that are too long are refused by name, and not repeated")
  func tooLong() async throws {
    let world = try await World()
    let reply = try await verify(
      world, String(repeating: "u", count: 33), String(repeating: "secret", count: 50))
    #expect(try Details(reply.status()).fields == ["password", "username"])
    #expect(!String(decoding: reply.status().details, as: UTF8.self).contains("secret"))
  }

  /// Every way that a password comes in, with one that is looked for afterwards.
  private func useEverywhere(_ secret: String, in world: World) async throws -> [Status] {
    _ = try await world.create(.sample(code: "basic"))
    func create(_ package: HostingPackage, _ password: String, _ id: String) async throws
      -> World.Reply<CreatePackageResponse>
    {
      try await world.call(
        .createPackage, CreatePackageRequest(package, password: password, requestID: id))
    }
    var statuses: [Status] = []
    _ = try await create(.sample(), secret, "r").get()
    _ = try await create(.sample(), secret, "r").get()
    statuses.append(try await create(.sample(), secret + "x", "r").status())
    statuses.append(try await create(.sample(), secret, "other").status())
    statuses.append(
      try await create(.sample("new"), secret + String(repeating: "y", count: 256), "").status())
    statuses.append(try await create(.sample("new"), secret + "\u{0}", "").status())
    _ = try await verify(world, "site", secret).get()
    _ = try await verify(world, "site", secret + "z").get()
    // As a message that breaks off behind the password.
    let cut = CreatePackageRequest(.sample(), password: secret).encoded() + [0x1a, 0x7f]
    let broken: World.Reply<CreatePackageResponse> = try await world.call(
      path: PackageMethod.createPackage.path, bytes: cut,
      authorization: world.authorization(.admin))
    statuses.append(broken.status())
    return statuses
  }

  @Test("a password is in no answer, log or file; its hash is in the file, and nowhere else there")
  func secrecy() async throws {
    let secret = "hunter2 hunter2 hunter2"
    try await StoreKind.sqlite.withStore { store, folder in
      let world = try await World(store: store)
      let statuses = try await useEverywhere(secret, in: world)
      for status in statuses {
        #expect(status.code != .ok)
        #expect(!status.message.contains("hunter2") && !status.message.contains("argon2"))
        let details = String(decoding: status.details, as: UTF8.self)
        #expect(!details.contains("hunter2") && !details.contains("argon2"))
      }
      #expect(!world.log.lines.contains { $0.contains("hunter2") || $0.contains("argon2") })
      let files = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
      var bytes = Data()
      for file in files { bytes += try Data(contentsOf: file) }
      #expect(files.contains { $0.lastPathComponent.hasSuffix("-wal") })
      #expect(bytes.range(of: Data("site.example".utf8)) != nil)
      #expect(bytes.range(of: Data("$argon2id$".utf8)) != nil)
      #expect(bytes.range(of: Data("hunter2".utf8)) == nil)
      let (audit, changes, replay) = try await store.read { transaction in
        (
          try transaction.auditRecords(partition: "account/default", after: 0, limit: 100),
          try transaction.packageChanges(accountID: "default", after: 0, limit: 100),
          try transaction.replay(
            ReplayKey(
              caller: "default/10", method: PackageMethod.createPackage.path, requestID: "r"))
        )
      }
      let response = try #require(replay?.response)
      #expect(!String(decoding: response, as: UTF8.self).contains("argon2"))
      #expect(audit.count == 1 && !"\(audit)".contains("argon2"))
      #expect(changes.count == 1)
      #expect(!String(decoding: changes[0].package, as: UTF8.self).contains("argon2"))
      // The hash over the request would let a known request's password be guessed.
      var bare = CreatePackageRequest(.sample(), password: "", requestID: "r")
      #expect(replay?.requestHash == Array(SHA256.hash(data: bare.encoded())))
      bare.password = secret
      #expect(replay?.requestHash != Array(SHA256.hash(data: bare.encoded())))
    }
  }
}
