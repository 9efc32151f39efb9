@testable internal import packd
internal import ArgumentParser
internal import Foundation
internal import HTTP2
internal import Testing

@Suite struct SettingTests {
  private func resolve(
    _ arguments: [String], environment: [String: String] = [:], file: String? = nil
  ) throws -> ServeSettings {
    var arguments = arguments
    if let file {
      let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml").path
      try file.write(toFile: path, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(atPath: path) }
      arguments += ["--config", path]
      return try ServeOptions.parse(arguments).resolve(environment: environment)
    }
    return try ServeOptions.parse(arguments).resolve(environment: environment)
  }

  private func message(
    _ arguments: [String], environment: [String: String] = [:], file: String? = nil
  ) -> String {
    do {
      _ = try resolve(arguments, environment: environment, file: file)
      return ""
    } catch let error as StartupError {
      #expect(error.kind.exitStatus == 64)
      return error.message
    } catch {
      return "\(error)"
    }
  }

  @Test("a flag goes before the environment, that before the file, that before the default")
  func precedence() throws {
    let file = "dev: true\nmax-connections: 3\nmax-header-fields: 30\nmax-continuation-frames: 4\n"
    let environment = ["PACKD_MAX_CONNECTIONS": "2", "PACKD_MAX_HEADER_FIELDS": "20"]
    let settings = try resolve(["--max-connections", "1"], environment: environment, file: file)
    #expect(settings.limits.maxConnections == 1)
    #expect(settings.limits.maxHeaderFields == 20)
    #expect(settings.limits.maxContinuationFrames == 4)
    #expect(settings.limits.maxSettingsEntries == Limits().maxSettingsEntries)
    #expect(settings.isDevelopment)
  }

  @Test("addresses are host and port, bracketed IPv6 and port, or a socket's path")
  func addresses() throws {
    let settings = try resolve([
      "--dev", "--listen", "127.0.0.1:1", "--listen", "[::1]:2", "--listen", "unix:/tmp/s",
    ])
    #expect(
      settings.listen.map(\.address) == [
        .tcp(host: "127.0.0.1", port: 1), .tcp(host: "::1", port: 2), .unix(path: "/tmp/s"),
      ])
    let several = try resolve(
      [], environment: ["PACKD_DEV": "1", "PACKD_LISTEN": "[::1]:1,127.0.0.1:2"])
    #expect(
      several.listen.map(\.address) == [
        .tcp(host: "::1", port: 1), .tcp(host: "127.0.0.1", port: 2),
      ])
    let none = try resolve(["--dev"])
    #expect(none.listen.map(\.address) == [.tcp(host: "127.0.0.1", port: 50051)])
  }

  @Test("the environment separates a list by commas, and cuts nothing else at them")
  func commas() throws {
    let settings = try resolve(
      ["--dev"],
      environment: ["PACKD_LISTEN": "[::1]:1, 127.0.0.1:2", "PACKD_STORE": "sqlite:/a,b"])
    #expect(settings.listen.count == 2)
    #expect(settings.store == .sqlite(path: "/a,b"))
  }

  @Test(
    "an error names where the value stands and what is expected there",
    arguments: [
      (
        ["--listen", "nowhere"],
        "--listen: expected host:port, [::1]:port, plaintext:host:port or unix:/path"
      ),
      (["--listen", "plaintext:unix:/tmp/s"], "--listen: expected"),
      (["--listen", "::1:5"], "--listen: expected"),
      (["--listen", "h:99999"], "--listen: expected"),
      (["--store", "mysql:x"], "--store: expected sqlite:PATH or memory:"),
      (["--max-connections", "0"], "--max-connections: expected a whole number from 1"),
      (["--log-level", "loud"], "--log-level: expected trace, debug"),
      (["--log-format", "xml"], "--log-format: expected text or json"),
      (["--config", "/nowhere/x.yaml"], "--config: cannot read /nowhere/x.yaml"),
    ])
  func errors(_ arguments: [String], _ expected: String) {
    #expect(message(arguments + ["--dev"]).hasPrefix(expected))
  }

  @Test("the environment and the file are named too")
  func places() {
    #expect(
      message(["--dev"], environment: ["PACKD_EVENT_LOOPS": "x"]).hasPrefix(
        "PACKD_EVENT_LOOPS: expected"))
    #expect(
      message(["--dev"], file: "event-loops: many\n").contains(".yaml: event-loops: expected"))
    #expect(
      message(["--dev"], file: "event-loops: [1, 2]\n").contains(
        ".yaml: event-loops: expected one value"))
    #expect(message(["--dev"], file: "config: x\n").contains("unknown setting config"))
    #expect(message(["--dev"], file: "event-lops: 1\n").contains("unknown setting event-lops"))
    #expect(message(["--dev"], file: "- 1\n").contains("expected a mapping"))
    #expect(message(["--dev"], file: "a: {b: c}\n").contains("expected a value"))
    #expect(message(["--dev"], file: "a: [\n").contains("is not YAML"))
  }

  @Test("--dev keeps to loopback, and to its own secret")
  func development() {
    for address in ["0.0.0.0:1", "[::]:1", "example.com:1", "127.example.com:1"] {
      #expect(message(["--dev", "--listen", address]).hasPrefix("--dev listens on loopback"))
    }
    #expect(
      message(["--dev", "--admin-listen", "0.0.0.0:1"]).hasPrefix("--dev listens on loopback"))
    #expect(message(["--dev", "--jwt-secret-file", "x"]).hasPrefix("--dev makes up"))
    #expect(message([]).hasPrefix("expected --jwt-secret-file or --jwt-jwks-file"))
  }

  @Test(
    "a lifetime is a number and a unit",
    arguments: [("1h", 3600), ("90s", 90), ("2d", 172_800), ("5m", 300)] as [(String, Int)])
  func lifetime(_ text: String, _ seconds: Int) {
    #expect(TokenCommand.seconds(text) == seconds)
  }

  @Test("anything else is not", arguments: ["", "h", "1", "-1h", "0s", "1w", "99999999999999999d"])
  func badLifetime(_ text: String) {
    #expect(TokenCommand.seconds(text) == nil)
  }
}

@Suite struct UsableCoresTests {
  @Test(
    "the cores of an affinity mask are counted",
    arguments: [("3", 2), ("ffffffff,ffffffff", 64), ("00000000,00000001", 1), ("0", nil)]
      as [(String, Int?)])
  func mask(_ mask: String, _ count: Int?) {
    #expect(allowedCores(inStatus: "Name:\tpackd\nCpus_allowed:\t\(mask)\nOther:\tff\n") == count)
  }

  @Test("a system that does not tell is not guessed from")
  func unknown() {
    #expect(allowedCores(inStatus: "") == nil)
    #expect(usableCores() >= 1)
  }
}
