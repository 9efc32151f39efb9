internal import API
internal import ArgumentParser
internal import HTTP2
internal import Services

/// The options of TLS, as given.
struct TLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      PEM file with the server's certificate and those that lead to its root. \
      (default: plaintext)
      """, valueName: "file"))
  var tlsCert: String?
  @Option(
    help: ArgumentHelp(
      "PEM file with the certificate's private key, without a passphrase. (default: plaintext)",
      valueName: "file"))
  var tlsKey: String?
  @Option(
    help: ArgumentHelp(
      "PEM file with who vouches for the certificates of clients. (default: not asked)",
      valueName: "file"))
  var tlsClientCa: String?
  @Option(
    help: ArgumentHelp(
      "require a certificate of clients, or only request one. (default: require)",
      valueName: "mode"))
  var tlsClientAuth: String?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      Whose calls without a token are a Service's: URI:…, DNS:… or CN:… of the certificate, =, \
      and the user or account/user; repeatable. (default: none)
      """, valueName: "name=user"))
  var tlsServicePrincipal: [String] = []

  /// nil when connections are to be plaintext.
  func resolve(_ source: inout SettingSource) throws -> TLSSettings? {
    let certificate = try source.string("tls-cert", tlsCert)
    let key = try source.string("tls-key", tlsKey)
    let clientRoots = try source.string("tls-client-ca", tlsClientCa)
    let requires = try source.value(
      "tls-client-auth", tlsClientAuth, expected: "require or request"
    ) { ["require": true, "request": false][$0] }
    let clients = try source.list(
      "tls-service-principal", tlsServicePrincipal,
      expected: "URI:…, DNS:… or CN:…, then = and a user or account/user",
      CertificatePrincipals.Entry.init(text:))
    guard Set(clients.map(\.name)).count == clients.count else {
      throw StartupError.usage("tls-service-principal: a name stands there twice")
    }
    guard clientRoots != nil || requires == nil && clients.isEmpty else {
      throw StartupError.usage(
        "expected --tls-client-ca beside --tls-client-auth and --tls-service-principal")
    }
    guard let certificate, let key else {
      guard certificate == nil, key == nil, clientRoots == nil else {
        throw StartupError.usage("expected --tls-cert and --tls-key together")
      }
      return nil
    }
    return TLSSettings(
      certificatePath: certificate, keyPath: key, clientRootsPath: clientRoots,
      requiresClientCertificate: requires ?? true, principals: CertificatePrincipals(clients))
  }
}

/// What connections over TLS are served with.
struct TLSSettings {
  var certificatePath: String
  var keyPath: String
  var clientRootsPath: String?
  var requiresClientCertificate: Bool
  var principals: CertificatePrincipals
}
