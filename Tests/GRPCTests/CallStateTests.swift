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
      #expect(state.open(kind) == !kind.takesOneRequest)
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
        #expect(try none.requestEnded(isTruncated: false) == .endMessages)
        try two.messageBegan()
        #expect(try two.requestEnded(isTruncated: false) == .endMessages)
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
    #expect(try state.requestEnded(isTruncated: false) == .endMessages)
    #expect(try state.requestEnded(isTruncated: false) == .ignore)
  }

  @Test("headers go once and before messages; one response is exactly one")
  func responses() {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      #expect(!state.sendMessage())
      #expect(state.sendHeaders() && !state.sendHeaders())
      #expect(state.owesResponse == kind.givesOneResponse)
      #expect(state.sendMessage())
      #expect(!state.owesResponse)
      #expect(state.sendMessage() == !kind.givesOneResponse)
      #expect(state.end() == .trailers)
    }
  }

  @Test("a status before anything was sent is trailers only")
  func trailersOnly() {
    var idle = CallState()
    #expect(idle.end() == .trailersOnly)
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      #expect(state.end() == .trailersOnly)
    }
  }

  @Test("after the end nothing more happens, and the stream's close cancels nothing")
  func done() throws {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      _ = state.end()
      #expect(state.isDone && !state.isOpen && !state.isServing)
      #expect(state.end() == .nothing)
      #expect(!state.sendHeaders() && !state.sendMessage())
      try state.messageBegan()
      #expect(try state.requestEnded(isTruncated: true) == .ignore)
      #expect(!state.open(kind))
      #expect(!state.closed())
    }
  }

  @Test("a stream that goes away cancels a call that is not done, and the next begins anew")
  func cancelled() {
    for kind in Method.Kind.allCases {
      var state = opened(kind)
      #expect(state.closed())
      #expect(state.isDone)
      state.reset()
      #expect(state.open(kind) == !kind.takesOneRequest)
    }
  }
}
