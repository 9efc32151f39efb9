@testable internal import GRPC
internal import Testing

@Suite struct CallStateTests {
  private func opened(_ kind: Method.Kind) -> CallState {
    var state = CallState()
    _ = state.open(kind)
    return state
  }

  @Test("handlers start with the headers when requests stream, else with the whole request")
  func start() throws {
    for kind in Method.Kind.allCases {
      var state = CallState()
      let starts = state.open(kind)
      #expect(starts == !kind.takesOneRequest)
      #expect(state.isOpen)
      #expect(state.isServing == !kind.takesOneRequest)
      try state.messageBegan()
      let end = try state.requestEnded(isTruncated: false)
      #expect(end == (kind.takesOneRequest ? .serve : .endMessages))
      #expect(state.isServing)
    }
  }

  @Test("one request is exactly one; streams take any number")
  func requestCounts() throws {
    for kind in Method.Kind.allCases {
      var none = opened(kind)
      var two = opened(kind)
      try two.messageBegan()
      if kind.takesOneRequest {
        #expect(throws: CallState.Violation.noMessage) { try none.requestEnded(isTruncated: false) }
        #expect(throws: CallState.Violation.secondMessage) { try two.messageBegan() }
      } else {
        let ends = [
          try none.requestEnded(isTruncated: false), try two.requestEnded(isTruncated: false),
        ]
        #expect(ends == [.endMessages, .endMessages])
      }
    }
  }

  @Test("a request that ends within a message is a violation for every kind")
  func truncated() throws {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      #expect(throws: CallState.Violation.truncatedMessage) {
        try state.requestEnded(isTruncated: true)
      }
    }
  }

  @Test("the request ends once")
  func endsOnce() throws {
    var state = opened(.bidirectionalStreaming)
    let ends = [
      try state.requestEnded(isTruncated: false), try state.requestEnded(isTruncated: false),
    ]
    #expect(ends == [.endMessages, .ignore])
  }

  @Test("headers go once and before messages; one response is exactly one")
  func responses() {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      let early = state.sendMessage()
      let headers = [state.sendHeaders(), state.sendHeaders()]
      let owesFirst = state.owesResponse
      let messages = [state.sendMessage(), state.sendMessage()]
      #expect(!early)
      #expect(headers == [true, false])
      #expect(owesFirst == kind.givesOneResponse)
      #expect(!state.owesResponse)
      #expect(messages == [true, !kind.givesOneResponse])
      let end = state.end()
      #expect(end == .trailers)
    }
  }

  @Test("a status before anything was sent is trailers only")
  func trailersOnly() {
    var idle = CallState()
    let end = idle.end()
    #expect(end == .trailersOnly)
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      let end = state.end()
      #expect(end == .trailersOnly)
    }
  }

  @Test("after the end nothing more happens, and the stream's close cancels nothing")
  func done() throws {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      _ = state.end()
      #expect(state.isDone && !state.isOpen && !state.isServing)
      let sent = [state.sendHeaders(), state.sendMessage(), state.open(kind), state.closed()]
      #expect(sent == [false, false, false, false])
      try state.messageBegan()
      let requestEnd = try state.requestEnded(isTruncated: true)
      #expect(requestEnd == .ignore)
      let end = state.end()
      #expect(end == .nothing)
    }
  }

  @Test("a stream that goes away cancels a call that is not done, and the next begins anew")
  func cancelled() {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      let wasCancelled = state.closed()
      #expect(wasCancelled && state.isDone)
      state.reset()
      let starts = state.open(kind)
      #expect(starts == !kind.takesOneRequest)
    }
  }
}
