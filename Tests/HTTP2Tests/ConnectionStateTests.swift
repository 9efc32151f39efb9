@testable internal import HTTP2
internal import Testing

@Suite struct ConnectionStateTests {
  private typealias Ending = ConnectionState.Ending

  @Test("a connection serves once the client has acknowledged our settings")
  func handshake() {
    var state = ConnectionState()
    #expect(state.phase == .handshake)
    state.settingsAcknowledged()
    #expect(state.phase == .serving)
    state.settingsAcknowledged()
    #expect(state.phase == .serving)
  }

  @Test("a drain goes by notice, confirmation, last GOAWAY, each once")
  func drain() {
    var state = ConnectionState()
    state.settingsAcknowledged()
    #expect(state.drain(.drained) == true)
    #expect(state.awaitsDrainPing)
    #expect(state.drain(.maxAge) == false)
    #expect(state.takeLastGoAway() == nil)
    state.drainPingAnswered()
    #expect(!state.awaitsDrainPing)
    #expect(state.takeLastGoAway() == .drained)
    #expect(state.takeLastGoAway() == nil)
    state.drainPingAnswered()
    #expect(state.phase == .draining(.final, .drained))
  }

  @Test("a PING's answer that no drain waits for means nothing")
  func strayAnswer() {
    var state = ConnectionState()
    state.drainPingAnswered()
    #expect(state.phase == .handshake)
    state.settingsAcknowledged()
    state.drainPingAnswered()
    #expect(state.phase == .serving)
  }

  @Test("a drain may begin before the handshake is done, and goes on through its end")
  func drainInHandshake() {
    var state = ConnectionState()
    #expect(state.drain(.drained) == true)
    state.settingsAcknowledged()
    #expect(state.phase == .draining(.noticed, .drained))
  }

  @Test("the first reason wins, and is told once")
  func firstReason() {
    var state = ConnectionState()
    #expect(state.end(Ending(reason: .headerTimeout)) == true)
    #expect(state.end(Ending(reason: .exceeded(.pings))) == false)
    #expect(state.end() == false)
    #expect(state.drain(.drained) == false)
    #expect(state.channelGone() == Ending(reason: .headerTimeout))
    #expect(state.channelGone() == nil)
    #expect(state.isClosing)
  }

  @Test("a connection that is simply gone was closed by its client")
  func gone() {
    var state = ConnectionState()
    state.settingsAcknowledged()
    #expect(state.channelGone() == Ending(reason: .clientClosed))
  }

  @Test("a drain that ends as it should is the reason", arguments: [true, false])
  func drained(isFinal: Bool) {
    var state = ConnectionState()
    #expect(state.drain(.maxAge) == true)
    if isFinal {
      state.drainPingAnswered()
      #expect(state.takeLastGoAway() == .maxAge)
      #expect(state.end() == true)
    }
    #expect(state.channelGone() == Ending(reason: .maxAge))
  }

  @Test("a fault within a drain is the reason, not the drain")
  func faultInDrain() {
    var state = ConnectionState()
    #expect(state.drain(.drained) == true)
    #expect(state.end(Ending(reason: .protocolError, words: "DATA: stream_id == 0")) == true)
    #expect(
      state.channelGone() == Ending(reason: .protocolError, words: "DATA: stream_id == 0"))
  }

  @Test("after its end a connection is neither drained nor acknowledged into life")
  func afterwards() {
    var state = ConnectionState()
    #expect(state.end() == true)
    state.settingsAcknowledged()
    state.drainPingAnswered()
    #expect(state.drain(.drained) == false)
    #expect(state.takeLastGoAway() == nil)
    #expect(state.phase == .closing(Ending(reason: .clientClosed)))
  }
}
