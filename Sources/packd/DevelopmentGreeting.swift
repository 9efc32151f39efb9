internal import Foundation
internal import Glibc
internal import HTTP2
internal import Services

/// What `--dev` prints: a token that is good for everything, and a first call to copy.
struct DevelopmentGreeting {
  private static let tokenLifetimeSeconds: TimeInterval = 12 * 3600

  let secret: [UInt8]
  let address: Listener.Address
  /// Over TLS, the file of the server's certificate.
  let certificatePath: String?

  /// Trusts the certificate itself: most likely nobody else has signed it.
  private var tlsOption: String {
    certificatePath.map { " --tls-ca '\(URL(filePath: $0).path)'" } ?? ""
  }

  func print() async throws {
    let token = try await TokenClaims(
      sub: "developer", roles: ["Admin"],
      expiry: Date().addingTimeInterval(Self.tokenLifetimeSeconds)
    ).signed(with: secret)
    let server = "\(address)" + tlsOption
    let text = """
      packd serves on \(address), with a secret made up for this run.

      An Admin token, good for 12 hours:

          export PACKD_TOKEN=\(token)

      A first call, from another terminal, in packd's own folder:

          clients/python/call --server \(server) CatalogueService/ListPlans '{"page_size": 1}'

      Stop with Ctrl-C.

      """
    StandardStreams.write(text, to: STDOUT_FILENO)
  }
}
