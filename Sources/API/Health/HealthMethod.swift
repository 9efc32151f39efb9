/// The methods of the gRPC health checking protocol. They are for anyone.
package enum HealthMethod: CaseIterable, Sendable {
  case check
  case watch

  package static var service: String { "grpc.health.v1.Health" }

  /// As in the proto file: "Check".
  package var name: String {
    switch self {
    case .check: "Check"
    case .watch: "Watch"
    }
  }

  /// The `:path` of its calls.
  package var path: String { "/\(HealthMethod.service)/\(name)" }
}
