@testable internal import GRPC
@testable internal import HTTP2
internal import HTTP2Frames
internal import Synchronization
internal import Testing

@Suite struct UnaryCallTests {
  /// A handler that answers when its test says so, and counts the answers handed over.
  private final class Scene: Sendable {
    private let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)
    private let count = Mutex(0)
    private let result: Result<[UInt8], Status>

    init(_ result: Result<[UInt8], Status>) {
      self.result = result
    }

    var handedOver: Int { count.withLock { $0 } }

    var method: GRPC.Method {
      .unary("/test.Service/Method") { [self] call, _ in
        call.run { [self] _ in
          await withCheckedContinuation { continuation in gate.withLock { $0 = continuation } }
          return UnaryOutcome(
            result: result,
            whenHandedOver: { [self] in count.withLock { $0 += 1 } })
        }
      }
    }

    func answer() {
      gate.withLock {
        $0?.resume()
        $0 = nil
      }
    }
  }

  @Test(
    "what follows an answer follows when it is handed over, be it a response or an error",
    arguments: [.success([1, 2]), .failure(Status(.aborted, "no"))] as [Result<[UInt8], Status>])
  func handedOver(result: Result<[UInt8], Status>) throws {
    let scene = Scene(result)
    let fixture = try CallFixture([scene.method])
    try fixture.begin()
    try fixture.message([], ends: true)
    #expect(scene.handedOver == 0)
    scene.answer()
    #expect(try fixture.received().hasTrailers)
    #expect(scene.handedOver == 1)
  }

  @Test("nothing follows an answer that comes when the client has gone")
  func gone() throws {
    let scene = Scene(.success([1]))
    let fixture = try CallFixture([scene.method])
    try fixture.begin()
    try fixture.message([], ends: true)
    try fixture.send(Frames.reset(1))
    scene.answer()
    #expect(try fixture.received().body.isEmpty)
    #expect(scene.handedOver == 0)
    #expect(fixture.ends.codes == [.cancelled])
  }

  @Test("nothing follows an answer that there is no room for")
  func noRoom() throws {
    var limits = HTTP2.Limits()
    limits.maxBufferedResponseBytesPerConnection = 300_000
    let scenes = (0..<2).map { _ in Scene(.success([UInt8](repeating: 1, count: 200_000))) }
    let all = Mutex(scenes[...])
    let fixture = try CallFixture(
      [
        .unary("/test.Service/Method") { call, bytes in
          guard let scene = all.withLock({ $0.popFirst() }) else { return }
          guard case .unary(let serve) = scene.method.handler else { return }
          serve(call, bytes)
        }
      ], connectionLimits: limits)
    for stream: UInt32 in [1, 3] {
      try fixture.begin(stream)
      try fixture.message([], stream, ends: true)
    }
    for scene in scenes {
      scene.answer()
      _ = try fixture.received()
    }
    #expect(scenes.map(\.handedOver) == [1, 0])
    #expect(fixture.ends.codes == [.ok, .resourceExhausted])
  }
}
