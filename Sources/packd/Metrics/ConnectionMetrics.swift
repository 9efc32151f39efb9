internal import HTTP2

extension MetricsText {
  /// What has happened on connections. Limits that nobody has run into are shown with 0; reasons
  /// of connections' ends when there has been one.
  mutating func add(_ counters: ConnectionCounters) {
    family("packd_connections_open", .gauge, "Connections that are open.")
    sample("packd_connections_open", counters.connectionsOpen)
    let totals = [
      ("connections_opened", "Connections that have come.", counters.connectionsOpened),
      ("streams_opened", "Streams that clients have opened.", counters.streamsOpened),
      ("stream_resets_received", "Streams that clients have reset.", counters.resetsReceived),
      ("stream_resets_sent", "Streams that were reset or refused.", counters.resetsSent),
      ("received_bytes", "Bytes of HTTP/2 that have come.", counters.bytesReceived),
      ("sent_bytes", "Bytes of HTTP/2 that were sent.", counters.bytesSent),
    ]
    for (name, help, value) in totals {
      family("packd_\(name)_total", .counter, help)
      sample("packd_\(name)_total", value)
    }
    family("packd_connections_closed_total", .counter, "Connections that have ended.")
    for (reason, count) in counters.connectionsClosed.sorted(by: { $0.key.name < $1.key.name }) {
      sample("packd_connections_closed_total", count, [("reason", reason.name)])
    }
    family("packd_limit_hits_total", .counter, "How often a client has run into a limit.")
    for limit in LimitHit.allCases {
      sample("packd_limit_hits_total", counters.limitHits[limit] ?? 0, [("limit", limit.name)])
    }
  }
}
