internal import API
internal import GRPC

/// The gRPC health checking protocol.
struct HealthService: Sendable {
  let health: HealthStatus

  /// - Throws: `Status` NOT_FOUND.
  func check(_ request: HealthCheckRequest) throws -> HealthCheckResponse {
    guard let status = health.status(of: request.service) else {
      throw Status.detailed(
        .notFound, "The server has no such service", reason: "SERVICE_UNKNOWN")
    }
    return HealthCheckResponse(status: status)
  }

  /// Sends the status now and whenever it has changed, until the call is cancelled or the server
  /// drains.
  ///
  /// - Throws: what `send` throws, `CancellationError`, and in a drain `Status` UNAVAILABLE.
  func watch(
    _ request: HealthCheckRequest, send: (HealthCheckResponse) async throws -> Void
  ) async throws {
    var sent: HealthCheckResponse?
    for await _ in health.changes() {
      let status = health.status(of: request.service) ?? .serviceUnknown
      let response = HealthCheckResponse(status: status)
      if response != sent {
        try await send(response)
        sent = response
      }
    }
    try Task.checkCancellation()
    throw Status.serverStopping
  }
}
