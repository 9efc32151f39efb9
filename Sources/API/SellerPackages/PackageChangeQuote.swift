/// What a purchase would cost and give. Set by the server.
package struct PackageChangeQuote: Message {
  package static var name: String { "packd.v1.PackageChangeQuote" }

  package var packageID: Int64 = 0
  package var currentPackageID: Int64 = 0
  package var price: Money?
  package var credit: Money?
  package var amountDue: Money?
  package var startTime: Timestamp?
  package var endTime: Timestamp?
  package var expireTime: Timestamp?
  package var quoteToken = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): packageID = try reader.int64()
      case .varint(2): currentPackageID = try reader.int64()
      case .length(3): try reader.message(into: &price)
      case .length(4): try reader.message(into: &credit)
      case .length(5): try reader.message(into: &amountDue)
      case .length(6): try reader.message(into: &startTime)
      case .length(7): try reader.message(into: &endTime)
      case .length(8): try reader.message(into: &expireTime)
      case .length(9): quoteToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, packageID)
    sink.int64(2, currentPackageID)
    sink.message(3, price)
    sink.message(4, credit)
    sink.message(5, amountDue)
    sink.message(6, startTime)
    sink.message(7, endTime)
    sink.message(8, expireTime)
    sink.string(9, quoteToken)
  }
}
