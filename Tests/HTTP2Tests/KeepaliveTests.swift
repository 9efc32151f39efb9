@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct KeepaliveTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  private static let pings = Keepalive.Times(ping: .seconds(100), pingTimeout: .seconds(20))

  @Test("silence is asked about, and ends the connection when it goes on")
  func silence() {
    var keepalive = Keepalive(Self.pings, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(99), lastRead: start, idleSince: nil) == .none)
    #expect(keepalive.due(at: at(100), lastRead: start, idleSince: nil) == .ping)
    #expect(keepalive.due(at: at(119), lastRead: start, idleSince: nil) == .none)
    #expect(
      keepalive.due(at: at(120), lastRead: start, idleSince: nil) == .end(.keepaliveTimeout))
  }

  @Test("any word of the client's is an answer")
  func answer() {
    var keepalive = Keepalive(Self.pings, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(100), lastRead: start, idleSince: nil) == .ping)
    #expect(keepalive.due(at: at(120), lastRead: at(101), idleSince: nil) == .none)
    #expect(keepalive.due(at: at(201), lastRead: at(101), idleSince: nil) == .ping)
  }

  @Test("a client that talks is never asked")
  func talk() {
    var keepalive = Keepalive(Self.pings, opened: start, jitter: 0)
    for seconds in stride(from: Int64(50), to: 5_000, by: 50) {
      #expect(keepalive.due(at: at(seconds), lastRead: at(seconds - 1), idleSince: nil) == .none)
    }
  }

  @Test("a connection without streams is drained in time, one with a stream is not")
  func idle() {
    let times = Keepalive.Times(pingTimeout: .seconds(20), maxIdle: .seconds(30))
    var keepalive = Keepalive(times, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(31), lastRead: start, idleSince: nil) == .none)
    #expect(keepalive.due(at: at(69), lastRead: start, idleSince: at(40)) == .none)
    #expect(keepalive.due(at: at(70), lastRead: start, idleSince: at(40)) == .drain(.maxIdle))
    #expect(keepalive.due(at: at(500), lastRead: start, idleSince: at(40)) == .none)
  }

  @Test("a connection is drained at its age, and ended after its grace")
  func age() {
    let times = Keepalive.Times(
      pingTimeout: .seconds(20), maxAge: .seconds(1_000), ageGrace: .seconds(5))
    var keepalive = Keepalive(times, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(999), lastRead: at(999), idleSince: nil) == .none)
    #expect(keepalive.due(at: at(1_000), lastRead: at(999), idleSince: nil) == .drain(.maxAge))
    #expect(keepalive.due(at: at(1_004), lastRead: at(999), idleSince: nil) == .none)
    #expect(keepalive.due(at: at(1_005), lastRead: at(999), idleSince: nil) == .end(.graceOver))
  }

  @Test("without a grace, calls of an old connection may take their time")
  func noGrace() {
    let times = Keepalive.Times(pingTimeout: .seconds(20), maxAge: .seconds(1_000))
    var keepalive = Keepalive(times, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(1_000), lastRead: start, idleSince: nil) == .drain(.maxAge))
    #expect(keepalive.due(at: at(9_000), lastRead: start, idleSince: nil) == .none)
  }

  @Test("the age varies by a tenth", arguments: [(-1.0, 900), (0.5, 1_050), (1.0, 1_100)])
  func jitter(part: Double, seconds: Int64) {
    let times = Keepalive.Times(pingTimeout: .seconds(20), maxAge: .seconds(1_000))
    var keepalive = Keepalive(times, opened: start, jitter: part)
    #expect(keepalive.due(at: at(seconds - 1), lastRead: start, idleSince: nil) == .none)
    #expect(keepalive.due(at: at(seconds), lastRead: start, idleSince: nil) == .drain(.maxAge))
  }

  @Test("a client that is silent while its old connection is drained is still asked")
  func silentDrain() {
    var times = Self.pings
    times.maxAge = .seconds(10)
    var keepalive = Keepalive(times, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(10), lastRead: start, idleSince: nil) == .drain(.maxAge))
    #expect(keepalive.due(at: at(100), lastRead: start, idleSince: nil) == .ping)
  }

  @Test("with everything off nothing ever comes due")
  func off() {
    let times = Keepalive.Times(pingTimeout: .seconds(20))
    var keepalive = Keepalive(times, opened: start, jitter: 0)
    #expect(keepalive.due(at: at(1_000_000), lastRead: start, idleSince: start) == .none)
  }
}
