internal import API
internal import GRPC
internal import Synchronization
internal import Testing

@testable internal import Services

@Suite("Caller")
struct CallerTests {
  private final class Seen: Sendable {
    private let callers = Mutex<[Caller]>([])

    func append(_ caller: Caller) { callers.withLock { $0.append(caller) } }
    var all: [Caller] { callers.withLock { $0 } }
  }

  @Test("a handler knows who calls, what, and from where")
  func unary() async throws {
    let world = try await World()
    let registration = Registration(
      authenticator: world.authenticator,
      statuses: StatusMapping(logger: world.log.logger, random: { 0 }), rateLimit: nil)
    let seen = Seen()
    let method = registration.unary("/a/B", for: .anyone) { (_: GetPlanRequest, caller) in
      seen.append(caller)
      return Answer(GetPlanResponse())
    }
    let call = FakeCall(method: "/a/B", metadata: Metadata(), deadline: nil)
    guard case .unary(let serve) = method.handler else {
      Issue.record("not unary")
      return
    }
    [UInt8]().withUnsafeBytes { serve(call, $0) }
    guard case .running(let body) = call.ending else {
      Issue.record("ended without its handler")
      return
    }
    _ = await body(
      CallContext(
        metadata: Metadata(), deadline: nil, callID: "call-1", credentials: nil,
        network: "2001:db8:0:0::/64"))
    #expect(seen.all.map(\.network) == ["2001:db8:0:0::/64"])
    #expect(seen.all.map(\.method) == ["/a/B"])
    #expect(seen.all.map(\.principal.identity) == [Principal.anonymous.identity])
  }

  @Test("a lack of memory for a password goes to the log, and says when to try again")
  func noResources() async throws {
    let world = try await World()
    let statuses = StatusMapping(logger: world.log.logger, random: { 0 })
    let call = StatusMapping.Call(method: "/a/B", id: "call-1", deadline: nil)
    let status = statuses.status(for: Argon2.Failure.noResources("19456 KiB: errno 12"), in: call)
    #expect(status.code == .resourceExhausted)
    #expect(try Details(status).reason == "OVERLOADED")
    #expect(status.trailingMetadata.first("grpc-retry-pushback-ms") == "250")
    let sent = status.message + String(decoding: status.details, as: UTF8.self)
    #expect(!sent.contains("19456"))
    #expect(world.log.lines.contains { $0.contains("errno 12") })
    // A hash that cannot be read is nobody's fault who calls.
    let malformed = statuses.status(for: Argon2.Failure.malformedHash, in: call)
    #expect(malformed.code == .internal)
  }
}
