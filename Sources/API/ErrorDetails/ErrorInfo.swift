/// Why a call failed, for programs.
package struct ErrorInfo: Message {
  package static var name: String { "google.rpc.ErrorInfo" }

  /// UPPER_SNAKE, constant for this cause.
  package var reason = ""
  /// What gives the reason its meaning: "packd.v1".
  package var domain = ""
  package var metadata = StringMap()

  package init() {}

  package init(reason: String, domain: String, metadata: StringMap = [:]) {
    self.reason = reason
    self.domain = domain
    self.metadata = metadata
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): reason = try reader.string()
      case .length(2): domain = try reader.string()
      case .length(3): try reader.mapEntry(into: &metadata)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, reason)
    sink.string(2, domain)
    sink.map(3, metadata)
  }
}
