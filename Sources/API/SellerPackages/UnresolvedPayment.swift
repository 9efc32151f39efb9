/// A payment whose outcome is open, or a refund that is owed. Set by the server.
package struct UnresolvedPayment: Message {
  package static var name: String { "packd.v1.UnresolvedPayment" }

  package var intentID = ""
  package var userID = ""
  package var packageID: Int64 = 0
  package var status = PaymentStatus.unspecified
  package var amount: Money?
  package var paymentMethod = PaymentMethod.unspecified
  package var cardBrand = ""
  package var cardLastFour = ""
  package var createTime: Timestamp?
  package var checkCount: Int32 = 0
  package var lastCheckTime: Timestamp?
  package var nextCheckTime: Timestamp?

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): intentID = try reader.string()
      case .length(2): userID = try reader.string()
      case .varint(3): packageID = try reader.int64()
      case .varint(4): status = try reader.enumeration()
      case .length(5): try reader.message(into: &amount)
      case .varint(6): paymentMethod = try reader.enumeration()
      case .length(7): cardBrand = try reader.string()
      case .length(8): cardLastFour = try reader.string()
      case .length(9): try reader.message(into: &createTime)
      case .varint(10): checkCount = try reader.int32()
      case .length(11): try reader.message(into: &lastCheckTime)
      case .length(12): try reader.message(into: &nextCheckTime)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, intentID)
    sink.string(2, userID)
    sink.int64(3, packageID)
    sink.enumeration(4, status)
    sink.message(5, amount)
    sink.enumeration(6, paymentMethod)
    sink.string(7, cardBrand)
    sink.string(8, cardLastFour)
    sink.message(9, createTime)
    sink.int32(10, checkCount)
    sink.message(11, lastCheckTime)
    sink.message(12, nextCheckTime)
  }
}
