/// Request of GetPlan.
package struct GetPlanRequest: Message {
  package static var name: String { "packd.v1.GetPlanRequest" }

  package enum PlanKey: Sendable, Equatable {
    case id(Int64)
    case code(String)
  }

  package var plan: PlanKey?
  /// From 1; 0 means the current one.
  package var version: Int32 = 0

  package init() {}

  package init(plan: PlanKey, version: Int32 = 0) {
    self.plan = plan
    self.version = version
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): plan = .id(try reader.int64())
      case .length(2): plan = .code(try reader.string())
      case .varint(3): version = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    switch plan {
    case .id(let id): sink.int64(1, always: id)
    case .code(let code): sink.string(2, always: code)
    case nil: break
    }
    sink.int32(3, version)
  }
}

/// Response of GetPlan.
package struct GetPlanResponse: Message {
  package static var name: String { "packd.v1.GetPlanResponse" }

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
