internal import GRPC
internal import HTTP2
internal import Services
internal import Storage

/// What /metrics shows; docs/operations.md explains it.
struct MetricsPage: Sendable {
  /// The names are OpenTelemetry's for RPC servers, as Prometheus spells them.
  private static let duration = "rpc_server_call_duration_seconds"
  private static let inFlight = "rpc_server_calls_in_flight"

  let server: ServerMetrics
  let connections: @Sendable () async -> ConnectionCounters
  let isStoreAvailable: @Sendable () -> Bool
  let sellers: @Sendable () async -> SellerCounts

  func render() async -> String {
    var page = MetricsText()
    add(await server.counts(), to: &page)
    page.add(await connections())
    page.family("packd_store_available", .gauge, "Whether the store answers.")
    page.sample("packd_store_available", isStoreAvailable() ? 1 : 0)
    page.add(await sellers(), at: .now())
    return page.text
  }

  private func add(_ counts: CallCounts, to page: inout MetricsText) {
    // As OpenTelemetry has it, unknown methods are one, or clients could make up any number.
    let names = server.methods.map { String($0.dropFirst()) } + ["_OTHER"]
    page.family(Self.inFlight, .gauge, "Calls that have begun and not ended.")
    for (method, name) in names.enumerated() {
      page.sample(Self.inFlight, counts.inFlight[method], [("rpc_method", name)])
    }
    page.family(Self.duration, .histogram, "From a call's headers to its status.")
    for (method, name) in names.enumerated() {
      for code in Status.Code.allCases {
        guard let histogram = counts.histogram(method, code) else { continue }
        let labels = [
          ("rpc_method", name), ("rpc_response_status_code", String(describing: code.name)),
        ]
        for (bound, count) in zip(CallCounts.bounds, histogram.cumulative) {
          page.sample(Self.duration + "_bucket", count, labels + [("le", bound.seconds)])
        }
        page.sample(Self.duration + "_bucket", histogram.count, labels + [("le", "+Inf")])
        page.sample(Self.duration + "_sum", histogram.seconds, labels)
        page.sample(Self.duration + "_count", histogram.count, labels)
      }
    }
  }
}
