/// Which limits the call would exceed.
package struct QuotaFailure: Message {
  package static var name: String { "google.rpc.QuotaFailure" }

  package var violations: [Violation] = []

  package init() {}

  package init(violations: [Violation]) {
    self.violations = violations
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &violations)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, violations)
  }

  /// One limit.
  package struct Violation: Message {
    package static var name: String { "google.rpc.QuotaFailure.Violation" }

    /// Whose limit it is.
    package var subject = ""
    /// A sentence for a person.
    package var description = ""
    package var apiService = ""
    package var quotaMetric = ""
    package var quotaID = ""
    package var quotaDimensions = StringMap()
    /// The limit in force.
    package var quotaValue: Int64 = 0
    /// The limit to come, when one is being rolled out; a proto3 `optional`.
    package var futureQuotaValue: Int64?

    package init() {}

    package init(subject: String, description: String) {
      self.subject = subject
      self.description = description
    }

    package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): subject = try reader.string()
        case .length(2): description = try reader.string()
        case .length(3): apiService = try reader.string()
        case .length(4): quotaMetric = try reader.string()
        case .length(5): quotaID = try reader.string()
        case .length(6): try reader.mapEntry(into: &quotaDimensions)
        case .varint(7): quotaValue = try reader.int64()
        case .varint(8): futureQuotaValue = try reader.int64()
        default: try reader.skip(tag)
        }
      }
    }

    package func write<Sink: WireSink>(to sink: inout Sink) {
      sink.string(1, subject)
      sink.string(2, description)
      sink.string(3, apiService)
      sink.string(4, quotaMetric)
      sink.string(5, quotaID)
      sink.map(6, quotaDimensions)
      sink.int64(7, quotaValue)
      if let futureQuotaValue { sink.int64(8, always: futureQuotaValue) }
    }
  }
}
