/// Request of GetReceipt.
package struct GetReceiptRequest: Message {
  package static var name: String { "packd.v1.GetReceiptRequest" }

  package var number = ""

  package init() {}

  package init(number: String) {
    self.number = number
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): number = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, number)
  }
}

/// Response of GetReceipt.
package struct GetReceiptResponse: Message {
  package static var name: String { "packd.v1.GetReceiptResponse" }

  package var receipt: Receipt?

  package init() {}

  package init(receipt: Receipt?) {
    self.receipt = receipt
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &receipt)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, receipt)
  }
}
