internal import CoreFoundation
internal import Foundation
internal import Glibc
internal import HTTP2

/// The files of the TLS settings: read, judged, and made a context of.
struct TLSFiles: Sendable {
  private static let warnedLifetimeSeconds = 14 * 86_400

  private let settings: TLSSettings

  init(_ settings: TLSSettings) {
    self.settings = settings
  }

  /// - Throws: ``StartupError``.
  func read() throws -> TLSContext.Files {
    TLSContext.Files(
      certificateChain: try Keys.read(settings.certificatePath, "tls-cert"),
      privateKey: try Keys.read(settings.keyPath, "tls-key"),
      clientRoots: try settings.clientRootsPath.map { try Keys.read($0, "tls-client-ca") },
      requiresClientCertificate: settings.requiresClientCertificate)
  }

  /// - Throws: ``StartupError``, which names the file at fault.
  func context(_ files: TLSContext.Files, _ limits: Limits) throws -> TLSContext {
    do {
      return try TLSContext(files, limits: limits)
    } catch {
      let (setting, path, fault) =
        switch error {
        case .certificateChain:
          ("tls-cert", settings.certificatePath, "expected certificates in PEM form")
        case .privateKey:
          (
            "tls-key", settings.keyPath,
            "expected a private key in PEM form, without a passphrase"
          )
        case .mismatch:
          (
            "tls-key", settings.keyPath,
            "is not the key of the certificate in \(settings.certificatePath)"
          )
        case .clientRoots:
          ("tls-client-ca", settings.clientRootsPath ?? "", "expected certificates in PEM form")
        }
      throw StartupError.usage("--\(setting): \(path): \(fault)")
    }
  }

  /// What works, but most likely is not as it should be.
  func warnings(_ context: TLSContext, now: Int = Int(time(nil))) -> [String] {
    var warnings: [String] = []
    var status = stat()
    if stat(settings.keyPath, &status) == 0, status.st_mode & S_IROTH != 0 {
      warnings.append("--tls-key: \(settings.keyPath) can be read by every user")
    }
    let certificate = "--tls-cert: the certificate in \(settings.certificatePath)"
    let (begin, end) = (context.validSeconds.lowerBound, context.validSeconds.upperBound)
    if now < begin {
      warnings.append("\(certificate) is not valid before \(Self.date(begin))")
    } else if end < now {
      warnings.append("\(certificate) has expired on \(Self.date(end))")
    } else if end - now < Self.warnedLifetimeSeconds {
      warnings.append("\(certificate) expires on \(Self.date(end))")
    }
    return warnings
  }

  private static func date(_ seconds: Int) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }
}
