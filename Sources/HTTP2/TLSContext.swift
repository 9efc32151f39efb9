internal import NIOCore
internal import NIOSSL

/// What TLS connections are served with: TLS 1.2 or later, ALPN `h2`, a certificate and, on
/// request, certificates of clients. Made whole or not at all.
package struct TLSContext: Sendable {
  /// The contents of the PEM files that a context is made of.
  package struct Files: Sendable, Equatable {
    /// The server's certificate, and those that lead from it to a root.
    package var certificateChain: [UInt8]
    package var privateKey: [UInt8]
    /// Who vouches for clients; nil asks them for no certificate.
    package var clientRoots: [UInt8]?
    /// Whether a client without a certificate is refused; one whose certificate does not verify
    /// is refused anyway.
    package var requiresClientCertificate: Bool

    package init(
      certificateChain: [UInt8], privateKey: [UInt8], clientRoots: [UInt8]? = nil,
      requiresClientCertificate: Bool = true
    ) {
      self.certificateChain = certificateChain
      self.privateKey = privateKey
      self.clientRoots = clientRoots
      self.requiresClientCertificate = requiresClientCertificate
    }
  }

  /// What is wrong with the files.
  package enum Fault: Error {
    case certificateChain
    case privateKey
    /// The key is not that of the certificate.
    case mismatch
    case clientRoots
  }

  let context: NIOSSLContext
  /// When the server's certificate is valid, in seconds since 1970; both ends included.
  package let validSeconds: ClosedRange<Int>

  /// - Throws: ``Fault``.
  package init(_ files: Files, limits: Limits = Limits()) throws(Fault) {
    guard let chain = Self.certificates(files.certificateChain), let leaf = chain.first else {
      throw .certificateChain
    }
    guard let key = try? NIOSSLPrivateKey(bytes: files.privateKey, format: .pem) else {
      throw .privateKey
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = Self.cipherSuites
    configuration.applicationProtocols = [Self.applicationProtocol]
    configuration.shutdownTimeout = .milliseconds(Int64(limits.lingerMilliseconds))
    if let bytes = files.clientRoots {
      guard let roots = Self.certificates(bytes) else { throw .clientRoots }
      configuration.trustRoots = .certificates(roots)
      configuration.certificateVerification =
        files.requiresClientCertificate ? .noHostnameVerification : .optionalVerification
      configuration.sendCANameList = true
    }
    // Each of the parts is good by itself: what is left is whether certificate and key fit.
    guard let context = try? NIOSSLContext(configuration: configuration) else { throw .mismatch }
    self.context = context
    validSeconds = leaf.notValidBefore...max(leaf.notValidBefore, leaf.notValidAfter)
  }

  /// RFC 7301; RFC 9113 section 3.3.
  static let applicationProtocol = "h2"

  /// For TLS 1.2; none of those that RFC 9113 appendix A prohibits. TLS 1.3 has its own.
  private static let cipherSuites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  /// Whether these are certificates in PEM form, and one at least.
  package static func areCertificates(_ pem: [UInt8]) -> Bool { certificates(pem) != nil }

  private static func certificates(_ pem: [UInt8]) -> [NIOSSLCertificate]? {
    try? NIOSSLCertificate.fromPEMBytes(pem)
  }
}

/// A client's certificate that was verified: what tells who the client is.
package struct PeerCertificate: Sendable, Equatable {
  /// `URI:…` and `DNS:…`, the latter in lower case, of the subject's alternative names; `CN:…`
  /// when it has none of either (RFC 6125 section 6.4.4).
  package let names: [String]
  /// The last second that it is valid in, since 1970.
  package let expireTimeSeconds: Int

  package init(names: [String], expireTimeSeconds: Int) {
    self.names = names
    self.expireTimeSeconds = expireTimeSeconds
  }

  init(_ certificate: NIOSSLCertificate) {
    var names: [String] = []
    for name in certificate._subjectAlternativeNames() {
      let text = String(decoding: name.contents, as: UTF8.self)
      switch name.nameType {
      case .uri: names.append("URI:\(text)")
      case .dnsName: names.append("DNS:\(text.lowercased())")
      default: break
      }
    }
    if names.isEmpty {
      names = certificate.subjectName.filter { $0.type == .commonName }.map { "CN:\($0.value)" }
    }
    self.init(names: names, expireTimeSeconds: certificate.notValidAfter)
  }
}
