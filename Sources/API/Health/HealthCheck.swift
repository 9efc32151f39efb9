/// Request of Check and of Watch.
package struct HealthCheckRequest: Message {
  package static var name: String { "grpc.health.v1.HealthCheckRequest" }

  /// Full name of a service; empty for the server as a whole.
  package var service = ""

  package init() {}

  package init(service: String) {
    self.service = service
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): service = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, service)
  }
}

/// Response of Check, and each message of Watch.
package struct HealthCheckResponse: Message {
  package static var name: String { "grpc.health.v1.HealthCheckResponse" }

  package var status = ServingStatus.unknown

  package init() {}

  package init(status: ServingStatus) {
    self.status = status
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): status = try reader.enumeration()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, status)
  }

  /// Whether calls are welcome.
  package struct ServingStatus: OpenEnum {
    package var rawValue: Int32

    package init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    package static var unknown: ServingStatus { ServingStatus(rawValue: 0) }
    package static var serving: ServingStatus { ServingStatus(rawValue: 1) }
    package static var notServing: ServingStatus { ServingStatus(rawValue: 2) }
    /// The service is not one of this server's; only Watch says so.
    package static var serviceUnknown: ServingStatus { ServingStatus(rawValue: 3) }
  }
}
