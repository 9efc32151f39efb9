/// Request of ListUnresolvedPayments.
package struct ListUnresolvedPaymentsRequest: Message {
  package static var name: String { "packd.v1.ListUnresolvedPaymentsRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var userID = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      case .length(3): userID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
    sink.string(3, userID)
  }
}

/// Response of ListUnresolvedPayments.
package struct ListUnresolvedPaymentsResponse: Message {
  package static var name: String { "packd.v1.ListUnresolvedPaymentsResponse" }

  package var payments: [UnresolvedPayment] = []
  package var nextPageToken = ""

  package init() {}

  package init(payments: [UnresolvedPayment], nextPageToken: String = "") {
    self.payments = payments
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &payments)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, payments)
    sink.string(2, nextPageToken)
  }
}
