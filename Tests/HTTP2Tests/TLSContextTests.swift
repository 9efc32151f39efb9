@testable internal import HTTP2
internal import NIOSSL
internal import Testing

@Suite struct TLSContextTests {
  private func fault(_ change: (inout TLSContext.Files) -> Void) -> TLSContext.Fault? {
    var files = TLSContext.Files(
      certificateChain: Array(Certificates.named.utf8),
      privateKey: Array(Certificates.namedKey.utf8))
    change(&files)
    do {
      _ = try TLSContext(files)
      return nil
    } catch {
      return error
    }
  }

  @Test("a certificate and its key make a context, with who vouches for clients or without")
  func good() throws {
    #expect(fault { _ in } == nil)
    #expect(fault { $0.clientRoots = Array(Certificates.plain.utf8) } == nil)
    #expect(fault { $0.certificateChain += Array("\n\(Certificates.plain)".utf8) } == nil)
    let context = try TLSContext(
      TLSContext.Files(
        certificateChain: Array(Certificates.named.utf8),
        privateKey: Array(Certificates.namedKey.utf8)))
    // 2026 and 2126.
    #expect(context.validSeconds == 1_767_225_600...4_922_899_200)
  }

  @Test("what is wrong is told apart")
  func bad() {
    #expect(fault { $0.certificateChain = [] } == .certificateChain)
    #expect(fault { $0.certificateChain = Array("x".utf8) } == .certificateChain)
    #expect(fault { $0.certificateChain = Array(Certificates.namedKey.utf8) } == .certificateChain)
    #expect(fault { $0.privateKey = [] } == .privateKey)
    #expect(fault { $0.privateKey = Array(Certificates.named.utf8) } == .privateKey)
    #expect(fault { $0.privateKey = Array(Certificates.plainKey.utf8) } == .mismatch)
    #expect(fault { $0.clientRoots = [] } == .clientRoots)
    #expect(fault { $0.clientRoots = Array(Certificates.plainKey.utf8) } == .clientRoots)
  }

  private func peer(_ pem: String) throws -> PeerCertificate {
    let certificate = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
    return PeerCertificate(try #require(certificate.first))
  }

  @Test("a client is called as its alternative names have it, else by its common name")
  func names() throws {
    let named = try peer(Certificates.named)
    #expect(named.names == ["DNS:billing.example", "URI:spiffe://packd.example/Billing"])
    #expect(named.expireTimeSeconds == 4_922_899_200)
    #expect(try peer(Certificates.plain).names == ["CN:cron"])
  }
}
