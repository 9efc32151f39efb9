internal import ArgumentParser
internal import GRPC
internal import HTTP2

/// One flag per limit; the defaults stand in `HTTP2/Limits.swift` and `GRPC/CallLimits.swift`.
struct LimitOptions: ParsableArguments {
  @Option(help: "Open connections, in all.")
  var maxConnections: Int?
  @Option(help: "Open streams of one connection.")
  var maxConcurrentStreams: Int?
  @Option(help: "Calls of one connection whose handlers run, reset streams included.")
  var maxRunningHandlersPerConnection: Int?
  @Option(help: "Bytes of a request's header list, as RFC 9113 counts them.")
  var maxHeaderListBytes: Int?
  @Option(help: "Header fields of a request.")
  var maxHeaderFields: Int?
  @Option(help: "CONTINUATION frames of one header block.")
  var maxContinuationFrames: Int?
  @Option(help: "Entries of one SETTINGS frame.")
  var maxSettingsEntries: Int?
  @Option(help: "PING and SETTINGS acknowledgements that wait to be sent.")
  var maxOutboundAcks: Int?
  @Option(help: "Streams that a client may reset a second, in the long run.")
  var streamResetsPerSecond: Int?
  @Option(help: "Streams that a client may reset in one burst.")
  var streamResetBurst: Int?
  @Option(help: "Receive window of a stream.")
  var streamWindowBytes: Int?
  @Option(help: "Receive window of a connection.")
  var connectionWindowBytes: Int?
  @Option(help: "Bytes of unfinished requests of one connection.")
  var maxBufferedRequestBytesPerConnection: Int?
  @Option(help: "Output of a connection that may wait before its input stops.")
  var outputHighWaterBytes: Int?
  @Option(help: "Bytes of a request message.")
  var maxReceiveMessageBytes: Int?
  @Option(help: "Bytes of a response's trailers.")
  var maxTrailerBytes: Int?
  @Option(help: "Seconds for the preface and the first SETTINGS.")
  var handshakeTimeoutSeconds: Int?
  @Option(help: "Seconds for a header block, once it has begun.")
  var headerTimeoutSeconds: Int?
  @Option(help: "Seconds that waiting output may make no progress.")
  var outputStallTimeoutSeconds: Int?
  @Option(help: "Seconds that running calls get to finish in a drain.")
  var drainGraceSeconds: Int?

  func resolve(_ source: inout SettingSource) throws -> (Limits, CallLimits) {
    var http2 = Limits()
    var call = CallLimits()
    try resolveCounts(&source, &http2)
    try resolveBytes(&source, &http2, &call)
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
    try source.number(
      "stream-resets-per-second", streamResetsPerSecond, in: 1...1_000_000,
      &limits.streamResetsPerSecond)
    try source.number(
      "stream-reset-burst", streamResetBurst, in: 1...10_000_000, &limits.streamResetBurst)
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
      "output-high-water-bytes", outputHighWaterBytes, in: 1024...Int(Int32.max),
      &limits.outputHighWaterBytes)
    limits.outputLowWaterBytes = min(limits.outputLowWaterBytes, limits.outputHighWaterBytes)
    try source.number(
      "max-receive-message-bytes", maxReceiveMessageBytes, in: 1...Int(Int32.max),
      &call.maxReceiveMessageBytes)
    try source.number(
      "max-trailer-bytes", maxTrailerBytes, in: 256...1_048_576, &call.maxTrailerBytes)
  }
}
