/// Request of ListSellerPackages.
package struct ListSellerPackagesRequest: Message {
  package static var name: String { "packd.v1.ListSellerPackagesRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var showInactive = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      case .varint(3): showInactive = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
    sink.bool(3, showInactive)
  }
}

/// Response of ListSellerPackages.
package struct ListSellerPackagesResponse: Message {
  package static var name: String { "packd.v1.ListSellerPackagesResponse" }

  package var sellerPackages: [SellerPackage] = []
  package var nextPageToken = ""

  package init() {}

  package init(sellerPackages: [SellerPackage], nextPageToken: String = "") {
    self.sellerPackages = sellerPackages
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &sellerPackages)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, sellerPackages)
    sink.string(2, nextPageToken)
  }
}
