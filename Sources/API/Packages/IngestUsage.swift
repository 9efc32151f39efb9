/// Request of IngestUsage, one for each event. The event's id does what a request_id does
/// elsewhere.
package struct IngestUsageRequest: Message {
  package static var name: String { "packd.v1.IngestUsageRequest" }

  package var event: UsageEvent?

  package init() {}

  package init(event: UsageEvent?) {
    self.event = event
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &event)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, event)
  }
}

/// Response of IngestUsage, one for each event. Set by the server.
package struct IngestUsageResponse: Message {
  package static var name: String { "packd.v1.IngestUsageResponse" }

  package var eventID = ""
  package var verdict = UsageVerdict.unspecified
  package var reason = ""
  package var message = ""

  package init() {}

  package init(eventID: String, verdict: UsageVerdict, reason: String = "", message: String = "") {
    self.eventID = eventID
    self.verdict = verdict
    self.reason = reason
    self.message = message
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): eventID = try reader.string()
      case .varint(2): verdict = try reader.enumeration()
      case .length(3): reason = try reader.string()
      case .length(4): message = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, eventID)
    sink.enumeration(2, verdict)
    sink.string(3, reason)
    sink.string(4, message)
  }
}
