/// Request of ListPlans.
package struct ListPlansRequest: Message {
  package static var name: String { "packd.v1.ListPlansRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var kind = PlanKind.unspecified
  package var activeOnly = false
  package var orderBy = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      case .varint(3): kind = try reader.enumeration()
      case .varint(4): activeOnly = try reader.bool()
      case .length(5): orderBy = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
    sink.enumeration(3, kind)
    sink.bool(4, activeOnly)
    sink.string(5, orderBy)
  }
}

/// Response of ListPlans.
package struct ListPlansResponse: Message {
  package static var name: String { "packd.v1.ListPlansResponse" }

  package var plans: [Plan] = []
  package var nextPageToken = ""

  package init() {}

  package init(plans: [Plan], nextPageToken: String = "") {
    self.plans = plans
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &plans)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, plans)
    sink.string(2, nextPageToken)
  }
}
