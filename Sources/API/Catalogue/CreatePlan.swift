/// Request of CreatePlan.
package struct CreatePlanRequest: Message {
  package static var name: String { "packd.v1.CreatePlanRequest" }

  package var plan: Plan?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &plan)
      case .length(2): requestID = try reader.string()
      case .varint(3): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, plan)
    sink.string(2, requestID)
    sink.bool(3, validateOnly)
  }
}

/// Response of CreatePlan.
package struct CreatePlanResponse: Message {
  package static var name: String { "packd.v1.CreatePlanResponse" }

  package var plan: Plan?

  package init() {}

  package init(plan: Plan?) {
    self.plan = plan
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &plan)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, plan)
  }
}
