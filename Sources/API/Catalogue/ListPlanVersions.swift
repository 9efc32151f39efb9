/// Request of ListPlanVersions.
package struct ListPlanVersionsRequest: Message {
  package static var name: String { "packd.v1.ListPlanVersionsRequest" }

  package var planID: Int64 = 0
  package var pageSize: Int32 = 0
  package var pageToken = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): planID = try reader.int64()
      case .varint(2): pageSize = try reader.int32()
      case .length(3): pageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, planID)
    sink.int32(2, pageSize)
    sink.string(3, pageToken)
  }
}

/// Response of ListPlanVersions.
package struct ListPlanVersionsResponse: Message {
  package static var name: String { "packd.v1.ListPlanVersionsResponse" }

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
