@testable internal import HTTP2
internal import NIOCore
internal import Testing

@Suite struct PingStrikesTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  @Test("the first PING is free, then each that comes too early is a strike; the third ends it")
  func threeStrikes() {
    var strikes = PingStrikes(minInterval: .seconds(300))
    #expect((0..<4).map { strikes.received(at: at(10 * $0)) } == [false, false, false, true])
  }

  @Test("PINGs at the interval are in order for ever")
  func patientClient() {
    var strikes = PingStrikes(minInterval: .seconds(300))
    for number in 0..<1_000 { #expect(strikes.received(at: at(300 * Int64(number))) == false) }
  }

  @Test("strikes stay until something is sent")
  func strikesStay() {
    var strikes = PingStrikes(minInterval: .seconds(300))
    for seconds in [0, 10, 20] as [Int64] { #expect(strikes.received(at: at(seconds)) == false) }
    #expect(strikes.received(at: at(1_000)) == false)
    #expect(strikes.received(at: at(1_010)) == true)
  }

  @Test("a PING that follows output is free, and clears the strikes")
  func afterOutput() {
    var strikes = PingStrikes(minInterval: .seconds(300))
    for _ in 0..<1_000 {
      strikes.sentPayload()
      #expect(strikes.received(at: start) == false)
      #expect(strikes.received(at: start) == false)
      #expect(strikes.received(at: start) == false)
    }
    #expect(strikes.received(at: start) == true)
  }
}
