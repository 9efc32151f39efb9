/// Request of ListActivePlans.
package struct ListActivePlansRequest: Message {
  package static var name: String { "packd.v1.ListActivePlansRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var kind = PlanKind.unspecified
  package var orderBy = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      case .varint(3): kind = try reader.enumeration()
      case .length(4): orderBy = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
    sink.enumeration(3, kind)
    sink.string(4, orderBy)
  }
}

/// Response of ListActivePlans.
package struct ListActivePlansResponse: Message {
  package static var name: String { "packd.v1.ListActivePlansResponse" }

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
