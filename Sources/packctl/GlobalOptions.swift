internal import ArgumentParser
internal import Foundation
internal import Measuring

/// What every command knows: where the daemon is, and how to talk to it.
struct GlobalOptions: ParsableArguments {
  static let defaultServer = "127.0.0.1:50051"

  @Option(
    help: ArgumentHelp(
      "Where the daemon is: host:port, [::1]:port or unix:/path. (default: \(defaultServer))",
      valueName: "address"))
  var server: String?
  @Option(help: ArgumentHelp("File with the bearer token.", valueName: "file"))
  var tokenFile: String?
  @Option(
    name: .customLong("tls-ca"),
    help: ArgumentHelp(
      "PEM file with who vouches for the daemon; implies --tls.", valueName: "file"))
  var tlsCAFlag: String?
  @Flag(help: "Use TLS, with the system's certificates unless --tls-ca names others.")
  var tls = false
  @Option(
    help: ArgumentHelp(
      "How long to go on trying when there is no answer: a number and s, m or h. (default: 60s)",
      valueName: "time"))
  var timeout: String?
  @Flag(help: "Print JSON: one object on one line.")
  var json = false

  private func setting(_ flag: String?, _ name: String) -> String? {
    let value = flag ?? ProcessInfo.processInfo.environment["PACKCTL_" + name]
    return value?.isEmpty == false ? value : nil
  }

  var tlsCA: String? { setting(tlsCAFlag, "TLS_CA") }

  var usesTLS: Bool { tls || tlsCA != nil || setting(nil, "TLS") == "1" }

  var address: ServerAddress {
    get throws(Failure) {
      let text = setting(server, "SERVER") ?? Self.defaultServer
      guard let address = ServerAddress(text) else {
        throw .usage("--server: expected host:port, [::1]:port or unix:/path, got \"\(text)\"")
      }
      return address
    }
  }

  var timeoutDuration: Duration {
    get throws(Failure) {
      let text = setting(timeout, "TIMEOUT") ?? "60s"
      guard let seconds = TimeSpan.seconds(text) else {
        throw .usage("--timeout: expected a number and s, m or h, got \"\(text)\"")
      }
      return .seconds(seconds)
    }
  }

  /// Never from an argument, which everyone on the machine can read.
  var token: String? {
    get throws(Failure) {
      guard let path = setting(tokenFile, "TOKEN_FILE") else { return nil }
      let bytes = try TextFile.read(
        path, option: "--token-file", maxBytes: ClientLimits.maxTokenBytes)
      let token = String(decoding: bytes, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      guard !token.isEmpty, token.utf8.allSatisfy({ 0x21..<0x7f ~= $0 }) else {
        throw .usage("--token-file: \(path) holds no bearer token")
      }
      return token
    }
  }
}

extension GlobalOptions {
  /// For commands that nobody may use without: said before their work, which may be long.
  func requireToken() throws(Failure) {
    guard try token == nil else { return }
    throw .denied("no token was given: expected --token-file or PACKCTL_TOKEN_FILE")
  }
}

/// Spans of time as options have them.
enum TimeSpan {
  /// Up to a day.
  static func seconds(_ text: String) -> Int? {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
      count > 0, count <= 86_400 / unit
    else { return nil }
    return count * unit
  }
}
