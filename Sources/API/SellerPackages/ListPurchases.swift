/// Request of ListPurchases.
package struct ListPurchasesRequest: Message {
  package static var name: String { "packd.v1.ListPurchasesRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var userID = ""
  package var packageID: Int64 = 0
  package var activeOnly = false
  package var startTimeFrom: Timestamp?
  package var startTimeUntil: Timestamp?

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      case .length(3): userID = try reader.string()
      case .varint(4): packageID = try reader.int64()
      case .varint(5): activeOnly = try reader.bool()
      case .length(6): try reader.message(into: &startTimeFrom)
      case .length(7): try reader.message(into: &startTimeUntil)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
    sink.string(3, userID)
    sink.int64(4, packageID)
    sink.bool(5, activeOnly)
    sink.message(6, startTimeFrom)
    sink.message(7, startTimeUntil)
  }
}

/// Response of ListPurchases.
package struct ListPurchasesResponse: Message {
  package static var name: String { "packd.v1.ListPurchasesResponse" }

  package var purchases: [Purchase] = []
  package var nextPageToken = ""

  package init() {}

  package init(purchases: [Purchase], nextPageToken: String = "") {
    self.purchases = purchases
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &purchases)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, purchases)
    sink.string(2, nextPageToken)
  }
}
