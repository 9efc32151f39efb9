internal import HTTP2
internal import Testing

@Suite struct CloseReasonTests {
  private static let reasons: [CloseReason] =
    [
      .clientClosed, .drained, .maxIdle, .maxAge, .graceOver, .tlsRefused, .handshakeTimeout,
      .headerTimeout,
      .outputStalled, .keepaliveTimeout, .protocolError, .channelError, .internalError,
    ] + LimitHit.allCases.map { .exceeded($0) }

  @Test("each reason has a name of its own, that can be a metric's label")
  func names() {
    let names = Self.reasons.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(!name.isEmpty && name.allSatisfy { $0 == "_" || $0.isLowercase && $0.isASCII })
    }
  }

  @Test("a limit that ends a connection asks the client to be calm, an end in order does not")
  func errorCodes() {
    for limit in LimitHit.allCases {
      #expect(CloseReason.exceeded(limit).errorCode == .enhanceYourCalm)
    }
    for reason in Self.reasons where reason.isNormal { #expect(reason.errorCode == .noError) }
  }

  @Test("clients know the name of one of them")
  func tooManyPings() {
    #expect(CloseReason.exceeded(.keepalivePings).name == "too_many_pings")
  }
}
