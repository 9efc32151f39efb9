/// What a user may do. Set by the server.
package struct Entitlement: Message {
  package static var name: String { "packd.v1.Entitlement" }

  package var userID = ""
  package var purchaseID: Int64 = 0
  package var packageID: Int64 = 0
  package var endTime: Timestamp?
  package var listingsRemaining: Quota?
  package var features: [String] = []

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): userID = try reader.string()
      case .varint(2): purchaseID = try reader.int64()
      case .varint(3): packageID = try reader.int64()
      case .length(4): try reader.message(into: &endTime)
      case .length(5): try reader.message(into: &listingsRemaining)
      case .length(6): features.append(try reader.string())
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, userID)
    sink.int64(2, purchaseID)
    sink.int64(3, packageID)
    sink.message(4, endTime)
    sink.message(5, listingsRemaining)
    sink.strings(6, features)
  }
}
