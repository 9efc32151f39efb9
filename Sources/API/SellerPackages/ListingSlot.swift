/// A slot that a listing takes. Set by the server.
package struct ListingSlot: Message {
  package static var name: String { "packd.v1.ListingSlot" }

  package var userID = ""
  package var listingID = ""
  package var state = ListingState.unspecified
  package var createTime: Timestamp?
  package var expireTime: Timestamp?

  package init() {}

  package init(
    userID: String, listingID: String, state: ListingState, createTime: Timestamp?,
    expireTime: Timestamp?
  ) {
    self.userID = userID
    self.listingID = listingID
    self.state = state
    self.createTime = createTime
    self.expireTime = expireTime
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): userID = try reader.string()
      case .length(2): listingID = try reader.string()
      case .varint(3): state = try reader.enumeration()
      case .length(4): try reader.message(into: &createTime)
      case .length(5): try reader.message(into: &expireTime)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, userID)
    sink.string(2, listingID)
    sink.enumeration(3, state)
    sink.message(4, createTime)
    sink.message(5, expireTime)
  }
}
