/// Request of ReleaseListing.
package struct ReleaseListingRequest: Message {
  package static var name: String { "packd.v1.ReleaseListingRequest" }

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

/// Response of ReleaseListing.
package struct ReleaseListingResponse: Message {
  package static var name: String { "packd.v1.ReleaseListingResponse" }

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      try reader.skip(tag)
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {}
}
