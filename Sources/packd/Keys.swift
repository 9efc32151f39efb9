internal import Foundation
internal import Logging
internal import Services

/// The key material of the settings, read from its files. A secret never comes from argv, and
/// never goes into an error.
struct Keys {
  private static let maxFileBytes = 1024 * 1024
  /// HS256's own size: RFC 7518 section 3.2.
  private static let developmentSecretBytes = 32

  /// For a check that is made again at once, and whose warnings are wanted once.
  private static let silence = Logger(label: "packd") { _ in SwiftLogNoOpLogHandler() }

  private let settings: ServeSettings
  let secret: [UInt8]?
  /// The key set as its file had it at the start; nil when none is configured.
  let jwks: [UInt8]?

  init(_ settings: ServeSettings) throws {
    self.settings = settings
    if settings.isDevelopment {
      secret = (0..<Self.developmentSecretBytes).map { _ in UInt8.random(in: 0...255) }
    } else {
      secret = try settings.secretPath.map {
        Authenticator.secret(fromFile: try Self.read($0, "jwt-secret-file"))
      }
    }
    jwks = try settings.jwksPath.map { try Self.read($0, "jwt-jwks-file") }
  }

  func authenticator() async throws -> Authenticator {
    // Each by itself first, so that what is wrong with it is said beside its file.
    if let secret { try await Self.check(secret, settings.secretPath) }
    if let jwks {
      try await Self.naming("jwt-jwks-file", settings.jwksPath) {
        _ = try await Authenticator(secret: nil, jwks: jwks, logger: Self.silence)
      }
    }
    return try await Authenticator(
      secret: secret, jwks: jwks, issuer: settings.issuer, audience: settings.audience)
  }

  /// Whether tokens can be signed and verified with a secret from the file at `path`.
  static func check(_ secret: [UInt8], _ path: String?) async throws {
    try await naming("jwt-secret-file", path) {
      _ = try await Authenticator(secret: secret, jwks: nil)
    }
  }

  private static func naming(
    _ setting: String, _ path: String?, _ body: () async throws -> Void
  ) async throws {
    do { try await body() } catch let error as KeyError {
      throw StartupError.usage("--\(setting): \(path ?? ""): \(error)")
    }
  }

  /// The key set as its file has it now; nil when none is configured.
  func readJWKS() throws -> [UInt8]? {
    try settings.jwksPath.map { try Self.read($0, "jwt-jwks-file") }
  }

  static func read(_ path: String, _ setting: String) throws -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw StartupError.usage("--\(setting): cannot read \(path)")
    }
    defer { try? file.close() }
    let data: Data
    do { data = try file.read(upToCount: maxFileBytes + 1) ?? Data() } catch {
      throw StartupError.usage("--\(setting): cannot read \(path)")
    }
    guard data.count <= maxFileBytes else {
      throw StartupError.usage("--\(setting): \(path) is larger than \(maxFileBytes) bytes")
    }
    return Array(data)
  }
}
