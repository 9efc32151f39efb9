/// Proof of a charge. Set by the server, never changed.
package struct Receipt: Message {
  package static var name: String { "packd.v1.Receipt" }

  package var number = ""
  package var userID = ""
  package var purchaseID: Int64 = 0
  package var packageID: Int64 = 0
  package var packageName = ""
  package var price: Money?
  package var credit: Money?
  package var amountCharged: Money?
  package var startTime: Timestamp?
  package var endTime: Timestamp?
  package var paymentMethod = PaymentMethod.unspecified
  package var cardBrand = ""
  package var cardLastFour = ""
  package var transactionID = ""
  package var issueTime: Timestamp?

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): number = try reader.string()
      case .length(2): userID = try reader.string()
      case .varint(3): purchaseID = try reader.int64()
      case .varint(4): packageID = try reader.int64()
      case .length(5): packageName = try reader.string()
      case .length(6): try reader.message(into: &price)
      case .length(7): try reader.message(into: &credit)
      case .length(8): try reader.message(into: &amountCharged)
      case .length(9): try reader.message(into: &startTime)
      case .length(10): try reader.message(into: &endTime)
      case .varint(11): paymentMethod = try reader.enumeration()
      case .length(12): cardBrand = try reader.string()
      case .length(13): cardLastFour = try reader.string()
      case .length(14): transactionID = try reader.string()
      case .length(15): try reader.message(into: &issueTime)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, number)
    sink.string(2, userID)
    sink.int64(3, purchaseID)
    sink.int64(4, packageID)
    sink.string(5, packageName)
    sink.message(6, price)
    sink.message(7, credit)
    sink.message(8, amountCharged)
    sink.message(9, startTime)
    sink.message(10, endTime)
    sink.enumeration(11, paymentMethod)
    sink.string(12, cardBrand)
    sink.string(13, cardLastFour)
    sink.string(14, transactionID)
    sink.message(15, issueTime)
  }
}
