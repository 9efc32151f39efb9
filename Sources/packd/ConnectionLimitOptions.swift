internal import ArgumentParser
internal import HTTP2

/// The flags of what bounds a connection's life and its floods; see ``LimitOptions``.
struct ConnectionLimitOptions: ParsableArguments {
  @Option(help: limit("Open connections of one address, or IPv6 /64.", \.maxConnectionsPerAddress))
  var maxConnectionsPerAddress: String?
  @Option(
    help: limit(
      "How often the header limits a block may hold before it ends the connection.",
      \.headerBombFactor))
  var headerBombFactor: String?
  @Option(help: limit("Frames of a connection that wait to be sent.", \.maxOutboundFrames))
  var maxOutboundFrames: String?
  @Option(
    help: limit(
      "Seconds whose worth of the following may come at once.", \.floodBurstSeconds))
  var floodBurstSeconds: String?
  @Option(help: limit("Streams that a client may reset a second.", \.streamResetsPerSecond))
  var streamResetsPerSecond: String?
  @Option(
    help: limit(
      "Streams a second that are reset for what the client sent.", \.provokedResetsPerSecond))
  var provokedResetsPerSecond: String?
  @Option(
    help: limit("Streams a second that are refused, being too many.", \.refusedStreamsPerSecond))
  var refusedStreamsPerSecond: String?
  @Option(
    help: limit(
      "Streams a second that are answered before their request ends.", \.earlyResponsesPerSecond))
  var earlyResponsesPerSecond: String?
  @Option(help: limit("Empty DATA frames a second.", \.emptyDataFramesPerSecond))
  var emptyDataFramesPerSecond: String?
  @Option(help: limit("DATA frames a second of under five bytes.", \.smallDataFramesPerSecond))
  var smallDataFramesPerSecond: String?
  @Option(help: limit("PING frames a second.", \.pingsPerSecond))
  var pingsPerSecond: String?
  @Option(help: limit("SETTINGS frames a second.", \.settingsPerSecond))
  var settingsPerSecond: String?
  @Option(
    help: limit(
      "PRIORITY, WINDOW_UPDATE and unknown frames a second.", \.controlFramesPerSecond))
  var controlFramesPerSecond: String?
  @Option(
    help: limit("Seconds of silence after which a PING asks; 0: never.", \.keepaliveTimeSeconds))
  var keepaliveTimeSeconds: String?
  @Option(help: limit("Seconds for the answer to that PING.", \.keepaliveTimeoutSeconds))
  var keepaliveTimeoutSeconds: String?
  @Option(
    help: limit(
      "Seconds between a silent client's PINGs.", \.keepaliveMinPingIntervalSeconds))
  var keepaliveMinPingIntervalSeconds: String?
  @Option(
    help: limit("Seconds without a call that end a connection; 0: none.", \.maxIdleSeconds))
  var maxIdleSeconds: String?
  @Option(help: limit("Seconds of a connection's life; 0: no end.", \.maxAgeSeconds))
  var maxAgeSeconds: String?
  @Option(
    help: limit("Seconds for the calls of a too old connection; 0: any.", \.maxAgeGraceSeconds))
  var maxAgeGraceSeconds: String?
  @Option(help: limit("Seconds for the answer to a drain's PING.", \.drainPingTimeoutSeconds))
  var drainPingTimeoutSeconds: String?
  @Option(help: limit("Milliseconds that a closed connection lingers.", \.lingerMilliseconds))
  var lingerMilliseconds: String?

  func resolve(_ source: inout SettingSource, _ limits: inout Limits) throws {
    let rate = 1...10_000_000
    let seconds = 0...315_360_000
    let bounds: [(String, String?, ClosedRange<Int>, WritableKeyPath<Limits, Int>)] = [
      (
        "max-connections-per-address", maxConnectionsPerAddress, 1...10_000_000,
        \.maxConnectionsPerAddress
      ),
      ("header-bomb-factor", headerBombFactor, 1...1_000, \.headerBombFactor),
      ("max-outbound-frames", maxOutboundFrames, 100...1_000_000, \.maxOutboundFrames),
      ("flood-burst-seconds", floodBurstSeconds, 1...100, \.floodBurstSeconds),
      ("stream-resets-per-second", streamResetsPerSecond, rate, \.streamResetsPerSecond),
      ("provoked-resets-per-second", provokedResetsPerSecond, rate, \.provokedResetsPerSecond),
      ("refused-streams-per-second", refusedStreamsPerSecond, rate, \.refusedStreamsPerSecond),
      ("early-responses-per-second", earlyResponsesPerSecond, rate, \.earlyResponsesPerSecond),
      (
        "empty-data-frames-per-second", emptyDataFramesPerSecond, rate,
        \.emptyDataFramesPerSecond
      ),
      (
        "small-data-frames-per-second", smallDataFramesPerSecond, rate,
        \.smallDataFramesPerSecond
      ),
      ("pings-per-second", pingsPerSecond, rate, \.pingsPerSecond),
      ("settings-per-second", settingsPerSecond, rate, \.settingsPerSecond),
      ("control-frames-per-second", controlFramesPerSecond, rate, \.controlFramesPerSecond),
      ("keepalive-time-seconds", keepaliveTimeSeconds, seconds, \.keepaliveTimeSeconds),
      (
        "keepalive-timeout-seconds", keepaliveTimeoutSeconds, 1...3600,
        \.keepaliveTimeoutSeconds
      ),
      (
        "keepalive-min-ping-interval-seconds", keepaliveMinPingIntervalSeconds, seconds,
        \.keepaliveMinPingIntervalSeconds
      ),
      ("max-idle-seconds", maxIdleSeconds, seconds, \.maxIdleSeconds),
      ("max-age-seconds", maxAgeSeconds, seconds, \.maxAgeSeconds),
      ("max-age-grace-seconds", maxAgeGraceSeconds, seconds, \.maxAgeGraceSeconds),
      (
        "drain-ping-timeout-seconds", drainPingTimeoutSeconds, 1...3600,
        \.drainPingTimeoutSeconds
      ),
      ("linger-milliseconds", lingerMilliseconds, 0...60_000, \.lingerMilliseconds),
    ]
    for (name, flag, range, path) in bounds {
      try source.number(name, flag, in: range, &limits[keyPath: path])
    }
  }
}
