/// The one method of the gRPC server reflection protocol, under its two names, whose messages are
/// the same on the wire. It is for anyone.
package enum ReflectionMethod: CaseIterable, Sendable {
  case v1
  case v1alpha

  package var service: String {
    switch self {
    case .v1: "grpc.reflection.v1.ServerReflection"
    case .v1alpha: "grpc.reflection.v1alpha.ServerReflection"
    }
  }

  /// The `:path` of its calls.
  package var path: String { "/\(service)/ServerReflectionInfo" }
}
