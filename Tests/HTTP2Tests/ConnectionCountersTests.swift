@testable internal import HTTP2
internal import Testing

@Suite struct ConnectionCountersTests {
  @Test("a connection is open from its begin to its end, whose limit is counted")
  func openAndClosed() {
    var counters = ConnectionCounters()
    for _ in 0..<3 { counters.opened() }
    counters.closed(.clientClosed)
    counters.closed(.exceeded(.pings))
    #expect(counters.connectionsOpen == 1)
    #expect(counters.connectionsClosed == [.clientClosed: 1, .exceeded(.pings): 1])
    #expect(counters.limitHits == [.pings: 1])
  }

  @Test("those of several loops add up")
  func sum() {
    var one = ConnectionCounters()
    one.opened()
    one.closed(.drained)
    one.hit(.headerList)
    one.streamsOpened = 1
    one.resetsReceived = 2
    one.resetsSent = 3
    one.bytesReceived = 4
    one.bytesSent = 5
    var sum = one
    sum += one
    #expect(sum.connectionsOpened == 2)
    #expect(sum.connectionsClosed == [.drained: 2])
    #expect(sum.limitHits == [.headerList: 2])
    #expect(
      [sum.streamsOpened, sum.resetsReceived, sum.resetsSent, sum.bytesReceived, sum.bytesSent]
        == [2, 4, 6, 8, 10])
  }
}
