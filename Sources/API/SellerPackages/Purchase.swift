/// A seller package that a user bought. Set by the server.
package struct Purchase: Message {
  package static var name: String { "packd.v1.Purchase" }

  package var id: Int64 = 0
  package var userID = ""
  package var packageID: Int64 = 0
  package var packageName = ""
  package var startTime: Timestamp?
  package var endTime: Timestamp?
  package var isActive = false
  package var listingLimit: Quota?
  package var listingsUsed: Int64 = 0
  package var features: [String] = []
  package var transactionID = ""
  package var amountCharged: Money?
  package var credit: Money?
  package var paymentMethod = PaymentMethod.unspecified
  package var receiptNumber = ""
  package var etag = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): id = try reader.int64()
      case .length(2): userID = try reader.string()
      case .varint(3): packageID = try reader.int64()
      case .length(4): packageName = try reader.string()
      case .length(5): try reader.message(into: &startTime)
      case .length(6): try reader.message(into: &endTime)
      case .varint(7): isActive = try reader.bool()
      case .length(8): try reader.message(into: &listingLimit)
      case .varint(9): listingsUsed = try reader.int64()
      case .length(10): features.append(try reader.string())
      case .length(11): transactionID = try reader.string()
      case .length(12): try reader.message(into: &amountCharged)
      case .length(13): try reader.message(into: &credit)
      case .varint(14): paymentMethod = try reader.enumeration()
      case .length(15): receiptNumber = try reader.string()
      case .length(16): etag = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, id)
    sink.string(2, userID)
    sink.int64(3, packageID)
    sink.string(4, packageName)
    sink.message(5, startTime)
    sink.message(6, endTime)
    sink.bool(7, isActive)
    sink.message(8, listingLimit)
    sink.int64(9, listingsUsed)
    sink.strings(10, features)
    sink.string(11, transactionID)
    sink.message(12, amountCharged)
    sink.message(13, credit)
    sink.enumeration(14, paymentMethod)
    sink.string(15, receiptNumber)
    sink.string(16, etag)
  }
}
