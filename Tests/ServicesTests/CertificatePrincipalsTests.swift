internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

@Suite("CertificatePrincipals")
struct CertificatePrincipalsTests {
  @Test(
    "an entry is a name and a user, whose account may stand before it",
    arguments: [
      ("CN:cron=cron", "CN:cron", "default/cron"),
      ("DNS:Billing.Example=acme/billing", "DNS:billing.example", "acme/billing"),
      ("URI:spiffe://a/b?c=d=acme/billing", "URI:spiffe://a/b?c=d", "acme/billing"),
      ("CN:a=b/c/d", "CN:a", "b/c/d"),
    ])
  func entries(_ text: String, _ name: String, _ identity: String) throws {
    let entry = try #require(CertificatePrincipals.Entry(text: text))
    #expect(entry.name == name)
    let principal = try #require(
      CertificatePrincipals([entry]).principal(names: [name], expireTimeSeconds: 1))
    #expect(principal.identity == identity)
    #expect(principal.roles == .service)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "CN:a", "CN:a=", "CN:=b", "=b", "a=b", "cn:a=b", "IP:127.0.0.1=b", "CN:a=/b", "CN:a=b/",
      "CN:a=b\u{7}",
    ])
  func noEntries(_ text: String) {
    #expect(CertificatePrincipals.Entry(text: text) == nil)
  }

  @Test("the first name that is known counts; no name that is not known does")
  func names() throws {
    let principals = CertificatePrincipals(
      ["CN:a=first", "CN:b=second"].compactMap(CertificatePrincipals.Entry.init))
    func sub(_ names: String...) -> String? {
      principals.principal(names: names, expireTimeSeconds: 1)?.sub
    }
    #expect(sub("CN:x", "CN:b", "CN:a") == "second")
    #expect(sub("CN:x", "DNS:a") == nil)
    #expect(sub() == nil)
  }

  private func called(
    _ world: World, as peer: (any AnyObject & Sendable)?, authorization: String? = nil
  ) -> (principal: String, refusal: Status.Code?) {
    var metadata = Metadata()
    if let authorization { metadata.append("authorization", authorization) }
    let call = FakeCall(method: "/a/b", metadata: metadata, deadline: nil, peerIdentity: peer)
    let authentication = Authentication(
      authenticator: world.authenticator, audience: .roles(.service),
      statuses: StatusMapping(logger: world.log.logger, random: { 0 }))
    let refusal = authentication.callStarted(call)?.code
    return (call.principal, refusal)
  }

  @Test("a call without a token is its certificate's, until that expires; a token goes before it")
  func calls() async throws {
    let world = try await World()
    let seconds = world.clock.time.nanosecondsSinceEpoch / 1_000_000_000
    let entry = try #require(CertificatePrincipals.Entry(text: "CN:a=acme/a"))
    let peer = CertificatePrincipals([entry]).principal(
      names: ["CN:a"], expireTimeSeconds: Int(seconds) + 10)
    #expect(called(world, as: peer) == ("acme/a", nil))
    #expect(called(world, as: nil) == ("", .unauthenticated))
    #expect(called(world, as: peer, authorization: "Bearer x") == ("", .unauthenticated))
    let token = TestToken.hs256(sub: "10", roles: ["Seller"], expireTime: world.clock.time)
    #expect(
      called(world, as: peer, authorization: "Bearer " + token) == ("default/10", .permissionDenied)
    )
    // Valid throughout its last second.
    world.clock.advance(seconds: 10)
    #expect(called(world, as: peer) == ("acme/a", nil))
    world.clock.advance(seconds: 1)
    #expect(called(world, as: peer) == ("", .unauthenticated))
  }
}
