/// What is left of a user's current package. Set by the server.
package struct SellerPackageStatus: Message {
  package static var name: String { "packd.v1.SellerPackageStatus" }

  package var purchaseID: Int64 = 0
  package var packageID: Int64 = 0
  package var packageName = ""
  package var startTime: Timestamp?
  package var endTime: Timestamp?
  package var daysLeft: Int32 = 0
  package var listingLimit: Quota?
  package var listingsUsed: Int64 = 0
  package var listingsRemaining: Quota?
  package var features: [String] = []

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): purchaseID = try reader.int64()
      case .varint(2): packageID = try reader.int64()
      case .length(3): packageName = try reader.string()
      case .length(4): try reader.message(into: &startTime)
      case .length(5): try reader.message(into: &endTime)
      case .varint(6): daysLeft = try reader.int32()
      case .length(7): try reader.message(into: &listingLimit)
      case .varint(8): listingsUsed = try reader.int64()
      case .length(9): try reader.message(into: &listingsRemaining)
      case .length(10): features.append(try reader.string())
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, purchaseID)
    sink.int64(2, packageID)
    sink.string(3, packageName)
    sink.message(4, startTime)
    sink.message(5, endTime)
    sink.int32(6, daysLeft)
    sink.message(7, listingLimit)
    sink.int64(8, listingsUsed)
    sink.message(9, listingsRemaining)
    sink.strings(10, features)
  }
}
