/// Request of CommitListing.
package struct CommitListingRequest: Message {
  package static var name: String { "packd.v1.CommitListingRequest" }

  package var userID = ""
  package var listingID = ""
  package var requestID = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): userID = try reader.string()
      case .length(2): listingID = try reader.string()
      case .length(3): requestID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, userID)
    sink.string(2, listingID)
    sink.string(3, requestID)
  }
}

/// Response of CommitListing.
package struct CommitListingResponse: Message {
  package static var name: String { "packd.v1.CommitListingResponse" }

  package var slot: ListingSlot?

  package init() {}

  package init(slot: ListingSlot?) {
    self.slot = slot
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &slot)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, slot)
  }
}
