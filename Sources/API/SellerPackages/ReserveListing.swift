/// Request of ReserveListing.
package struct ReserveListingRequest: Message {
  package static var name: String { "packd.v1.ReserveListingRequest" }

  package var userID = ""
  package var listingID = ""
  package var ttl: DurationMessage?
  package var requestID = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): userID = try reader.string()
      case .length(2): listingID = try reader.string()
      case .length(3): try reader.message(into: &ttl)
      case .length(4): requestID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, userID)
    sink.string(2, listingID)
    sink.message(3, ttl)
    sink.string(4, requestID)
  }
}

/// Response of ReserveListing.
package struct ReserveListingResponse: Message {
  package static var name: String { "packd.v1.ReserveListingResponse" }

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
