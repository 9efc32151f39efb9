internal import ArgumentParser
internal import GRPC
internal import HTTP2

/// What a limit bounds, and its default.
func limit<Value>(_ text: String, _ path: KeyPath<Limits, Value>) -> ArgumentHelp {
  ArgumentHelp("\(text) (default: \(Limits()[keyPath: path]))", valueName: "n")
}

private func callLimit<Value>(
  _ text: String, _ path: KeyPath<CallLimits, Value>
) -> ArgumentHelp {
  ArgumentHelp("\(text) (default: \(CallLimits()[keyPath: path]))", valueName: "n")
}

/// One flag per limit; the defaults stand in `HTTP2/Limits.swift` and `GRPC/CallLimits.swift`.
struct LimitOptions: ParsableArguments {
  @Option(help: limit("Open connections, in all.", \.maxConnections))
  var maxConnections: String?
  @Option(help: limit("Open streams of one connection.", \.maxConcurrentStreams))
  var maxConcurrentStreams: String?
  @Option(
    help: limit(
      "Calls of one connection whose handlers run, reset streams included.",
      \.maxRunningHandlersPerConnection))
  var maxRunningHandlersPerConnection: String?
  @Option(
    help: limit(
      "Bytes of a request's header list, as RFC 9113 counts them.", \.maxHeaderListBytes))
  var maxHeaderListBytes: String?
  @Option(help: limit("Header fields of a request.", \.maxHeaderFields))
  var maxHeaderFields: String?
  @Option(help: limit("CONTINUATION frames of one header block.", \.maxContinuationFrames))
  var maxContinuationFrames: String?
  @Option(help: limit("Entries of one SETTINGS frame.", \.maxSettingsEntries))
  var maxSettingsEntries: String?
  @Option(
    help: limit(
      "PING and SETTINGS acknowledgements that wait to be sent.", \.maxOutboundAcks))
  var maxOutboundAcks: String?
  @Option(help: limit("Receive window of a stream.", \.streamWindowBytes))
  var streamWindowBytes: String?
  @Option(help: limit("Receive window of a connection.", \.connectionWindowBytes))
  var connectionWindowBytes: String?
  @Option(
    help: limit(
      "Bytes of unfinished requests of one connection.", \.maxBufferedRequestBytesPerConnection))
  var maxBufferedRequestBytesPerConnection: String?
  @Option(
    help: limit(
      "Bytes of unfinished requests of all connections.", \.maxBufferedRequestBytes))
  var maxBufferedRequestBytes: String?
  @Option(
    help: limit(
      "Bytes of unread responses of one connection.", \.maxBufferedResponseBytesPerConnection))
  var maxBufferedResponseBytesPerConnection: String?
  @Option(
    help: limit(
      "Output of a connection that may wait before its input stops.", \.outputHighWaterBytes))
  var outputHighWaterBytes: String?
  @Option(
    help: limit(
      "Output that is left when its input goes on.", \.outputLowWaterBytes))
  var outputLowWaterBytes: String?
  @Option(
    help: limit(
      "Bytes that streaming calls of one connection may leave unread before its window closes.",
      \.maxUnreadRequestBytesPerConnection))
  var maxUnreadRequestBytesPerConnection: String?
  @Option(
    help: limit(
      "Output of a stream that may wait before its handler waits too.", \.maxStreamOutputBytes))
  var maxStreamOutputBytes: String?
  @Option(
    help: callLimit(
      "Bytes to which a message may inflate on its event loop.", \.maxInlineInflatedBytes))
  var maxInlineInflatedBytes: String?
  @Option(
    help: callLimit(
      "Messages of one event loop that are inflated on other threads at once.",
      \.maxInflationsPerEventLoop))
  var maxInflationsPerEventLoop: String?
  @Option(help: callLimit("Bytes of a request message.", \.maxReceiveMessageBytes))
  var maxReceiveMessageBytes: String?
  @Option(help: callLimit("Bytes of a response's trailers.", \.maxTrailerBytes))
  var maxTrailerBytes: String?
  @Option(
    help: limit("Seconds for TLS, the preface and the first SETTINGS.", \.handshakeTimeoutSeconds))
  var handshakeTimeoutSeconds: String?
  @Option(help: limit("Seconds for a header block, once it has begun.", \.headerTimeoutSeconds))
  var headerTimeoutSeconds: String?
  @Option(
    help: limit(
      "Seconds that waiting output may make no progress.", \.outputStallTimeoutSeconds))
  var outputStallTimeoutSeconds: String?
  @Option(help: limit("Seconds that running calls get to finish in a drain.", \.drainGraceSeconds))
  var drainGraceSeconds: String?
  @OptionGroup var connection: ConnectionLimitOptions

  func resolve(_ source: inout SettingSource) throws -> (Limits, CallLimits) {
    var http2 = Limits()
    var call = CallLimits()
    try resolveCounts(&source, &http2)
    try resolveBytes(&source, &http2, &call)
    try connection.resolve(&source, &http2)
    try source.number(
      "handshake-timeout-seconds", handshakeTimeoutSeconds, in: 1...3600,
      &http2.handshakeTimeoutSeconds)
    try source.number(
      "header-timeout-seconds", headerTimeoutSeconds, in: 1...3600, &http2.headerTimeoutSeconds)
    try source.number(
      "output-stall-timeout-seconds", outputStallTimeoutSeconds, in: 1...3600,
      &http2.outputStallTimeoutSeconds)
    try source.number(
      "drain-grace-seconds", drainGraceSeconds, in: 0...3600, &http2.drainGraceSeconds)
    return (http2, call)
  }

  private func resolveCounts(_ source: inout SettingSource, _ limits: inout Limits) throws {
    try source.number("max-connections", maxConnections, in: 1...10_000_000, &limits.maxConnections)
    try source.number(
      "max-concurrent-streams", maxConcurrentStreams, in: 1...100_000,
      &limits.maxConcurrentStreams)
    try source.number(
      "max-running-handlers-per-connection", maxRunningHandlersPerConnection, in: 1...1_000_000,
      &limits.maxRunningHandlersPerConnection)
    try source.number(
      "max-header-fields", maxHeaderFields, in: 10...10_000, &limits.maxHeaderFields)
    try source.number(
      "max-continuation-frames", maxContinuationFrames, in: 0...1_000,
      &limits.maxContinuationFrames)
    try source.number(
      "max-settings-entries", maxSettingsEntries, in: 1...1_000, &limits.maxSettingsEntries)
    try source.number(
      "max-outbound-acks", maxOutboundAcks, in: 1...100_000, &limits.maxOutboundAcks)
  }

  private func resolveBytes(
    _ source: inout SettingSource, _ limits: inout Limits, _ call: inout CallLimits
  ) throws {
    let window = 65_535...Int(Int32.max)
    try source.number(
      "max-header-list-bytes", maxHeaderListBytes, in: 1024...1_048_576,
      &limits.maxHeaderListBytes)
    try source.number(
      "stream-window-bytes", streamWindowBytes, in: window, &limits.streamWindowBytes)
    try source.number(
      "connection-window-bytes", connectionWindowBytes, in: window, &limits.connectionWindowBytes)
    try source.number(
      "max-buffered-request-bytes-per-connection", maxBufferedRequestBytesPerConnection,
      in: 1024...Int(Int32.max), &limits.maxBufferedRequestBytesPerConnection)
    try source.number(
      "max-buffered-request-bytes", maxBufferedRequestBytes, in: 1_048_576...(1 << 50),
      &limits.maxBufferedRequestBytes)
    try source.number(
      "max-buffered-response-bytes-per-connection", maxBufferedResponseBytesPerConnection,
      in: 1024...Int(Int32.max), &limits.maxBufferedResponseBytesPerConnection)
    try source.number(
      "output-high-water-bytes", outputHighWaterBytes, in: 1024...Int(Int32.max),
      &limits.outputHighWaterBytes)
    try source.number(
      "output-low-water-bytes", outputLowWaterBytes, in: 1...Int(Int32.max),
      &limits.outputLowWaterBytes)
    limits.outputLowWaterBytes = min(limits.outputLowWaterBytes, limits.outputHighWaterBytes)
    try source.number(
      "max-unread-request-bytes-per-connection", maxUnreadRequestBytesPerConnection,
      in: 65_535...Int(Int32.max), &limits.maxUnreadRequestBytesPerConnection)
    try source.number(
      "max-stream-output-bytes", maxStreamOutputBytes, in: 1024...Int(Int32.max),
      &limits.maxStreamOutputBytes)
    try source.number(
      "max-inline-inflated-bytes", maxInlineInflatedBytes, in: 0...Int(Int32.max),
      &call.maxInlineInflatedBytes)
    try source.number(
      "max-inflations-per-event-loop", maxInflationsPerEventLoop, in: 1...100_000,
      &call.maxInflationsPerEventLoop)
    try source.number(
      "max-receive-message-bytes", maxReceiveMessageBytes, in: 1...Int(Int32.max),
      &call.maxReceiveMessageBytes)
    try source.number(
      "max-trailer-bytes", maxTrailerBytes, in: 256...1_048_576, &call.maxTrailerBytes)
  }
}
