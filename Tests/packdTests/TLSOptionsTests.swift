@testable internal import packd
internal import HTTP2
internal import ArgumentParser
internal import HTTP2
internal import Testing

@Suite struct TLSOptionsTests {
  private static let files = ["--tls-cert", "c", "--tls-key", "k"]

  private func resolve(_ arguments: [String]) throws -> ServeSettings {
    try ServeOptions.parse(["--dev"] + arguments).resolve(environment: [:])
  }

  private func message(_ arguments: [String]) -> String {
    do {
      _ = try resolve(arguments)
      return ""
    } catch {
      return (error as? StartupError)?.message ?? "\(error)"
    }
  }

  @Test("without a certificate there is no TLS")
  func none() throws {
    #expect(try resolve([]).tls == nil)
  }

  @Test("a certificate and its key make TLS of every TCP address that is not marked")
  func addresses() throws {
    let settings = try resolve(
      Self.files + [
        "--listen", "127.0.0.1:1", "--listen", "plaintext:127.0.0.1:2", "--listen",
        "plaintext:[::1]:3", "--listen", "unix:/tmp/s",
      ])
    #expect(settings.tls?.certificatePath == "c")
    #expect(settings.tls?.keyPath == "k")
    #expect(settings.listen.map(\.isPlaintext) == [false, true, true, true])
    #expect(settings.listen[2].address == .tcp(host: "::1", port: 3))
  }

  @Test("a client's certificate is required unless it is only requested")
  func clients() throws {
    #expect(try resolve(Self.files).tls?.clientRootsPath == nil)
    let roots = Self.files + ["--tls-client-ca", "r"]
    #expect(try resolve(roots).tls?.requiresClientCertificate == true)
    for (mode, requires) in [("require", true), ("request", false)] {
      let settings = try resolve(roots + ["--tls-client-auth", mode])
      #expect(settings.tls?.clientRootsPath == "r")
      #expect(settings.tls?.requiresClientCertificate == requires)
    }
  }

  @Test(
    "what does not go together is refused",
    arguments: [
      (["--tls-cert", "c"], "expected --tls-cert and --tls-key together"),
      (["--tls-key", "k"], "expected --tls-cert and --tls-key together"),
      (["--tls-client-ca", "r"], "expected --tls-cert and --tls-key together"),
      (files + ["--tls-client-auth", "require"], "expected --tls-client-ca beside"),
      (files + ["--tls-service-principal", "CN:a=b"], "expected --tls-client-ca beside"),
      (files + ["--tls-client-auth", "maybe"], "--tls-client-auth: expected require or request"),
      (files + ["--tls-service-principal", "a=b"], "--tls-service-principal: expected URI:"),
      (
        files + [
          "--tls-client-ca", "r", "--tls-service-principal", "DNS:a=b",
          "--tls-service-principal", "DNS:A=c",
        ], "tls-service-principal: a name stands there twice"
      ),
    ])
  func refusals(_ arguments: [String], _ expected: String) {
    #expect(message(arguments).hasPrefix(expected))
  }
}

@Suite struct InheritedSocketTests {
  private func passed(
    _ environment: [String: String], process: Int32 = 7
  ) throws -> [String] {
    try InheritedSocket.passed(environment, process: process).map { "\($0.descriptor) \($0.name)" }
  }

  @Test("descriptors begin at 3, and have the names that the manager gives")
  func named() throws {
    #expect(
      try passed(["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "admin:grpc"])
        == ["3 admin", "4 grpc"])
    #expect(try passed(["LISTEN_PID": "7", "LISTEN_FDS": "1"]) == ["3 unknown"])
    #expect(
      try passed(["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": ":x"]) == ["3 ", "4 x"])
  }

  @Test(
    "what is not for this process is not taken",
    arguments: [
      [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "8", "LISTEN_FDS": "x"], ["LISTEN_PID": "7"],
      ["LISTEN_PID": "", "LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
    ] as [[String: String]])
  func foreign(_ environment: [String: String]) throws {
    #expect(try passed(environment).isEmpty)
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      (["LISTEN_FDS": "x"], "LISTEN_FDS: expected"), (["LISTEN_FDS": "-1"], "LISTEN_FDS: expected"),
      (["LISTEN_FDS": "2000000000"], "LISTEN_FDS: expected"),
      (["LISTEN_FDS": "1", "LISTEN_FDNAMES": "a:b"], "LISTEN_FDNAMES: expected 1"),
    ] as [([String: String], String)])
  func nonsense(_ environment: [String: String], _ expected: String) {
    do {
      _ = try passed(environment.merging(["LISTEN_PID": "7"]) { $1 })
      Issue.record("nothing is wrong with \(environment)")
    } catch {
      #expect((error as? StartupError)?.message.hasPrefix(expected) == true)
    }
  }
}
