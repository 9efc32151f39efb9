/// Request of UpdatePlan.
package struct UpdatePlanRequest: Message {
  package static var name: String { "packd.v1.UpdatePlanRequest" }

  package var plan: Plan?
  package var updateMask: FieldMask?
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &plan)
      case .length(2): try reader.message(into: &updateMask)
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, plan)
    sink.message(2, updateMask)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of UpdatePlan.
package struct UpdatePlanResponse: Message {
  package static var name: String { "packd.v1.UpdatePlanResponse" }

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
